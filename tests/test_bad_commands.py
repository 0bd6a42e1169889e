"""What cannot be asked on the command line is one clear line, and ends with 2."""

from collections.abc import Callable

import pytest

Nnanim = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]


SIZE = "expected 64 to 7680 pixels each way"
USAGE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no such scene": (
        ("render", "tinny.py"),
        (
            "unknown scene file 'tinny.py'",
            "expected needy.py | tiny.py | wide.py",
            "did you mean 'tiny.py'?",
        ),
    ),
    "no such folder": (
        ("render", "films/rings.py"),
        ("no scene file 'films/rings.py'", "`nnanim new rings` writes one"),
    ),
    "an empty folder": (
        ("render", "empty"),
        ("no scene file in empty", "expected .py files that define `scene`"),
    ),
    "a still of a folder": (("still", "empty"), ("empty is a folder", "made of one scene")),
    "no scenes to list": (
        ("list", "scenes"),
        ("no folder 'scenes'", "expected one that holds scenes", "`nnanim new rings`"),
    ),
    "no such command": (("rendr", "tiny.py"), ("No such command 'rendr'", "`nnanim --help`")),
    "no such option": (
        ("render", "tiny.py", "--sed", "1"),
        ("No such option", "--sed", "--seed", "`nnanim render --help`"),
    ),
    "no argument": (
        ("render",),
        ("Missing argument 'SCENE|RECORDING|FOLDER'", "`nnanim render --help`"),
    ),
    "unknown theme": (
        ("render", "tiny.py", "--theme", "lite"),
        ("unknown theme 'lite'", "dark | light | paper", "did you mean 'light'?"),
    ),
    "unknown theme of a still": (
        ("still", "tiny.py", "--theme", "lite"),
        ("unknown theme 'lite'", "dark | light | paper", "did you mean 'light'?"),
    ),
    "unknown format": (
        ("render", "tiny.py", "--format", "gi"),
        ("unknown format 'gi'", "expected mp4 | gif", "did you mean 'gif'?"),
    ),
    "unknown quality": (
        ("render", "tiny.py", "-q", "x"),
        ("'x' is not one of 'l', 'm', 'h'", "`nnanim render --help`"),
    ),
    "unknown suffix": (
        ("render", "tiny.py", "-o", "tiny.gfi"),
        ("unknown format of 'tiny.gfi' '.gfi'", "expected .mp4 | .gif", "did you mean '.gif'?"),
    ),
    "no suffix": (
        ("render", "tiny.py", "-o", "film"),
        ("unknown format of 'film' ''", "expected .mp4 | .gif"),
    ),
    "format against suffix": (
        ("render", "tiny.py", "-o", "tiny.mp4", "--format", "gif"),
        ("tiny.mp4 asks for mp4 but --format for gif", "leave one out"),
    ),
    "odd size": (
        ("render", "tiny.py", "-r", "127x73"),
        ("yuv420p", "an even width and height", "not 127x73", "use 128x74, --chroma 444, or"),
    ),
    "no size": (("render", "tiny.py", "-r", "0x0"), ("a size of 0x0", SIZE, "as 1280x720")),
    "one pixel": (("render", "tiny.py", "-r", "1x1"), ("a size of 1x1", SIZE, "as 1280x720")),
    "a huge size": (
        ("render", "tiny.py", "-r", "100000x100000"),
        ("a size of 100000x100000", SIZE, "as 1280x720"),
    ),
    "a huge still": (("still", "tiny.py", "-r", "9999x99"), ("a size of 9999x99", SIZE)),
    "a size of letters": (
        ("render", "tiny.py", "-r", "abc"),
        ("'abc': expected a width and a height, as 1280x720", "`nnanim render --help`"),
    ),
    "a size of raised digits": (
        ("render", "tiny.py", "-r", "12²x72"),
        ("'12²x72': expected a width and a height, as 1280x720",),
    ),
    "half a size": (
        ("render", "tiny.py", "-r", "128x"),
        ("'128x': expected a width and a height, as 1280x720",),
    ),
    "a negative size": (
        ("render", "tiny.py", "-r", "-128x72"),
        ("'-128x72': expected a width and a height, as 1280x720",),
    ),
    "negative seconds": (
        ("render", "tiny.py", "--seconds", "-1"),
        ("seconds=-1.0", "expected a number from 0.05 to 3600"),
    ),
    "no seconds": (
        ("render", "tiny.py", "--seconds", "0"),
        ("seconds=0.0", "expected a number from 0.05 to 3600"),
    ),
    "absurd seconds": (
        ("render", "tiny.py", "--seconds", "1e9"),
        ("seconds=1000000000.0", "expected a number from 0.05 to 3600"),
    ),
    "seconds that are no number": (
        ("render", "tiny.py", "--seconds", "nan"),
        ("seconds=nan", "expected a number from 0.05 to 3600"),
    ),
    "negative rate": (
        ("render", "tiny.py", "--fps", "-30"),
        ("fps=-30.0", "expected a number from 1 to 240"),
    ),
    "no rate": (
        ("render", "tiny.py", "--fps", "0"),
        ("fps=0.0", "expected a number from 1 to 240"),
    ),
    "absurd rate": (
        ("render", "tiny.py", "--fps", "1000"),
        ("fps=1000.0", "expected a number from 1 to 240"),
    ),
    "endless rate": (
        ("render", "tiny.py", "--fps", "inf"),
        ("fps=inf", "expected a number from 1 to 240"),
    ),
    "a rate of letters": (
        ("render", "tiny.py", "--fps", "fast"),
        ("'fast' is not a valid float", "`nnanim render --help`"),
    ),
    "a rate that no gif has": (
        ("render", "tiny.py", "-o", "tiny.gif", "--fps", "60"),
        ("a GIF cannot run at 60", "whole hundredths", "use one of 50, 33.33, 25"),
    ),
    "negative seed": (
        ("render", "tiny.py", "--seed", "-1"),
        ("Invalid value for '--seed'", "-1 is not in the range 0<=x"),
    ),
    "a seed beyond torch": (
        ("render", "tiny.py", "--seed", str(2**64)),
        ("Invalid value for '--seed'", "is not in the range 0<=x<=9223372036854775807"),
    ),
    "transparent mp4": (
        ("render", "tiny.py", "--theme", "transparent"),
        (
            "mp4 cannot be transparent",
            "use --format gif, webm, mov, webp, apng or png",
            "or the theme dark, light or paper",
        ),
    ),
    "a setting of a scene without": (
        ("render", "tiny.py", "--set", "bend=3"),
        (
            "tiny.py: unknown setting 'bend'",
            "expected dataset.… | model.…",
            "function scene(bend=…)",
        ),
    ),
    "a setting that the scene declares by a longer name": (
        ("render", "tiny.py", "--set", "lr=3"),
        ("tiny.py: unknown setting 'lr'", "did you mean 'training.lr'?"),
    ),
    "a setting that the scene has not": (
        ("render", "wide.py", "--set", "widht=3"),
        ("unknown parameter 'widht'", "expected width", "did you mean 'width'?"),
    ),
    "a setting without a value": (
        ("render", "wide.py", "--set", "width"),
        ("--set width: expected KEY=VALUE", "as --set width=3"),
    ),
    "a setting without a name": (
        ("still", "wide.py", "--set", "=3"),
        ("--set =3: expected KEY=VALUE", "as --set width=3"),
    ),
    "a setting that is needed": (
        ("render", "needy.py"),
        ("needy.py: scene() needs its parameter", "add --set width=VALUE"),
    ),
    "beyond the film": (
        ("still", "tiny.py", "--at", "2"),
        ("at=2", "expected a share of the film from 0 to 1", "as 0.5"),
    ),
    "nowhere in the film": (
        ("still", "tiny.py", "--at", "nan"),
        ("at=nan", "expected a share of the film from 0 to 1"),
    ),
    "beyond the training": (
        ("still", "tiny.py", "--epoch", "1000"),
        ("epoch=1000", "expected an epoch of the training, from 0 to 2"),
    ),
    "before the training": (
        ("still", "tiny.py", "--epoch", "-1"),
        ("epoch=-1", "expected an epoch of the training, from 0 to 2"),
    ),
    "two moments": (
        ("still", "tiny.py", "--at", "1", "--epoch", "1"),
        ("at=1 and epoch=1", "either at a share of the film or at an epoch", "leave one out"),
    ),
    "a still of another kind": (
        ("still", "tiny.py", "-o", "tiny.jpg"),
        ("a still is a .png, .svg or .pdf, not 'tiny.jpg'", "name it tiny.png"),
    ),
    "a new scene in an old file": (
        ("new", "tiny"),
        ("tiny.py exists already", "choose another name"),
    ),
    "a new scene of two words": (
        ("new", "my scene"),
        ("'my scene' cannot name a scene", "use letters, digits and _", "as my_rings"),
    ),
    "many films into one": (
        ("render", "many", "-o", "film.mp4"),
        ("-o film.mp4: for a folder of scenes", "expected a folder that exists"),
    ),
}


@pytest.mark.usefixtures("no_training", "workplace")
@pytest.mark.parametrize("name", USAGE)
def test_what_cannot_be_asked_is_refused_before_the_training(name: str, refused: Refused) -> None:
    """The exit code is 2, and no file is made."""
    arguments, says = USAGE[name]

    refused(*arguments, code=2, says=says)


def test_a_command_alone_shows_the_help(nnanim: Nnanim) -> None:
    """Nothing was asked: what can be asked goes to stderr."""
    code, out, err = nnanim()

    assert (code, out) == (2, "")
    assert "Usage: " in err
    assert "render" in err
