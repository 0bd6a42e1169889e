"""Models that return several outputs: which is the answer is named, never guessed."""

import copy
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from nnanim import Film, NnanimError, Recorder, Recording, Scene, Training, datasets, record

X = torch.rand(200, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
Y = (X.prod(1, keepdim=True) > 0.1).float()
Pair = namedtuple("Pair", ["latent", "logits"])  # as people write them


class Net(nn.Module):
    """Logits (n, 1), the latent (n, 2) that they come from, and an end beside them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.hidden, self.end, self.beside = nn.Linear(2, 2), nn.Linear(2, 1), nn.Linear(2, 3)

    def parts(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and latent."""
        latent = torch.tanh(self.hidden(x))
        return self.end(latent), latent


def net(forward: Callable[..., Any]) -> Callable[[], nn.Module]:
    """Return what makes a network of that forward."""
    return type("Own", (Net,), {"forward": forward})


def logits(self: Any, x: Any) -> Any:
    """Return the answer alone."""
    return self.parts(x)[0]


def pair(self: Any, x: Any) -> Any:
    """Return a tuple with something that is no tensor."""
    return None, *self.parts(x)


def named(self: Any, x: Any) -> Any:
    """Return a dict, the answer last."""
    answer, latent = self.parts(x)
    return {"beside": self.beside(latent), "latent": latent, "logits": answer}


def beside(self: Any, x: Any) -> Any:
    """Return another end, the last that is called."""
    answer, latent = self.parts(x)
    return answer, self.beside(latent)


SEVERAL: dict[str, tuple[Callable[..., Any], int | str]] = {
    "a tuple": (pair, 1),
    "from the end": (pair, -2),
    "a list": (lambda self, x: list(self.parts(x)), 0),
    "a named tuple": (lambda self, x: Pair(*self.parts(x)[::-1]), 1),
    "a dict": (named, "logits"),
    "a dict of numbers": (lambda self, x: {7: self.parts(x)[0]}, 7),
    "an end beside": (beside, 0),
}


def scene(model: Callable[[], nn.Module], loss: Any, head: int | str | None) -> Scene:
    """Return a scene of the data above."""
    return Scene(
        dataset=datasets.from_arrays(X.numpy(), Y.numpy()),
        model=model,
        head=head,
        training=Training(epochs=5, lr=0.05, optimizer="adam", loss=loss),
    )


@pytest.mark.parametrize("kind", SEVERAL)
def test_a_head_trains_and_shows_what_the_answer_alone_does(kind: str, tmp_path: Path) -> None:
    """By a loss's name, or a function of all: the same weights, scores, boundary and picture."""
    forward, head = SEVERAL[kind]

    def own(outputs: Any, targets: Any) -> Any:
        answer = outputs[len(outputs) + head if isinstance(head, int) and head < 0 else head]
        return F.binary_cross_entropy_with_logits(answer, targets)

    alone = record(scene(net(logits), "bce_with_logits", None))
    for loss in ("bce_with_logits", own):
        recording = record(scene(net(forward), loss, head))
        assert recording.header.outputs == "logits"
        for name, states in alone.states.items():
            np.testing.assert_array_equal(recording.states[name], states)
        path = recording.save(tmp_path / "run.safetensors")
        film, truth = Film(Recording.load(path), model=net(forward)), Film(alone)
        assert film.header.head == head
        assert film.score(5.0) == truth.score(5.0)
        np.testing.assert_array_equal(film.field("", 20, 5.0), truth.field("", 20, 5.0))
        again = copy.copy(film.network)
        assert again.read_out == film.network.read_out == truth.network.read_out


@pytest.mark.parametrize("kind", SEVERAL)
def test_a_loop_of_ones_own_has_heads_too(kind: str, tmp_path: Path) -> None:
    """The head stands in its header, and the film scores as torch does."""
    forward, head = SEVERAL[kind]
    module = net(forward)()
    with Recorder(
        tmp_path / "run.safetensors", module, (X, Y), loss="bce_with_logits", head=head
    ) as recorder:
        recorder.snapshot(loss=1.0)
    film = Film(Recording.load(tmp_path / "run.safetensors"), model=net(forward))
    with torch.no_grad():
        right = ((net(logits)()(X) > 0).float() == Y).float().mean()
    assert film.header.head == head
    assert film.score(0.0) == pytest.approx(float(right))


def test_checkpoints_name_a_head_on_the_command_line(tmp_path: Path, nnanim: Any) -> None:
    """An index or a key, which is kept in the header."""
    for epoch in (1, 2):
        save_file(Net().state_dict(), tmp_path / f"e{epoch}.safetensors")
    (tmp_path / "nets.py").write_text(
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.hidden, self.end = nn.Linear(2, 2), nn.Linear(2, 1)\n"
        "        self.beside = nn.Linear(2, 3)\n\n"
        "    def forward(self, x):\n        latent = torch.tanh(self.hidden(x))\n"
        "        return latent, self.end(latent)\n\n\n"
        "class Named(Net):\n"
        "    def forward(self, x):\n"
        "        return dict(zip(['latent', 'out'], super().forward(x)))\n\n\n"
        "def points():\n    x = torch.linspace(-1, 1, 40).reshape(20, 2)\n"
        "    return x.numpy(), (x[:, :1] > 0).numpy()\n"
    )
    asked = (
        "record", "--checkpoints", "e*.safetensors", "--loss", "bce_with_logits", "--data",
        "nets.py:points",
    )  # fmt: skip
    for model, head, kept in (("Net", "1", 1), ("Named", "out", "out")):
        code, _, err = nnanim(
            *asked, "--model", f"nets.py:{model}", "--head", head, "-o", "a.safetensors"
        )
        assert code == 0, err
        assert Recording.load(tmp_path / "a.safetensors").header.head == kept
    code, _, err = nnanim(*asked, "--model", "nets.py:Net", "-o", "b.safetensors")
    assert code == 3
    assert "head=0" in err
    assert not (tmp_path / "b.safetensors").exists()


@pytest.mark.parametrize(
    ("forward", "head", "says"),
    [
        (pair, None, "a tuple with 1 of shape (n, 1), 2 of shape (n, 2): expected one tensor"),
        (named, None, "a dict with 'beside' of shape (n, 3), 'latent' of shape (n, 2), 'logits'"),
        (pair, 0, "head=0: the model returned a tuple with 1 of shape (n, 1)"),
        (pair, 3, "head=3: the model returned a tuple"),
        (pair, -4, "head=-4: the model returned a tuple"),
        (pair, "logits", "head='logits': the model returned a tuple"),
        (named, "logit", "head='logit': the model returned a dict"),
        (named, -1, "head=-1: the model returned a dict"),
        (logits, 0, "head=0: the model returned one tensor: leave head= out"),
        (lambda *_: (None,), None, "returned tuple without a tensor"),
        (lambda *_: "text", None, "returned str without a tensor"),
        (logits, 0.5, "head=0.5: expected the index or the key"),
        (logits, True, "head=True: expected the index or the key"),
    ],
)
def test_without_a_head_the_line_names_those_there_are(
    forward: Callable[..., Any], head: Any, says: str, tmp_path: Path
) -> None:
    """As does one that is not there, from a scene and from a loop of one's own."""
    with pytest.raises(NnanimError) as declared:
        record(scene(net(forward), "bce_with_logits", head))
    with pytest.raises(NnanimError) as recorded:
        Recorder(
            tmp_path / "run.safetensors", net(forward)(), (X, Y), loss="bce_with_logits", head=head
        )
    assert says in str(declared.value)
    assert says in str(recorded.value)
    assert "\n" not in str(declared.value)


def test_a_batch_of_one_is_seen_beside_heads_too() -> None:
    """A BatchNorm that cannot take it is refused before step 0, any other network trains."""

    def normed(self: Any, x: Any) -> Any:
        spread = F.batch_norm(x, torch.zeros(2), torch.ones(2), training=self.training)
        return spread, *self.parts(x)

    one: dict[str, Any] = {"epochs": 2, "batch_size": 199, "loss": "bce_with_logits"}
    dataset = datasets.from_arrays(X.numpy(), Y.numpy())
    made = Scene(dataset=dataset, model=net(pair), head=1, training=Training(**one))
    assert len(record(made)) > 1
    with pytest.raises(NnanimError, match="leave a last batch of one"):
        record(Scene(dataset=dataset, model=net(normed), head=1, training=Training(**one)))


def test_a_head_of_a_stack_is_refused() -> None:
    """Known layers give one tensor."""
    model = lambda: nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))  # noqa: E731
    with pytest.raises(NnanimError, match="leave head= out"):
        record(scene(model, "mse", 0))
