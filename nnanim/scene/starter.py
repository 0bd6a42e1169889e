"""The starter scene that `nnanim new` writes."""

import os
from pathlib import Path

from nnanim.errors import UsageError
from nnanim.place import replacing

STARTER = '''\
"""Two rings, pulled apart by a network with three units in its first hidden layer."""

from nnanim import Scene, Training, datasets, models

scene = Scene(
    # The data: two concentric rings. Any frozen dataclass with arrays(seed) will do.
    dataset=datasets.rings(n=4_000, noise=0.04),
    # The network: 2 inputs, hidden layers of 3 and 2 units, 1 output. `output="sigmoid"` makes
    # the output a probability. Your own torch module: model=lambda: MyNet().
    model=models.mlp(2, 3, 2, 1, activation="tanh", output="sigmoid"),
    # How it learns. Another seed is another film: try --seed 1.
    training=Training(epochs=60, batch_size=32, optimizer="adam", lr=0.01, loss="bce", seed=0),
    # The layer to look at; left out, it is the last hidden one.
    layer="hidden2",
)
'''


def write_starter(name: str) -> Path:
    """Write a commented starter scene and return its path; what has that name is left alone.

    The file appears whole or not at all. Raises `UsageError`, and `WriteError` where the disk
    refuses.
    """
    path = Path(name if name.endswith(".py") else f"{name}.py")
    if path.parent == Path() and Path("scenes").is_dir():
        path = Path("scenes") / path
    if not path.stem.isidentifier():
        raise UsageError(
            f"{path.stem!r} cannot name a scene: use letters, digits and _, as my_rings"
        )
    if os.path.lexists(path):
        raise UsageError(f"{path} exists already: choose another name")
    with replacing(path) as made:
        made.write_text(STARTER, encoding="utf-8")
    return path
