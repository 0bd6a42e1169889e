"""Agreement: whether what a recording holds fits the network that it is shown by."""

from nnanim.errors import RecordingError, SceneError
from nnanim.network.losses import LOSSES
from nnanim.network.network import Network, Tensor
from nnanim.recording.answers import is_known
from nnanim.recording.recording import Recording


def check_agreement(recording: Recording, network: Network) -> None:
    """Raise `RecordingError` unless states, layer and targets fit a network."""
    _check_states(recording, network)
    if recording.header.layer:
        try:
            network.layer(recording.header.layer)
        except SceneError as error:
            raise RecordingError(f"the recording looks at no layer of its model: {error}") from None
    _check_targets(recording, network.outputs_width)
    _check_answers(recording, network)


def _check_answers(recording: Recording, network: Network) -> None:
    told = recording.header.answers
    if told is None or network.stack is not None:
        return
    if not is_known(told, network, recording.data, recording.state(0)):
        raise RecordingError(
            "the recording does not fit its model: with the first recorded parameters it gives "
            "other outputs than the network that was recorded; give the function that built that, "
            "and keep tensors that it draws as buffers, by self.register_buffer(…)"
        )


def _check_states(recording: Recording, network: Network) -> None:
    expected = {name: _described(tensor) for name, tensor in network.tensors.items()}
    found = {
        name: _described(Tensor(array.dtype.kind == "f", array.shape[1:]))
        for name, array in recording.states.items()
    }
    if expected != found:
        name = min(name for name, _ in expected.items() ^ found.items())
        raise RecordingError(
            f"the recording does not fit its model: {name!r} is {found.get(name, 'missing')} in "
            f"the recording but {expected.get(name, 'missing')} in the model"
        )


def _described(tensor: Tensor) -> str:
    return f"{'real' if tensor.real else 'whole'} numbers of shape {tensor.shape}"


def _check_targets(recording: Recording, outputs: int) -> None:
    targets, loss = recording.data.targets, recording.header.loss
    known = LOSSES.get(loss)
    task = recording.header.task
    if task == "none":  # nothing is predicted: the targets are for a loss of its own
        return
    if task == "classes" and targets.ndim == 1:
        fits = targets.max() < outputs and (known is None or known.targets == "classes")
    else:
        fits = targets.shape[1] == outputs
        if known is not None and known.outputs == "probabilities":
            fits &= bool(targets.min() >= 0 and targets.max() <= 1)
    if not fits:
        raise RecordingError(
            f"the recording's targets, of shape {targets.shape} from {targets.min():g} to "
            f"{targets.max():g}, do not fit {outputs} outputs and the loss {loss!r}"
        )
