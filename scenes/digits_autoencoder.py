"""Digits squeezed through two numbers and drawn again: alike ones come to lie together, though
nobody says which digit is which.

The network learns to give its own input; the colours are labels that it never sees. On the left
the 32 units before the two, in their principal directions. Data as in digits_mlp.
"""

from pathlib import Path

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

digits = datasets.from_npz(Path(__file__).with_name("digits.npz")).arrays(0)
scene = Scene(
    dataset=datasets.from_arrays(
        digits.inputs, digits.inputs, labels=digits.targets, name="Digits", seed=0
    ),
    model=models.mlp(64, 32, 2, 32, 64, activation="tanh", output="sigmoid"),
    layer="hidden2",
    training=Training(
        epochs=60,
        batch_size=32,
        optimizer="adam",
        lr=0.005,
        loss="mse",
        seed=0,
        snapshots="epochs",
    ),
    views=[views.HiddenSpace(layer="hidden1"), views.HiddenSpace()],
    title="An autoencoder of digits",
    timeline=Timeline(acts=[acts.Hold(1), acts.Train(seconds=9), acts.Hold(2)]),
)
