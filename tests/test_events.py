"""Events: what happens in a training, found where it happens."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim import (
    Comparison,
    Film,
    NnanimError,
    Recording,
    Timeline,
    acts,
    events,
    models,
    record,
    render,
)
from nnanim.errors import SceneError
from nnanim.events import Event, event_in
from nnanim.film.separability import gap
from nnanim.film.tiles import film_of_tiles
from nnanim.marks import Lines
from nnanim.rendering.films import make_films
from nnanim.rendering.requests import Request
from nnanim.sheet.strip import Strip
from tests.recordings import FIT, NORMED, RINGS, fit_film

FORMS = {
    "accuracy 0.95": events.accuracy(0.95),
    "accuracy 1.0": events.accuracy(1),
    "loss 0.01": events.loss(0.01),
    "loss 1e-06": events.loss(1e-6),
    "boundary closes": events.closes(),
    "boundary opens": events.opens(),
    "unit 2 of hidden1 dies": events.dies("hidden1", 2),
    "plateau": events.plateau(),
    "probe 0.99 in body.2": events.probe("body.2", 0.99),
    "classes part in body.2": events.parts("body.2"),
    "accuracy 0.5, of width = 3, tanh": events.accuracy(0.5, of="width = 3, tanh"),
    "unit 0 of 1 dies, of a": events.dies("1", 0, of="a"),
}


@cache
def closing() -> Recording:
    """Return rings that three units come to enclose."""
    scene = replace(RINGS, training=replace(RINGS.training, epochs=30, trainer="auto"))
    return record(scene)


def backwards(recording: Recording) -> Recording:
    """Return a training that goes from its last state to its first."""
    states = {name: array[::-1].copy() for name, array in recording.states.items()}
    return replace(recording, states=states)


def dying() -> Recording:
    """Return a training whose unit 1 loses its bias evenly, until it is off for good."""
    scene = replace(
        RINGS,
        model=models.mlp(2, 3, 1, activation="relu", output="sigmoid"),
        training=replace(RINGS.training, epochs=4, snapshots="epochs"),
    )
    recording = record(scene)
    states = {
        name: np.repeat(a[:1], len(recording), axis=0) for name, a in recording.states.items()
    }
    states["hidden1.0.weight"][:, 1] = [1.0, 0.0]
    states["hidden1.0.bias"][:, 1] = 2.0 - recording.epochs
    return replace(recording, states=states)


@pytest.mark.parametrize("text", FORMS)
def test_an_event_is_its_text(text: str) -> None:
    """And the text the event."""
    assert str(FORMS[text]) == text
    assert event_in(text) == FORMS[text]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("acuracy 0.95", "did you mean 'accuracy 0.95'"),
        ("boundary close", "did you mean 'boundary closes'"),
        ("accuracy 1.5", "a share above 0 and up to 1"),
        ("accuracy -1", "unknown event"),
        ("plateau, of ", "unknown event"),
        ("loss 0", "a number above 0"),
        ("loss 1e999", "a number above 0"),
        ("loss nan", "unknown event"),
        ("", "unknown event ''"),
    ],
)
def test_a_text_that_is_no_event_is_refused(text: str, says: str) -> None:
    """With the nearest form."""
    with pytest.raises(SceneError, match=says):
        event_in(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: events.accuracy("much"),  # type: ignore[arg-type]
        lambda: events.accuracy(0.0),
        lambda: events.loss(True),
        lambda: events.dies("hidden1", -1),
        lambda: events.dies("hidden1", True),
        lambda: events.parts(""),
        lambda: events.closes(of=3),  # type: ignore[arg-type]
        lambda: events.closes(required="yes"),  # type: ignore[arg-type]
    ],
)
def test_an_event_that_is_none_is_refused(make: Any) -> None:
    """When it is made."""
    with pytest.raises(SceneError, match="expected"):
        make()


def test_accuracy_is_found_where_it_is_reached() -> None:
    """At the moment itself it is there, and just before it is not yet."""
    film = Film(closing())

    moment = film.happens(events.accuracy(0.9))

    assert moment is not None
    assert film.score(0.0) < 0.9
    assert film.score(moment) >= 0.9
    assert film.score(moment - 0.01) < 0.9
    assert film.happens("accuracy 0.9") == moment


def test_a_boundary_closes_and_opens() -> None:
    """Backwards, the same training opens what it had closed."""
    film, back = Film(closing()), Film(backwards(closing()))

    closed = film.happens(events.closes())
    opened = back.happens(events.opens())

    assert closed is not None
    assert opened is not None
    assert film.closed_boundary(closed)
    assert not film.closed_boundary(closed - 0.02)
    assert film.happens(events.opens()) is None
    assert back.happens(events.closes()) == 0.0
    assert not back.closed_boundary(opened)
    assert back.closed_boundary(opened - 0.02)


def test_a_unit_dies_where_no_sample_reaches_it_any_more() -> None:
    """One that is off for a while, or never, does not."""
    recording = dying()
    film = Film(recording)
    expected = 2.0 + float(recording.data.inputs[:, 0].max())

    assert film.happens(events.dies("hidden1", 1)) == pytest.approx(expected, abs=1e-3)
    assert film.happens(events.dies("hidden1", 0)) is None
    assert Film(backwards(recording)).happens(events.dies("hidden1", 1)) is None


def test_a_loss_is_found_where_it_falls_so_low() -> None:
    """At the moment itself it is there, and just before it is not yet; of a regression, too."""
    for film in (Film(closing()), fit_film()):
        level = float(np.quantile(film.history.loss, 0.4))

        moment = film.happens(events.loss(level))

        assert moment is not None
        assert film.loss(moment) <= level < film.loss(moment - 0.01)
        assert film.happens(events.loss(1e-30)) is None


def test_a_plateau_is_where_the_loss_comes_to_rest() -> None:
    """The first from which a tenth of the training brings under a hundredth of its whole fall."""
    film = Film(
        record(replace(RINGS, training=replace(RINGS.training, epochs=200, trainer="auto")))
    )

    moment = film.happens(events.plateau())

    assert moment is not None
    moments, loss = film.history.moments, np.minimum.accumulate(film.history.loss)

    def falls(at: float) -> float:
        return float(np.interp(at, moments, loss) - np.interp(at + 20, moments, loss))

    assert 10 < moment <= 180
    assert falls(moment) < 0.01 * (loss[0] - loss[-1])
    assert min(falls(float(m)) for m in moments[moments < moment]) >= 0.01 * (loss[0] - loss[-1])
    assert Film(backwards(film.recording)).happens(events.plateau()) is None


def test_classes_part_where_a_plane_comes_between_them() -> None:
    """In the first layer, whose three units lift the rings apart."""
    film = Film(record(replace(RINGS, training=replace(RINGS.training, epochs=60, trainer="auto"))))

    moment = film.happens(events.parts("hidden1"))

    assert moment is not None

    def apart(at: float) -> bool:
        points = film.points("hidden1", at)
        return gap(points[film.labels == 0], points[film.labels == 1], 2_000) > 0

    assert apart(moment)
    assert not apart(moment - 0.02)


def test_a_film_lists_what_has_happened() -> None:
    """Each with the moment that it has when it is asked for, in their order."""
    film = Film(closing())

    listed = film.events

    assert [each.moment for each in listed] == sorted(each.moment for each in listed)
    assert {each.event for each in listed} >= {events.accuracy(0.9), events.closes()}
    assert all(film.happens(each.event) == each.moment for each in listed)
    assert str(listed[0]) == f"{listed[0].event}, in epoch {listed[0].moment:.4g}"
    assert events.dies("hidden1", 0) not in {each.event for each in listed}
    assert {each.event for each in fit_film().events} <= {events.plateau()}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (events.accuracy(0.9), "nothing is classified, the task is regression"),
        (events.closes(), "classes over two inputs"),
        (events.opens(), "classes over two inputs"),
        (events.parts("hidden1"), "two classes"),
        (events.dies("hidden1", 0), "'hidden1' ends in Tanh"),
        (events.plateau(of="a"), "this film has one: leave of= out"),
    ],
    ids=str,
)
def test_what_cannot_happen_is_refused(event: Event, says: str) -> None:
    """In one line that says why."""
    with pytest.raises(NnanimError, match=says):
        fit_film().happens(event)


def test_layers_and_units_that_there_are_not_are_refused() -> None:
    """With those that there are."""
    film = Film(dying())

    with pytest.raises(NnanimError, match="units 0 to 2"):
        film.happens(events.dies("hidden1", 3))
    with pytest.raises(NnanimError, match="hidden9"):
        film.happens(events.parts("hidden9"))


@pytest.mark.slow
def test_side_by_side_an_event_is_the_named_ones_or_the_first() -> None:
    """On the clock of the picture; where one cannot come there, the others still can."""
    fast, slow = (
        closing(),
        record(
            replace(RINGS, training=replace(RINGS.training, epochs=30, lr=0.02, trainer="auto"))
        ),
    )
    parts = [slow, fast]
    film = film_of_tiles(Comparison(parts, names=["slow", "fast"]), parts, Timeline())
    moments = [tile.happens("accuracy 0.9") for tile in film.tiles]
    assert None not in moments
    assert moments[1] < moments[0], "the case is chosen so"  # type: ignore[operator]

    assert film.happens("accuracy 0.9") == moments[1]
    assert film.happens(events.accuracy(0.9, of="slow")) == moments[0]
    assert events.accuracy(0.9, of="slow") in {each.event for each in film.events}
    with pytest.raises(NnanimError, match=r"'slwo': expected slow \| fast; did you mean 'slow'"):
        film.happens(events.plateau(of="slwo"))


def test_on_the_clock_of_shares_moments_are_those_of_the_longest() -> None:
    """A short training's middle is the picture's middle."""
    long, short = closing(), record(RINGS)
    parts = [long, short]
    film = film_of_tiles(Comparison(parts, names=["long", "short"]), parts, Timeline())

    moment = film.happens(events.plateau(of="short")), film.tiles[1].happens("plateau")
    found = film.happens(events.accuracy(0.6, of="short"))
    own = film.tiles[1].happenings.moment(events.accuracy(0.6))

    assert own is not None
    assert found == pytest.approx(own * 30 / 8)
    assert (moment[0] is None) == (moment[1] is None)


def test_a_network_of_any_kind_has_events() -> None:
    """One with buffers that is no stack, too."""
    film = Film(record(NORMED))
    found: NDArray[Any] = np.array([each.moment for each in film.events])

    assert ((found >= 0) & (found <= 3)).all()
    assert Film(record(FIT)).happens("plateau") is None


# -- in a timeline ---------------------------------------------------------------------------------

LATE = events.accuracy(0.9)


def on(timeline: Timeline, recording: Recording | None = None) -> Film:
    """Return the film of the closing rings on a timeline."""
    return Film(recording or closing(), timeline=timeline)


def test_a_training_goes_on_to_an_event() -> None:
    """As to the epoch where it happens, whether it is given as a value or as its text."""
    moment = on(Timeline()).happens(LATE)
    assert moment is not None

    def times(to: Any) -> list[float]:
        film = on(Timeline(fps=10, acts=[acts.Train(to=to), acts.Hold(2.0), acts.Train()]))
        return [film.moment(t / 10) for t in range(120)]

    assert times(LATE) == times("accuracy 0.9") == times(moment)
    assert moment in times(LATE)


def test_a_film_pauses_at_an_event() -> None:
    """In the order of the moments, between pauses at epochs."""
    moment = on(Timeline()).happens(LATE)
    assert moment is not None
    pauses = {LATE: "Most are right", 2: "early", "boundary closes": "shut", 28.0: "late"}

    film = on(Timeline(seconds=20, pauses=pauses))

    shut = film.happens("boundary closes")
    assert shut is not None
    held = [
        (each.shown(film, each.begin).moment, each.act.caption)
        for each in film.acts
        if each.act.caption
    ]
    expected = [(2, "early"), (moment, "Most are right"), (shut, "shut"), (28.0, "late")]
    assert held == sorted(expected)


def test_an_event_that_does_not_happen_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """One line says so; a training to it goes on to the end."""
    never = events.opens()

    film = on(Timeline(seconds=10, pauses={never: "open", 3: "three"}))
    assert [each.act.caption for each in film.acts if each.act.caption] == ["three"]
    assert caplog.messages == [
        "the event 'boundary opens' does not happen: a pause at it is left out, an act that trains "
        "to it goes on to the end"
    ]
    film = on(Timeline(seconds=10, acts=[acts.Train(to=never), acts.Hold(1)]))
    assert film.moment(9.5) == 30.0


def test_of_several_films_one_line_says_what_does_not_happen(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They are of one training, whatever their clocks."""
    film = closing().with_(timeline=Timeline(seconds=1, pauses={"boundary opens": "open"}))

    make_films(film, [Request(tmp_path / f"a.{kind}", size=(128, 72)) for kind in ("gif", "webp")])

    assert [line[:26] for line in caplog.messages] == ["the event 'boundary opens'"]


