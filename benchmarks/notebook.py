"""A training filmed as notebooks do it: torch's DataLoader, FuncAnimation, a step of both a frame.

    python benchmarks/notebook.py OUT.mp4 [--frames 720] [--epochs 99]

The network, data and training of scenes/rings_2_2.py, and as many frames of the same size for it;
its last hidden layer is shown as grid, points and decision line. Fewer frames make the beginning
of that film. `benchmarks/render.py whole` times it beside nnanim, `benchmarks/studio.py` one frame.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import imageio_ffmpeg
import matplotlib as mpl
import numpy as np
import torch
from matplotlib.animation import FFMpegWriter, FuncAnimation
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

mpl.use("Agg")
mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()

import matplotlib.pyplot as plt  # noqa: E402  # after its settings

N, EPOCHS, BATCH, FRAMES = 4000, 99, 32, 720


def rings() -> tuple[torch.Tensor, torch.Tensor]:
    """Return points (n, 2) on two rings and their labels (n, 1)."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, N)
    outer = np.arange(N) >= N // 2
    radius = np.where(outer, 1.0, 0.5)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    x += rng.normal(0, 0.04, x.shape)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(outer[:, None], dtype=torch.float32)


def steps(
    module: nn.Module, x: torch.Tensor, y: torch.Tensor, epochs: int = EPOCHS
) -> Iterator[int]:
    """Train the module, a step at a time, and give the epoch."""
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01)
    criterion = nn.MSELoss()
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(module(inputs), targets).backward()
            optimizer.step()
            yield epoch


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the film."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    asked = parser.parse_args(arguments)

    torch.manual_seed(0)
    x, y = rings()
    outer = y[:, 0].numpy() > 0.5
    first, second, read_out = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 1)
    hidden = nn.Sequential(first, nn.Tanh(), second, nn.Tanh())
    module = nn.Sequential(hidden, read_out, nn.Sigmoid())
    for part in (first, second, read_out):
        nn.init.xavier_uniform_(part.weight)
        nn.init.zeros_(part.bias)
    at, along = np.linspace(-1.3, 1.3, 21), np.linspace(-1.3, 1.3, 100)
    grid = [np.column_stack([along, np.full(100, k)]) for k in at]
    grid += [np.column_stack([np.full(100, k), along]) for k in at]
    grid_inputs = [torch.tensor(line, dtype=torch.float32) for line in grid]

    figure, axes = plt.subplots(figsize=(19.2, 10.8), dpi=100)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    lines = [axes.plot([], [], color="grey", alpha=0.5)[0] for _ in grid]
    (red,) = axes.plot([], [], ".r")
    (blue,) = axes.plot([], [], ".b")
    (boundary,) = axes.plot([], [], "k")
    title = axes.set_title("")
    training = steps(module, x, y, asked.epochs)
    all_steps = asked.epochs * -(-N // BATCH)
    done = epoch = 0

    def animate(i: int) -> list[Any]:
        nonlocal done, epoch
        while done < all_steps * (i + 1) // FRAMES:
            epoch = next(training)
            done += 1
        with torch.no_grad():
            points = hidden(x).numpy()
            images = [hidden(line).numpy() for line in grid_inputs]
            (a, b), c = read_out.weight[0].tolist(), read_out.bias.item()
        red.set_data(points[outer, 0], points[outer, 1])
        blue.set_data(points[~outer, 0], points[~outer, 1])
        for line, image in zip(lines, images, strict=True):
            line.set_data(image[:, 0], image[:, 1])
        across = np.array([-1.1, 1.1])
        boundary.set_data(across, -(a * across + c) / b)
        title.set_text(f"epoch {epoch}")
        return [*lines, red, blue, boundary, title]

    animation = FuncAnimation(figure, animate, frames=asked.frames, blit=True)
    options = ["-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"]
    animation.save(asked.out, writer=FFMpegWriter(fps=60, codec="libx264", extra_args=options))
    plt.close(figure)


if __name__ == "__main__":
    main()
