"""A network held at a moment with weights turned by hand, and trained on from there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Scene, Timeline, Training, datasets, models, record, views
from nnanim.errors import SceneError, UsageError
from nnanim.scene.files import ran
from nnanim.studio import filming, holding
from nnanim.studio.filming import Contenting
from nnanim.studio.holding import Trainings, held_in
from nnanim.studio.writing import written
from nnanim.views.handles import handles_of

SCENE = Scene(
    dataset=datasets.rings(n=40, noise=0.04),
    model=models.mlp(2, 3, 2, 1, activation="tanh", output="sigmoid"),
    training=Training(epochs=4, batch_size=8, lr=0.1),
    views=[views.Network(), views.Weights(), views.HiddenSpace()],
)
WEIGHT = ["hidden1.0", 2, 1, 3.0]


def nobody(*_: Any) -> None:
    """Hear of a film, or of how far it is."""


def filmed(trainings: Trainings, **asked: Any) -> Film:
    """Return the film of the scene as it is asked for."""
    return trainings.film(SCENE, {"knobs": {}, **asked}, nobody, nobody)


def hand(moment: float, *weights: Any) -> dict[str, Any]:
    """Return weights that are turned at a moment."""
    return {"moment": moment, "weights": list(weights)}


def test_a_held_network_is_that_of_its_moment_but_for_what_was_turned() -> None:
    """It stands still at that epoch for the whole film, and its title says so."""
    trainings = Trainings()
    plain = filmed(trainings)
    held = filmed(trainings, hands=[hand(2.5, WEIGHT)], held=True)

    expected = {name: np.array(value) for name, value in plain.state(2.5).items()}
    expected["hidden1.0.weight"][2, 1] = 3.0
    for t in (0.0, 3.0, held.timeline.seconds):
        assert held.moment(t) == 2.5
        for name, value in held.state(held.moment(t)).items():
            assert np.array_equal(value, expected[name])
    assert held.header.title == f"{plain.header.title} (held)"


def test_a_held_network_has_no_test_loss_of_another() -> None:
    """One that a function told of the training's own networks is not that of the turned one."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2)).astype(np.float32)
    scene = Scene(
        dataset=datasets.from_arrays(x, x[:, :1], test_share=0.25, task="regression"),
        model=models.mlp(2, 3, 1, activation="tanh"),
        training=Training(epochs=2, loss=lambda given, y: (given - y).abs().mean()),
    )
    film = Film(record(scene))

    assert film.test_losses is not None
    assert held_in(film, hand(1.0, WEIGHT)).test_losses is None


def test_a_held_network_is_soon_told_as_a_whole() -> None:
    """It stands still: few samples of its film are taken, so that a wheel that goes on is quick."""
    trainings = Trainings()

    def samples(film: Film) -> int:
        def told(stage: str, done: int, total: int) -> None:
            raise RuntimeError(stage, done, total)

        with pytest.raises(RuntimeError) as begun:
            Contenting(film, SCENE).whole(told)
        stage, _, total = begun.value.args
        assert stage == "frames"
        return int(total)

    assert samples(filmed(trainings)) > 100
    assert samples(filmed(trainings, hands=[hand(2.5, WEIGHT)], held=True)) < 50


def test_a_training_is_resumed_from_the_turned_weights() -> None:
    """It begins with them, runs as long as the scene says, and a hand can be laid on it again."""
    trainings = Trainings()
    held = filmed(trainings, hands=[hand(2.5, WEIGHT)], held=True)
    resumed = filmed(trainings, hands=[hand(2.5, WEIGHT)])
    again = filmed(trainings, hands=[hand(2.5, WEIGHT), hand(1.0)])

    for name, value in held.state(0.0).items():
        assert np.array_equal(resumed.state(0.0)[name], value)
        assert np.array_equal(again.state(0.0)[name], resumed.state(1.0)[name])
    assert resumed.epochs == 4
    first, last = (resumed.state(m)["hidden1.0.weight"] for m in (0.0, 4.0))
    assert not np.array_equal(first, last)
    assert resumed.header.title.endswith("(resumed)")


def test_a_hand_is_laid_on_the_training_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turning a weight trains nothing; another setting does."""
    trained: list[object] = []

    def counted(*given: Any) -> Film:
        trained.append(given)
        return film(*given)

    film = filming.filmed
    monkeypatch.setattr(holding, "filmed", counted)
    trainings = Trainings()
    filmed(trainings)
    for value in (1.0, 2.0):
        filmed(trainings, hands=[hand(2.5, ["hidden1.0", 0, 0, value])], held=True)
    assert len(trained) == 1
    filmed(trainings, hands=[hand(2.5, WEIGHT)], held=True, painting={})
    assert len(trained) == 2


def test_another_clock_changes_no_panel() -> None:
    """Whichever clock is asked first, the legend of the classes is there or not."""
    film = filmed(Trainings())
    other = film.on(Timeline(seconds=3))

    assert views.InputSpace().panels(other) == views.InputSpace().panels(film)


@pytest.mark.parametrize("weight", [["hidden1.0", 3, 0, 1.0], ["hidden1.0", 0, 2, 1.0],
                                    ["hidden1", 0, 0, 1.0], ["hidden1.0.bias", 0, 0, 1.0],
                                    ["__class__", 0, 0, 1.0]])  # fmt: skip
def test_a_weight_that_is_not_there_is_refused(weight: list[Any]) -> None:
    """With what there is."""
    with pytest.raises(SceneError, match="has no weight"):
        filmed(Trainings(), hands=[hand(1.0, weight)], held=True)


def test_handles_lie_where_units_and_weights_are_drawn() -> None:
    """One for each hidden unit and each weight, whose place is that of its value."""
    film = filmed(Trainings())
    network, weights = (handles_of(view, film, n) for view, n in
                        ((views.Network(), 1), (views.Weights(), 3)))  # fmt: skip
    assert len(network[0]) == 5 + 14
    assert [len(panel) for panel in weights] == [6, 6, 2]
    message = Contenting(film, SCENE).at(0.0, 0.0, nobody)
    told = message.told["handles"]
    state, stack = film.state(0.0), film.network.stack
    assert stack is not None
    flat = stack.flat(state, np.float32)[0]
    for handle in [each for panel in told for each in panel if "source" in each]:
        value = state[f"{handle['layer']}.weight"][handle["unit"], handle["source"]]
        assert flat[handle["place"]] == value
    cells = views.Weights().marks(film, 0.0)[0][0]
    for cell, handle in zip(cells.paths, weights[0], strict=True):  # type: ignore[union-attr]
        assert np.array_equal(cell, handle.outline)


def test_what_was_done_by_hand_is_in_a_film_alone(tmp_path: Path) -> None:
    """In no command and no scene; of a held network there is no film."""
    file = tmp_path / "own.py"
    file.write_text(
        "from nnanim import Scene, Training, datasets, models\n"
        "scene = Scene(dataset=datasets.rings(n=40), model=models.mlp(2, 2, 1, output='sigmoid'),\n"
        "              training=Training(epochs=1, batch_size=8))\n"
    )
    scene, hands = ran(file), [hand(1.0, ["hidden1.0", 0, 0, 2.0])]
    asked = {"knobs": {}, "share": 1.0, "hands": hands}
    for kind in ("scene", "command"):
        with pytest.raises(UsageError, match="by hand are in no"):
            written({**asked, "kind": kind}, scene, nobody)
    with pytest.raises(UsageError, match="held network has no film"):
        written({**asked, "kind": "film", "held": True}, scene, nobody)
    assert written({**asked, "kind": "still"}, scene, nobody)["path"] == str(tmp_path / "own_1.png")
