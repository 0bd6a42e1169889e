"""Layer: what is looked at of a network, a module's output or one row of units out of it."""

import re
from typing import Literal

from nnanim.errors import SceneError, unknown

_PARTS = ("output", "time", "pixel", "flat")
_TEXT = re.compile(rf"(?P<module>.+)\[(?P<parts>(?:{'|'.join(_PARTS)})\b[^\[\]]*)\]", re.DOTALL)


class Layer(str):
    """What is looked at: the output of the module `name` of torch's `named_modules()`.

    A plain string means `Layer(name)`. Where a module gives more than a row of units for each
    sample, one is picked: `output` is the index or key among several outputs, `time` the step of a
    sequence (n, steps, units), counted from 0 and -1 the last, or "mean", that over all of them;
    `pixel` the (row, column) of pictures (n, channels, height, width), or "mean", that of each
    channel; `flat` takes all numbers one after another. torch's recurrent layers are looked at in
    their first output at each sample's last step where nothing else is said; of a packed sequence
    steps count within each sample. Of their states h and c, outputs 1 and 2, `time` is the layer.

    It is the text that names it in a recording and on a command line, as "lstm[time=mean]". Raises
    `SceneError` for what is none of that.
    """

    __slots__ = ()

    def __new__(
        cls,
        name: str,
        *,
        output: int | str | None = None,
        time: int | Literal["mean"] | None = None,
        pixel: tuple[int, int] | Literal["mean"] | None = None,
        flat: bool = False,
    ) -> "Layer":
        if not isinstance(name, str) or not name:
            raise SceneError(f"Layer({name!r}): expected the name of a module, as 'hidden1'")
        if output is not None and (isinstance(output, bool) or not isinstance(output, int | str)):
            raise SceneError(f"Layer(output={output!r}): expected an index or a key, as output=0")
        if time is not None and time != "mean" and (type(time) is not int):
            raise SceneError(f'Layer(time={time!r}): expected a step, as -1, or "mean"')
        if pixel is not None and pixel != "mean" and not _is_place(pixel):
            raise SceneError(f'Layer(pixel={pixel!r}): expected (row, column), or "mean"')
        ways = [k for k, way in {"time": time, "pixel": pixel}.items() if way is not None]
        if len(ways := [*ways, *["flat"] * bool(flat)]) > 1:
            raise SceneError(f"Layer({name!r}) is given {' and '.join(ways)}: expected one of them")
        place = pixel if pixel is None or isinstance(pixel, str) else "{}x{}".format(*pixel)
        said = {"output": output, "time": time, "pixel": place}
        parts = [f"{key}={value}" for key, value in said.items() if value is not None]
        parts += ["flat"] * bool(flat)
        return str.__new__(cls, f"{name}[{','.join(parts)}]" if parts else name)

    @classmethod
    def of(cls, text: str) -> "Layer":
        """Return the layer that a text names: a module, or one with what is picked of it."""
        found = _TEXT.fullmatch(text)
        if found is None:
            return str.__new__(cls, text)
        given: dict[str, str] = {}
        for part in found["parts"].split(","):
            key, _, value = part.strip().partition("=")
            if key not in _PARTS:
                raise SceneError(f"layer {text!r}: {unknown('part', key, _PARTS)}")
            given[key] = value
        row, _, column = given.get("pixel", "").partition("x")
        at = (_number(row), _number(column)) if column else given.get("pixel")
        return cls(
            found["module"],
            output=_number(given["output"]) if "output" in given else None,
            time=_number(given["time"]) if "time" in given else None,  # type: ignore[arg-type]
            pixel=at,  # type: ignore[arg-type]
            flat="flat" in given,
        )

    def __repr__(self) -> str:
        return f"Layer({str(self)!r})"

    @property
    def module(self) -> str:
        """The module's name alone."""
        found = _TEXT.fullmatch(self)
        return found["module"] if found else str(self)

    @property
    def picks(self) -> dict[str, str]:
        """What is picked of what the module gives, by "output", "time", "pixel" and "flat"."""
        found = _TEXT.fullmatch(self)
        parts = found["parts"].split(",") if found else []
        return dict((*part.partition("=")[::2],) for part in parts)


def _is_place(value: object) -> bool:
    return (
        isinstance(value, tuple | list) and len(value) == 2 and all(type(k) is int for k in value)
    )


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?\d+", text) else text
