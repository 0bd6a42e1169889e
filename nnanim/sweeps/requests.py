"""Requests: what of a sweep or a map travels to whoever trains a block, and what comes back.

In a request is what a block is, as JSON, beside the scene's files; in an answer are its rows and
tensors. Whoever trains a request runs the scene's code.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from nnanim.engines.asking import Answer, Work
from nnanim.engines.crew import Task
from nnanim.engines.machine import expect_software, software
from nnanim.engines.travel import Opened, opened, packed, packed_files, unpacked
from nnanim.errors import UsageError
from nnanim.events import event_in
from nnanim.network.torch_state import one_thread
from nnanim.scene.files import ran
from nnanim.scene.settings import text_of
from nnanim.scene.values import Axis
from nnanim.sweeps.block import Block, scene_in, trained_block
from nnanim.sweeps.mapped import MapPlan, map_planned
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.planned import Planned
from nnanim.sweeps.variants import told as as_told
from nnanim.tables import Row

FORMAT = 3

_MOST = 10_000  # variants of a block


def run_block(request: bytes, files: bytes) -> bytes:
    """Train the block that a request asks for, of a scene among files, and return it as bytes.

    It runs the scene's code. Raises `NnanimError` for a request that is none, that is damaged, or
    of other versions than are here.
    """
    return _answered(request, lambda header: opened(str(header["scene"]), files))


def run_block_beside(request: bytes, file: bytes) -> bytes:
    """Train a block as `run_block` does, of the scene file of that name, where it lies."""
    return _answered(request, lambda _: _lying(file))


@lru_cache(maxsize=2)
def _lying(file: bytes) -> Opened:
    path = Path(os.fsdecode(file))
    return Opened(ran(path), str(path).removesuffix(path.name))


def _answered(request: bytes, opening: Callable[[dict[str, Any]], Opened]) -> bytes:
    start = time.perf_counter()
    header, _ = unpacked(request)
    train = _TRAINED.get(str(header.get("kind")))
    if train is None or header.get("format") != FORMAT:
        raise UsageError("the request is none of a block of a sweep or a map")
    expect_software(header["versions"])
    scene = opening(header)
    if scene.file.sha256 != header["code"]:
        raise UsageError("the request's code is not what it says")
    with one_thread(), scene.file.beside.importing():
        block = train(scene, header)
    rows = [_placed(row, scene.folder, str(header["folder"])) for row in block.rows]
    block = Block(block.number, rows, block.tensors)
    answer = {
        "key": header["key"],
        "block": block.number,
        "rows": rows,
        "digest": block.digest,
        "made": block.made,
        "by": f"{platform.node()}, process {os.getpid()}",
        "seconds": time.perf_counter() - start,
    }
    return packed(block.tensors, answer)


class Blocks(Work[Block]):
    """The blocks of a plan as work that is done elsewhere, or `beside` us where the scene lies."""

    name = "block"

    def __init__(self, plan: Planned, *, beside: bool = False) -> None:
        if plan.file is None:
            raise UsageError(
                "only a scene file can be trained elsewhere, as its code travels: give its path "
                "in place of a scene or a function"
            )
        self._plan, self._beside = plan, beside
        self._files = os.fsencode(plan.file) if beside else packed_files(plan.file)
        self._about = {
            "format": FORMAT,
            "key": plan.key,
            "versions": software(),
            "scene": plan.file.name,
            "folder": str(plan.file).removesuffix(plan.file.name),
            "code": plan.code,
        }

    @property
    def task(self) -> Task:
        """What trains a block."""
        return run_block_beside if self._beside else run_block

    def request(self, number: int) -> bytes:
        """Return the request of a block."""
        plan = self._plan
        asked = _map_of(plan, number) if isinstance(plan, MapPlan) else _sweep_of(plan, number)
        return packed({}, {**self._about, "block": number, **asked})

    def files(self, number: int) -> bytes:
        """Return the scene's files, which all blocks share."""
        del number
        return self._files

    def answer(self, number: int, content: bytes) -> Answer[Block]:
        """Return the block that an answer holds; raises what it likes for one of another."""
        header, tensors = unpacked(content)
        block = Block(number, list(header["rows"]), tensors, dict(header["made"]))
        told = (header["key"], header["block"], header["digest"])
        if told != (self._plan.key, number, block.digest) or not self._plan.fits(block):
            raise ValueError("its answer is not that of the block")
        return Answer(block, float(header["seconds"]), str(header["by"]))


def _sweep_of(plan: Planned, number: int) -> dict[str, Any]:
    assert isinstance(plan, Plan)
    variants = [
        [i, {name: text_of(as_told(value)) for name, value in plan.variants[i].items()}]
        for i in plan.numbers(number)
    ]
    events = list(map(str, plan.events))
    return {"kind": "sweep", "variants": variants, "success": plan.success, "events": events}


def _sweep_block(scene: Opened, header: dict[str, Any]) -> Block:
    asked = header["variants"]
    if not isinstance(asked, list) or len(asked) > _MOST:
        raise UsageError(f"the request has no variants, or more than {_MOST:,}")
    variants = [(int(i), dict(settings)) for i, settings in asked]
    make = partial(scene_in, scene.file)
    events = list(map(event_in, header["events"]))
    return trained_block(int(header["block"]), variants, make, float(header["success"]), events)


def _map_of(plan: MapPlan, number: int) -> dict[str, Any]:
    numbers, pixels = plan.numbers(number), plan.pixels
    asked = {
        "x": pixels.x.described(),
        "y": pixels.y.described(),
        "pixels": list(pixels.size),
        "settings": {name: text_of(value) for name, value in plan.settings.items()},
        "event": None if plan.event is None else str(plan.event),
    }
    return {"kind": "map", "map": asked, "numbers": [numbers.start, numbers.stop]}


def _map_block(scene: Opened, header: dict[str, Any]) -> Block:
    plan = _planned_map(scene, json.dumps(header["map"], sort_keys=True))
    first, stop = map(int, header["numbers"])
    if not 0 <= first < stop <= len(plan):
        raise UsageError(f"the request is of pixels {first} to {stop} of {len(plan)}")
    return plan.trained(int(header["block"]), range(first, stop))


@lru_cache(maxsize=2)
def _planned_map(scene: Opened, asked: str) -> MapPlan:
    """Return the plan of a map: to see that all of it can be trained takes longer than a block."""
    told = json.loads(asked)
    (x, *along), (y, *up) = told["x"], told["y"]
    event = None if told["event"] is None else event_in(told["event"])
    axes = (x, Axis(*along)), (y, Axis(*up))
    return map_planned(scene.file.path, *axes, tuple(told["pixels"]), told["settings"], event)


_TRAINED: dict[str, Callable[[Opened, dict[str, Any]], Block]] = {
    "sweep": _sweep_block,
    "map": _map_block,
}


def _placed(row: Row, folder: str, other: str) -> Row:
    """Return a row whose message speaks of a file as lying where it came from."""
    error = row["error"]
    return row if error is None else {**row, "error": error.replace(folder, other)}
