"""Words: all that nnanim itself writes into pictures, alt texts and pages, in several languages.

A scene takes a language, or words of its own in place of single ones, which are called by what they
are in English:

    scene = Scene(…, words="de")
    scene = Scene(…, words={"Input space": "Feature plane"})
    scene = Scene(…, words={"language": "de", "Input space": "Merkmalsebene"})

Each language is one file here: templates with {places}, of which a pair is one thing and several,
and the numbers that count as one. Titles, captions and names that an author gives are never looked
up.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from types import MappingProxyType

from nnanim.errors import SceneError, unknown
from nnanim.words import de, en, es, fr, ja, zh

Template = str | tuple[str, str]  # of one, and of several
Given = str | Mapping[str, Template]  # a language, or words by what they are in English

LANGUAGES: Mapping[str, tuple[Mapping[str, Template], tuple[int, ...]]] = MappingProxyType(
    {module.__name__.rpartition(".")[2]: (module.WORDS, module.ONE)
     for module in (en, de, fr, es, zh, ja)}
)  # fmt: skip
_LANGUAGE = "language"  # the key of a language among words
_PLACES = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, eq=False)
class Words:
    """What a picture says, called by what it is in English: `words("{n} regions", n=3)`."""

    language: str
    table: Mapping[str, Template]
    ones: tuple[int, ...]  # the numbers that take the first of a pair

    def __call__(self, text: str, /, **parts: str | int) -> str:
        """Return a text of the table with `parts` in its places; `n` says how many there are."""
        template = self.table[text]
        if isinstance(template, tuple):
            template = template[parts.get("n") not in self.ones]
        return template.format(**parts)

    def name(self, name: str) -> str:
        """Return a name of ours, as of a data set or its classes, or one not in the table as is."""
        return self(name) if name in self.table else name

    def number(self, digits: str) -> str:
        """Return a number, written as in English, as this language writes it."""
        return digits.replace(".", self("."))

    def percent(self, digits: str) -> str:
        """Return a number of percent: "95 %"."""
        return self("{number} %", number=self.number(digits))

    def listed(self, names: Sequence[str]) -> str:
        """Return names joined: "a and b"."""
        return reduce(lambda a, b: self("{a} and {b}", a=a, b=b), names) if names else ""


def words_from(given: Given) -> Words:
    """Return words, given as a language, or as single words in place of a language's own.

    Raises `SceneError` for a language or a word that there is not, and for one without the places
    of the word that it stands for.
    """
    if isinstance(given, str):
        return _language(given)
    if not isinstance(given, Mapping):
        raise SceneError(
            f"words={given!r:.80}: expected a language, {' | '.join(LANGUAGES)}, or words by what "
            'they are in English, as {"Input space": "Feature plane"}'
        )
    own = dict(given)
    language = own.pop(_LANGUAGE, "en")
    if not isinstance(language, str):
        raise SceneError(f"words: language={language!r:.80}: expected {' | '.join(LANGUAGES)}")
    words = _language(language)
    for text, template in own.items():
        _check(text, template)
    return Words(words.language, MappingProxyType({**words.table, **own}), words.ones)


def places(template: Template) -> set[str]:
    """Return the names of a template's places; of a pair, those of both."""
    parts = template if isinstance(template, tuple) else (template,)
    return {place for part in parts for place in _PLACES.findall(part)}


@cache
def _language(name: str) -> Words:
    if name not in LANGUAGES:
        raise SceneError(unknown("language of words", name, LANGUAGES))
    return Words(name, *LANGUAGES[name])


def _check(text: object, template: object) -> None:
    """Raise `SceneError` unless a template can stand for a text of the table."""
    if not isinstance(text, str) or text not in en.WORDS:
        raise SceneError(_no_word(text))
    counts = isinstance(en.WORDS[text], tuple)
    pair = isinstance(template, tuple) and len(template) == 2 and counts
    parts: tuple[object, ...] = template if pair and isinstance(template, tuple) else (template,)
    wanted = " and ".join(f"{{{place}}}" for place in sorted(places(text))) or "nothing in braces"
    for part in parts:
        rest = _PLACES.sub("", part) if isinstance(part, str) else "{"
        if "{" in rest or "}" in rest or places(str(part)) != places(text):
            pairs = ", or a pair of them, of one and of several" * counts
            raise SceneError(
                f"words: {text!r}: {template!r:.80}: expected a text with {wanted}{pairs}"
            )


def _no_word(text: object) -> str:
    """Return the message for a word that is not in the table; it is too long to be listed."""
    from difflib import get_close_matches

    lower = {known.lower(): known for known in (*en.WORDS, _LANGUAGE)}
    near = get_close_matches(str(text).lower(), lower, n=1, cutoff=0.4)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    return f"words: nnanim writes no {text!r:.80}: expected what it writes in English{hint}"
