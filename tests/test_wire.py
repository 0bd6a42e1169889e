"""Wire: messages come through a pipe whole or not at all."""

from io import BytesIO

from nnanim.engines.wire import Message, read_message


def test_messages_are_read_one_after_another() -> None:
    """What is told and the bytes that come with it, until the pipe ends."""
    sent = [Message({"task": "é"}, b"\x00\xff" * 50_000), Message({"logged": []})]
    pipe = BytesIO(b"".join(message.packed() for message in sent))

    assert [read_message(pipe) for _ in range(3)] == [*sent, None]


def test_a_pipe_that_ends_within_a_message_has_ended() -> None:
    """As where who writes is killed: nobody is to wait for the rest, or to take a part for it."""
    whole = Message({"task": "train"}, b"of a block").packed()

    for length in range(len(whole)):
        assert read_message(BytesIO(whole[:length])) is None
