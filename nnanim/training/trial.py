"""Trial: what torch says of parameters, outputs, targets and loss together, before step 0."""

import torch
from torch import nn

from nnanim.dataset import Ambiguous, Arrays, Dataset
from nnanim.errors import SceneError, during
from nnanim.network.head import Head
from nnanim.network.losses import LossFunction
from nnanim.network.torch_state import one_thread, random_numbers


def check_kinds(module: nn.Module) -> None:
    """Refuse parameters of another precision than a training of ours has."""
    for name, tensor in module.named_parameters():
        if tensor.is_floating_point() and tensor.dtype != torch.float32:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise SceneError(
                f"the model's {name!r} is {kind}: expected float32, in which data are given; "
                "return model.float(), or record a loop of your own by Recorder"
            )


def check_loss(
    loss: LossFunction, module: nn.Module, data: Arrays, dataset: Dataset, head: Head | None
) -> None:
    """See before step 0 that outputs and targets fit each other and the loss."""
    task = f'task="{dataset.task}"'
    if isinstance(dataset, Ambiguous) and dataset.as_classes is not None:
        task += ' (task="classes" reads them as labels)'
    rows = min(8, len(data.inputs))
    inputs, targets = torch.from_numpy(data.inputs[:rows]), torch.from_numpy(data.targets[:rows])
    was_training = module.training
    with one_thread(), random_numbers():
        with during("the model"):
            given = module.eval()(inputs)
        outputs = given if head is None else head.of(given)
        module.train(was_training)
        if targets.is_floating_point() and outputs.shape != targets.shape:
            raise SceneError(
                f"outputs have shape {_shape(outputs)} but targets {_shape(targets)}: "
                "a loss would broadcast them; "
                f"make the model's last layer give {targets.shape[1]} or reshape the targets, "
                f"which are taken for {task}: from_arrays(…, task=…) says otherwise"
            )
        with during(
            f"the loss of outputs of shape {_shape(outputs)} and targets {_shape(targets)}, taken "
            f"for {task},"
        ):
            value: object = loss(given, targets)
    if not isinstance(value, torch.Tensor) or value.ndim != 0:
        came = _shape(value) if isinstance(value, torch.Tensor) else type(value).__name__
        raise SceneError(
            f"the loss returned {came}: expected one number, a tensor of shape (); "
            "take the mean over the batch"
        )
    if not value.requires_grad:
        raise SceneError(
            "the loss does not depend on the parameters: expected a tensor that torch can "
            "differentiate; compute it of the outputs by torch functions, without detach()"
        )


def _shape(tensor: torch.Tensor) -> str:
    sides = ("n", *map(str, tensor.shape[1:]))
    return f"({', '.join(sides)}{',' if len(sides) == 1 else ''})"
