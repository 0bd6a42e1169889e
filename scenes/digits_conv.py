"""Ten digits through a convolution: how much of each feature a picture has tells them apart a
little; where it has them, which the next layer sees, gives each digit a ray of its own.

On the left the mean of each channel of the second convolution, in its principal directions, on the
right a layer of two units. Data as in digits_mlp.
"""

from collections import OrderedDict
from pathlib import Path

from torch import nn

from nnanim import Layer, Scene, Training, datasets, views


def network() -> nn.Module:
    parts = {"image": nn.Unflatten(1, (1, 8, 8)), "conv1": nn.Conv2d(1, 8, 3), "relu1": nn.ReLU()}
    parts |= {"conv2": nn.Conv2d(8, 8, 3), "relu2": nn.ReLU(), "flat": nn.Flatten()}
    return nn.Sequential(OrderedDict(parts, code=nn.Linear(128, 2), end=nn.Linear(2, 10)))


digits = Path(__file__).with_name("digits.npz")
means = views.HiddenSpace(layer=Layer("conv2", pixel="mean"), title="Channel means")
scene = Scene(
    dataset=datasets.from_npz(digits, test_share=0.2, name="Digits", seed=0),
    model=network,
    training=Training(
        epochs=20,
        batch_size=32,
        optimizer="adam",
        lr=0.003,
        loss="cross_entropy",
        seed=2,
        snapshots="epochs",
    ),
    views=[means, views.HiddenSpace()],
    title="Ten digits through a convolution",
)
