"""Traced: a network of any torch module, found by watching one forward pass."""

import copy
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import nn

from nnanim.errors import SceneError
from nnanim.layer import Layer
from nnanim.network.bends import link_to
from nnanim.network.chunks import FED
from nnanim.network.following import shape_of
from nnanim.network.head import Head
from nnanim.network.links import Link
from nnanim.network.network import Facts, LayerFacts, Network, ReadOut, Tensor
from nnanim.network.picks import picked, resolved
from nnanim.network.recognition import stack_of
from nnanim.network.rowwise import check_rowwise
from nnanim.network.shape import Shape
from nnanim.network.stack import NotAStack, Stack
from nnanim.network.stacked import StackedNetwork
from nnanim.network.trace import Call, end_of, feeder_of, link_of, probe_of, trace
from nnanim.network.wrappers import bare_copy, bare_state
from nnanim.types import Floats, State


def network_of(module: nn.Module, rows: Floats, head: int | str | None = None) -> Network:
    """Return a module as a network, given `rows` of the data's inputs (n, …).

    `head` is the index or key of its answer, where it returns several outputs. Raises `SceneError`
    where it cannot take such rows.
    """
    copied = None if _is_plain(module) else bare_copy(module)
    stack = _stack_of(module if copied is None else copied)
    if stack is None and copied is None:  # wrappers around its parts may hide one
        copied = bare_copy(module)
        stack = _stack_of(copied)
    if stack is not None and head is None and stack.takes(rows):
        return StackedNetwork(stack)
    return TracedNetwork(bare_copy(module) if copied is None else copied, rows, head)


