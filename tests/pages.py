"""Reads a page as the player does: its contents, and what its marks hold at each sample."""

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nnanim import Film
from nnanim.geometry import cell_middles
from nnanim.network.decision import Decision
from nnanim.page.arrays import read, unpacked
from nnanim.page.made import Made
from nnanim.page.traced import INPUT
from nnanim.rendering.pages import page_from
from nnanim.rendering.subject import look_for
from nnanim.types import Floats

_CONTENTS = re.compile(r'id="contents">(.*?)</script>', re.S)
_ARRAYS = re.compile(r'id="arrays">(.*?)</script>', re.S)


def made(film: Film, **options: Any) -> Made:
    """Return the page of a film, of all its frames."""
    return page_from(
        film, look_for(film.recording, (640, 360), None, False), film.timeline.times, **options
    )


@dataclass
class Page:
    """A page as it was read; `page` is the first of its pages."""

    told: dict[str, Any]
    buffer: bytes

    @classmethod
    def of(cls, content: bytes) -> "Page":
        """Return the page that a file holds."""
        text = content.decode()
        contents, arrays = _CONTENTS.search(text), _ARRAYS.search(text)
        assert contents is not None
        assert arrays is not None
        return cls(json.loads(unpacked(contents[1])), unpacked(arrays[1]))

    @property
    def page(self) -> dict[str, Any]:
        """The first of the pages."""
        found: dict[str, Any] = self.told["pages"][0]
        return found

    def array(self, ref: dict[str, Any]) -> Floats:
        """Return the array that a reference stands for."""
        return read(ref, self.buffer)

    def value(self, value: Any, k: int) -> Any:
        """Return a value at sample `k`."""
        if isinstance(value, dict) and "of" in value:
            return value["of"][int(self.array(value["which"])[k])]
        return self.array(value["sampled"])[k] if isinstance(value, dict) else value

    def source(self, source: dict[str, Any], k: int) -> Any:
        """Return at sample `k` an array, or a list of them where the source is of paths."""
        if "recipe" in source:
            return self.recipe(source, k)
        found = self._kept(source, k)
        return [np.concatenate([path, path[:1]]) for path in found] if "closed" in source else found

    def _kept(self, source: dict[str, Any], k: int) -> Any:
        if "constant" in source:
            return _parted(self.array(source["constant"]), source.get("lengths"))
        frame = int(self.array(source["frame"])[k])
        if "sampled" in source:
            return _parted(self.array(source["sampled"])[frame], source.get("lengths"))
        parts = {name: self.array(ref) for name, ref in source["ragged"].items()}
        first, last = parts["frames"][frame : frame + 2].astype(int)
        ends = parts["paths"][first : last + 1].astype(int)
        return [parts["points"][a:b] for a, b in pairwise(ends)]

    def recipe(self, recipe: dict[str, Any], k: int) -> Any:
        """Return what a recipe gives at sample `k`."""
        network = self.page["networks"][recipe["network"]]
        if recipe["recipe"] == "field":
            return self._field(network, recipe, k)
        if recipe["recipe"] == "data":
            inputs = self.array(network["data"]["inputs"])
            if "rows" in recipe:
                inputs = inputs[self.array(recipe["rows"]).astype(int)]
            return self._seen(network, recipe, inputs, k)
        if recipe["recipe"] == "lines":
            points = self.array(network["lines"]["points"])
            whole = _parted(points, network["lines"]["lengths"])
            lines = [whole[i] for i in recipe["lines"]]
        else:
            lines = self.source(network["boundary"], k)
        return [self._seen(network, recipe, line, k) for line in lines]

    def outputs(self, network: dict[str, Any], start: str, layer: str, x: Floats, k: int) -> Floats:
        """Return what a layer gives for what another, or the input, gives."""
        state = self.array(network["parameters"])[int(self.array(network["state"])[k])]
        rows = network["rows"]
        first = 0 if start == INPUT else rows[start] + 1
        last = -1 if layer == INPUT else rows[layer]
        for row in network["layers"][first : last + 1]:
            x = _through(row, state, x)
        return x

    def _seen(self, network: dict[str, Any], recipe: dict[str, Any], x: Floats, k: int) -> Floats:
        found = self.outputs(network, INPUT, recipe["layer"], x, k)
        return found[:, recipe["columns"]] if "columns" in recipe else found

    def _field(self, network: dict[str, Any], recipe: dict[str, Any], k: int) -> Floats:
        side = recipe["side"]
        cells = cell_middles(np.array(recipe["extent"]).reshape(2, 2), side[0])
        scores = self.outputs(network, recipe["from"], recipe["layer"], cells, k)
        told = network["decision"]
        decision = Decision(
            told["link"], np.array(told["direction"]), told["level"], told["low"], told["high"],
            told["outputs"],
        )  # fmt: skip
        probability = decision.probability(scores)
        if recipe["class"] < 0:
            return probability.reshape(side)
        classes, number = probability.shape[1], recipe["class"]
        sure = (probability[:, number] * classes - 1) / (classes - 1)
        return np.where(probability.argmax(axis=1) == number, sure, 0.0).reshape(side)


def present(mark: dict[str, Any], k: int) -> bool:
    """Return whether a mark is there at sample `k`."""
    return any(first <= k <= last for first, last in mark.get("shown", [[k, k]]))


def _parted(points: Floats, lengths: list[int] | None) -> Any:
    if lengths is None:
        return points
    return np.split(points, np.cumsum(lengths)[:-1]) if lengths else []


def _through(row: dict[str, Any], state: Floats, x: Floats) -> Floats:
    """Return what a layer gives for inputs (n, units)."""
    out, kind = row["out"], row["kind"]

    def part(name: str, count: int) -> Floats:
        return state[row[name] : row[name] + count]

    if kind == "Linear":
        bias = part("bias", out) if row["bias"] >= 0 else np.zeros(out)
        return x @ part("weight", out * row["in"]).reshape(out, row["in"]).T + bias
    if kind == "BatchNorm1d":
        unit = (x - part("mean", out)) / np.sqrt(part("variance", out) + row["eps"])
        return np.asarray(unit * part("weight", out) + part("bias", out))
    if kind == "Softplus":
        return np.asarray(np.logaddexp(0, x * row["beta"]) / row["beta"])
    if kind in ("ReLU", "LeakyReLU"):
        return np.asarray(np.where(x > 0, x, row.get("negative_slope", 0.0) * x))
    if kind == "Tanh":
        return np.asarray(np.tanh(x))
    return x if kind == "Identity" else np.asarray(1 / (1 + np.exp(-x)))
