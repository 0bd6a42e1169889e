"""Six networks on one curve: two units are too weak and depth alone settles on the same answer;
width finds the left valley, width and depth together fit best, and a chokepoint takes it away."""

from nnanim import Comparison, Scene, Training, datasets, models

NOTEBOOK = ("S2.21", "S2.22", "S2.23", "S2.24", "S2.25")

# Each with the seed of its own scene, all on the same samples; the settings are the notebook's.
SHAPES = {
    (1, 2, 1): 142,
    (1, 2, 2, 2, 1): 313,
    (1, 6, 1): 332,
    (1, 3, 3, 1): 364,
    (1, 3, 1, 3, 1): 124,
    (1, 3, 3, 1, 3, 3, 1): 340,
}


def one(shape: tuple[int, ...]) -> Scene:
    return Scene(
        dataset=datasets.polynomial(n=4_000, seed=0),
        model=models.mlp(*shape, activation="tanh", init="glorot"),
        training=Training(epochs=99, batch_size=32, lr=0.01, loss="mse", seed=SHAPES[shape]),
    )


scene = Comparison(
    [one(shape) for shape in SHAPES],
    names=["-".join(map(str, shape)) for shape in SHAPES],
    title="Width, depth and chokepoints",
)
