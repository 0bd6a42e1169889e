"""Many trainings: each is made ready here and trained wherever a `map` takes it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import tee

from nnanim.errors import UsageError
from nnanim.network.torch_state import one_thread
from nnanim.recording.record import cached_recording, record_run
from nnanim.recording.recording import Recording
from nnanim.scene.scene import Scene
from nnanim.threads import Map, Progress, on_all_cores, quick_turns
from nnanim.training.run import Run, prepare

Job = tuple[Scene, Run, Progress | None]  # what is made ready to be trained, and who is told


def record_many(
    scene: Scene,
    seeds: Iterable[int],
    *,
    map: Map = on_all_cores,  # noqa: A002  # what it is like
    progress: Progress | None = None,
) -> list[Recording]:
    """Return a recording of `scene` for each of `seeds`.

    A data set that pins no seed of its own is drawn anew for each. They are trained on all cores,
    or as `map(make, items)` spreads them: an executor's map trains in its threads or processes.
    `progress` is called with ("seeds", done, total).
    """
    scenes = [scene.with_seed(seed) for seed in seeds]
    if not scenes:
        raise UsageError("record_many got no seeds: expected some, as seeds=range(20)")
    found: list[Recording] = []
    with one_thread(), quick_turns():
        # Made ready in one thread: torch's many small calls would pass Python's lock to and fro.
        jobs: Iterator[Job] = ((each, prepare(each), None) for each in scenes)
        for recording in record_each(jobs, map):
            found.append(recording)
            if progress is not None:
                progress("seeds", len(found), len(scenes))
    return found


def record_each(jobs: Iterable[Job], map: Map, reuse: bool = False) -> Iterator[Recording]:  # noqa: A002
    """Give the recording of each of `jobs`, in order, trained as `map` spreads them.

    With `reuse`, one that the user's cache holds is taken from there. Each knows its scene and its
    module, wherever it was trained. A job that goes to another process tells nobody how far it is.
    """
    given, kept = tee(jobs)
    for recording, (scene, run, _) in zip(map(partial(_recorded, reuse), given), kept, strict=True):
        yield replace(recording, scene=scene, module=run.start.made)


def _recorded(reuse: bool, job: Job) -> Recording:
    scene, run, progress = job
    if reuse:
        return cached_recording(scene, run, progress)
    return record_run(scene, run, progress=progress)