def test_a_required_event_that_does_not_happen_is_refused() -> None:
    """After the training, when it is known; with the exit code of a scene that is not right."""
    timeline = Timeline(pauses={events.opens(required=True): "open"})

    with pytest.raises(SceneError, match="does not happen in the training, and is required") as e:
        on(timeline).moment(1.0)
    assert e.value.exit_code == 3


def test_what_cannot_happen_is_refused_before_the_training(tmp_path: Path) -> None:
    """Also what is required and may still happen is no error then."""
    fit = replace(FIT, timeline=Timeline(acts=[acts.Train(to=events.closes()), acts.Hold(1)]))
    steps: list[int] = []

    def told(stage: str, done: int, total: int) -> None:
        del stage, total
        steps.append(done)

    with pytest.raises(SceneError, match="'boundary closes' cannot happen here"):
        render(fit, tmp_path / "fit.mp4", size=(160, 90), cache=False, progress=told)
    assert steps == []
    needed = {events.accuracy(0.99, required=True): "all"}
    rings = replace(RINGS, timeline=Timeline(seconds=1, fps=10, pauses=needed))
    with pytest.raises(SceneError, match="is required"):
        render(rings, tmp_path / "rings.mp4", size=(160, 90), cache=False, progress=told)
    assert steps


@pytest.mark.parametrize("pauses", [{"closing": "x"}, {events.closes(): 3}, [("plateau",)]])
def test_pauses_at_what_is_no_event_are_refused(pauses: Any) -> None:
    """With what was expected."""
    with pytest.raises(SceneError, match="expected"):
        Timeline(pauses=pauses)


def test_the_strip_marks_the_events_that_a_film_names() -> None:
    """Each from its moment on; a film that names none has no marks."""
    film = on(Timeline(seconds=10, pauses={LATE: "Most are right", events.opens(): "never"}))
    moment = film.happens(LATE)
    assert moment is not None

    def strokes(film: Film, t: float) -> list[float]:
        (marks,) = Strip().marks(film, t)
        lines = [mark for mark in marks if isinstance(mark, Lines) and mark.color == "ink"]
        paths = [path for mark in lines for path in mark.paths]
        return [float(path[0, 0]) for path in paths if path[0, 0] == path[-1, 0]]  # upright ones

    at = film.time_at(moment)
    assert strokes(film, at - 0.2) == []
    assert strokes(film, at + 0.1) == [moment]
    assert strokes(on(Timeline()), 12.0) == []