class TracedNetwork(Network):
    """A module without wrappers, taken for its own, whose layers a pass has shown.

    Any will do whose last Linear gives the scores. `rows`, `head` and `SceneError` are as of
    `network_of`.
    """

    runs = True

    def __init__(self, module: nn.Module, rows: Floats, head: int | str | None = None) -> None:
        self._probe = probe = probe_of(rows)
        self._template = module.eval()
        if head is not None:
            self.head = Head(head)
            self._template.register_forward_hook(self.head)
        calls, output, self._odd = trace(self._template, probe)
        linears = [call for call in calls if isinstance(call.module, nn.Linear)]
        givers = [
            feeder_of(calls, self._odd, linear, first=i == 0) for i, linear in enumerate(linears)
        ]
        hidden = tuple(
            name
            for name, linear in zip(givers, linears, strict=True)
            if name and linear.given.ndim == 2
        )
        called = {id(part): name for name, part in self._template.named_modules()}
        read_out = self._find_read_out(linears, givers, called)
        link = read_out.link if read_out else ""
        super().__init__(
            Facts(
                inputs=probe[0].numel(),
                widths=(probe[0].numel(), *(call.result.shape[-1] for call in linears)),
                layers=tuple(self._layers(calls, linears, givers, hidden)),
                hidden=hidden,
                outputs_width=output.shape[1] if output.ndim == 2 else 1,
                linears=tuple(dict.fromkeys(called[id(call.module)] for call in linears)),
                read_out=read_out,
                end=link or end_of(self._template, linears[-1] if linears else None, output, probe),
                size=sum(parameter.numel() for parameter in module.parameters()),
                tensors={
                    name: Tensor(value.is_floating_point(), tuple(value.shape))
                    for name, value in bare_state(module).items()
                },
            )
        )

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        bare = copy.deepcopy(self._template)
        bare._forward_hooks.clear()
        head = None if self.head is None else self.head.name
        return TracedNetwork, (bare, self._probe.numpy(), head)

    def check_rowwise(self) -> None:
        """Refuse a module that does not answer each sample by itself, and always the same."""
        # A copy: what a module keeps of a pass with gradients cannot be copied any more.
        check_rowwise(copy.deepcopy(self._template), self._probe)

    @cached_property
    def shape(self) -> Shape:
        """What the network may truly be called."""
        return shape_of(self._template, self._probe, self.outputs_width)

    def _layers(
        self, calls: list[Call], linears: list[Call], givers: list[str], hidden: tuple[str, ...]
    ) -> Iterator[LayerFacts]:
        """Give the layers in the order in which a pass comes to their ends."""
        order = {name: i for i, name in enumerate(hidden, start=1)}
        fed = {linear.name: giver for linear, giver in zip(linears, givers, strict=True)}
        picked: set[str] = set()
        for call in calls:
            giver, own = fed.get(call.name, ""), f"{call.name}{FED}"
            if Layer.of(giver).picks:
                if giver not in picked:
                    yield self.layer(giver)
                picked.add(giver)
                yield LayerFacts(own, call.given.shape[1], "", own)
            if own in order:
                yield LayerFacts(own, call.given.shape[1], "", f"Hidden layer {order[own]}")
            if call.result.ndim != 2 or not call.name:
                continue
            inner = [c for c in calls if c.name == call.name or c.name.startswith(call.name + ".")]
            leaves = [c for c in inner if not list(c.module.children())]
            kind = type(leaves[-1].module if leaves else call.module).__name__
            title = f"Hidden layer {order[call.name]}" if call.name in order else call.name
            yield LayerFacts(call.name, call.result.shape[1], kind, title)

    def layer(self, name: str) -> LayerFacts:
        """Return the layer of that name; `SceneError` lists the names there are, or how to pick."""
        asked = Layer.of(name)
        odd = self._odd.get(asked.module)
        if odd is None:
            self._expect_called(asked.module)
            return super().layer(name)
        asked = resolved(asked, odd.module)
        rows = picked(asked, odd.module, odd.result, len(self._probe))
        inner = [part for part in odd.module.modules() if not list(part.children())]
        kind = type(inner[-1]).__name__ if isinstance(odd.result, torch.Tensor) and inner else ""
        return LayerFacts(str(asked), rows.shape[1], kind, asked.module)

    def _expect_called(self, name: str) -> None:
        """Raise `SceneError` for a part of the module that a pass does not come to."""
        known = any(layer.name == name for layer in self.layers)
        if name and not known and name in dict(self._template.named_modules()):
            names = " | ".join([*(layer.name for layer in self.layers), *self.pickable])
            raise SceneError(
                f"layer {name!r}: the model has it, but its forward does not call it with a "
                f"tensor, so that it gives nothing to look at: expected {names}"
            )

    @property
    def pickable(self) -> Sequence[str]:
        """The modules that give no vector of units, of which one can be picked; see `Layer`."""
        return [name for name in self._odd if name]

    def links(self) -> tuple[Link, ...]:
        """Return the leaves that a pass calls up to the read-out, where there is one, as links."""
        calls, _, _ = trace(self._template, self._probe)
        leaves = [call for call in calls if not list(call.module.children())]
        found = [link_to(call.name, call.module) for call in self._to_read_out(leaves)]
        return tuple(found)

    def _to_read_out(self, calls: list[Call]) -> list[Call]:
        """Return calls up to the last one of the read-out, all where there is none."""
        if self.read_out is None:
            return calls
        part = self._template.get_submodule(self.read_out.module)
        last = max(i for i, call in enumerate(calls) if call.module is part)
        return calls[: last + 1]

    def _module(self, state: State) -> nn.Module:
        del state
        return copy.deepcopy(self._template)

    def _find_read_out(
        self, linears: list[Call], givers: list[str], called: dict[int, str]
    ) -> ReadOut | None:
        if not linears:
            return None
        # Beside a head, others may end in the last.
        ends = range(len(linears))[::-1] if self.head is not None else [len(linears) - 1]
        for i in ends:
            link = link_of(self._template, linears[i], self._probe)
            if link:
                return ReadOut(called[id(linears[i].module)], givers[i], link)
        return None


def _is_plain(module: nn.Module) -> bool:
    """Return whether a module's numbers are such as states are of."""
    tensors = (*module.parameters(), *module.buffers())
    return all(t.dtype in (torch.float32, torch.int64) and t.is_cpu for t in tensors)


def _stack_of(module: nn.Module) -> Stack | None:
    try:
        return stack_of(module)
    except NotAStack:
        return None
