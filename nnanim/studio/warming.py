"""Warming: what a worker does before anybody waits for it, so that its first film is soon there."""

from nnanim import datasets, models
from nnanim.scene.scene import Scene
from nnanim.scene.training import Training
from nnanim.studio.filming import Contenting, filmed


def warm() -> None:
    """Load and compile what the first film needs, by a tiny one."""
    scene = Scene(
        dataset=datasets.rings(n=40),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=Training(epochs=1, batch_size=8),
    )
    Contenting(filmed(scene, _nobody), scene).at(1.0, 0.5, _nobody)


def _nobody(stage: str, done: int, total: int) -> None:
    del stage, done, total
