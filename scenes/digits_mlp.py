"""Ten digits of 8 × 8 pixels in a plane: the network gives each a cell of its own.

Between the 64 pixels and the ten answers stands a layer of two units, so that what it makes of a
digit is a point. Data: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits" (UCI,
1998), CC BY 4.0; digits.npz holds the 1,797 of its test part.
"""

from pathlib import Path

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

scene = Scene(
    dataset=datasets.from_npz(
        Path(__file__).with_name("digits.npz"), test_share=0.2, name="Digits", seed=0
    ),
    model=models.mlp(64, 32, 2, 10, activation="tanh"),
    training=Training(
        epochs=60,
        batch_size=32,
        optimizer="adam",
        lr=0.005,
        loss="cross_entropy",
        seed=2,
        snapshots="epochs",
    ),
    views=[views.HiddenSpace(), views.Histogram()],
    title="Ten digits in a layer of two units",
    timeline=Timeline(
        acts=[
            acts.Hold(1, caption="before any training, all digits are in one heap"),
            acts.Train(seconds=9, caption="each digit is pulled to a place of its own"),
            acts.Hold(2),
        ]
    ),
)
