"""The trainings of a sweep by JAX, side by side under vmap, each whole in one scan.

`sweeps.py` runs it in an environment of its own: python sweep_in_jax.py FOLDER. In the folder is a
file of arrays for each width, of which it trains all networks at once; it leaves their losses there
and prints, as JSON, the seconds that compiling took and that training took, as a clock on the wall
goes and of CPU.
"""

import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np

LAYERS = 3


def loss(p: Any, x: Any, y: Any) -> Any:
    """Return the mean squared error of one network."""
    for layer in range(LAYERS):
        x = x @ p[2 * layer].T + p[2 * layer + 1]
        x = jnp.tanh(x) if layer < LAYERS - 1 else jax.nn.sigmoid(x)
    return jnp.mean((x - y) ** 2)


def trained(p: Any, x: Any, y: Any, orders: Any, lr: Any, batch: int) -> Any:
    """Return the loss over all samples of one network after its training."""
    whole = len(x) // batch * batch

    def step(p: Any, rows: Any) -> Any:
        slopes = jax.grad(loss)(p, x[rows], y[rows])
        return [a - lr * b for a, b in zip(p, slopes, strict=True)], None

    def epoch(p: Any, order: Any) -> Any:
        p, _ = jax.lax.scan(step, p, order[:whole].reshape(-1, batch))
        return step(p, order[whole:]) if whole < len(x) else (p, None)

    p, _ = jax.lax.scan(epoch, p, orders)
    return loss(p, x, y)


def main() -> None:
    """Train what is in the folder."""
    folder = Path(sys.argv[1])
    clocks = (time.perf_counter, time.process_time)
    spent = np.zeros((2, 2))  # of compiling and of training, by both clocks
    for file in sorted(folder.glob("width-*.npz")):
        held = np.load(file)
        batch = int(held["batch"])
        p = [held[f"p{i}"] for i in range(2 * LAYERS)]
        given = (p, held["x"], held["y"], held["orders"].astype(np.int32), held["lr"])
        many = jax.jit(jax.vmap(partial(trained, batch=batch)))
        start = np.array([clock() for clock in clocks])
        ready = many.lower(*given).compile()
        between = np.array([clock() for clock in clocks])
        losses = np.asarray(ready(*given))
        end = np.array([clock() for clock in clocks])
        spent += [between - start, end - between]
        np.save(file.with_name(f"losses-{file.stem}.npy"), losses)
    print(json.dumps({"compiling": spent[0].tolist(), "training": spent[1].tolist()}))


if __name__ == "__main__":
    main()
