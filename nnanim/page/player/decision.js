// Decision: what a classifier's scores mean, as `nnanim.network.decision` reads them.

/** @typedef {import("./network.js").Units} Units */

/**
 * How scores become a decision: for two classes their sum along `direction` is compared with
 * `level`; for more the largest wins, and `direction` is empty.
 * @typedef {{link: string, outputs: string, direction: number[], level: number, low: number,
 *   high: number}} Decision
 */

/**
 * Return what a link makes of a score.
 * @param {string} link
 * @param {number} score
 * @returns {number}
 */
function linked(link, score) {
  if (link === "sigmoid") return 1 / (1 + Math.exp(-score));
  return link === "tanh" ? Math.tanh(score) : score;
}

/**
 * Return the probability that an output alone means.
 * @param {Decision} decision
 * @param {number} output
 * @returns {number}
 */
function alone({ outputs, low, high }, output) {
  if (outputs === "logits") return linked("sigmoid", output);
  if (outputs === "log_probabilities") return Math.exp(Math.min(output, 0));
  if (outputs === "probabilities") return output;
  const [from, to] = outputs === "signs" ? [-1, 1] : [low, high];
  return (output - from) / Math.max(to - from, 1e-30);
}

/**
 * Return a probability that rounding, or a network of values, may have led beyond its ends.
 * @param {number} share
 * @returns {number}
 */
function within(share) {
  return Math.min(Math.max(share, 0), 1);
}

/**
 * Return the probability of the second of two classes, from the one score that there is.
 * @param {Decision} decision
 * @param {number} score
 * @returns {number}
 */
function ofOne(decision, score) {
  return within(alone(decision, linked(decision.link, score * decision.direction[0])));
}

/**
 * Return the probability of each class for one sample; of two classes, of both.
 * @param {Decision} decision
 * @param {number[]} scores
 * @returns {number[]}
 */
export function probabilities(decision, scores) {
  const { link, outputs } = decision;
  if (scores.length === 1) {
    const share = ofOne(decision, scores[0]);
    return [1 - share, share];
  }
  let each;
  if (outputs === "logits" || link === "softmax" || link === "log_softmax") {
    const highest = Math.max(...scores);
    each = scores.map((score) => Math.exp(score - highest));
  } else {
    each = scores.map((score) => within(alone(decision, linked(link, score))));
  }
  const total = each.reduce((sum, share) => sum + share, 0);
  return each.map((share) => (total > 0 ? share / total : 1 / each.length));
}

/**
 * Return which class is decided for one sample.
 * @param {Decision} decision
 * @param {number[]} scores
 * @returns {number}
 */
export function decided({ direction, level }, scores) {
  if (direction.length === 0) return scores.indexOf(Math.max(...scores));
  const margin = scores.reduce((sum, score, k) => sum + score * direction[k], 0);
  return margin > level ? 1 : 0;
}

/**
 * Return the field that is tinted, from scores: for two classes the probability of the second,
 * else how sure the network is of one class where it decides for that, from 0 to 1.
 * @param {Decision} decision
 * @param {Units} scores
 * @param {number} chosen  which class; -1 for the field that two have
 * @returns {Float32Array}
 */
export function tint(decision, scores, chosen) {
  if (scores.length === 1) return scores[0].map((score) => ofOne(decision, score));
  const each = new Array(scores.length);
  return scores[0].map((_, i) => {
    for (let k = 0; k < each.length; k++) each[k] = scores[k][i];
    const shares = probabilities(decision, each);
    if (chosen < 0) return shares[1];
    const winner = shares.indexOf(Math.max(...shares));
    const sure = (shares[chosen] * shares.length - 1) / (shares.length - 1);
    return winner === chosen ? Math.min(Math.max(sure, 0), 1) : 0;
  });
}
