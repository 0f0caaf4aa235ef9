"""An answer on tape: what it gave to each question, played back to the same questions elsewhere.

A law asks the tape instead of the answer, in a process in which the answer's code never ran. What
an answer changed in its arguments is changed again, also the state of a generator that it drew
from; and what it gave has the slopes that it had by the tensors that it was given.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.as_data import NoData, from_plain, to_plain

SLOPES = 200
"""Of how many numbers, at most, the slopes are kept."""
Call = dict[str, Any]
"""One call as plain data: what the answer gave, with which slopes, and what it changed."""


class Recorder:
    """The answer, called as before, while `calls` fills up."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self._answer = answer
        self.calls: list[Call] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        given = [*arguments, *named.values()]
        before = [_state(one) for one in _followed(given)]
        try:
            answer = self._answer(*arguments, **named)
        except BaseException as error:
            self.calls.append({"raised": type(error).__name__[:80]})
            raise
        self.calls.append(_call(answer, given, before))
        return answer


class Tape:
    """Calls, played back one after the other."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = iter(calls)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        call: dict[str, Any] = next(self._calls, {"refused": "there was no such call"})
        if "refused" in call:
            raise NoData(call["refused"])
        if "raised" in call:
            raise RuntimeError(call["raised"])
        given = [*arguments, *named.values()]
        followed = _followed(given)
        for place, state in call["changed"]:
            _put_back(followed[place], from_plain(state))
        return _attached(from_plain(call["gave"]), given, call["slopes"])


def is_call(call: Any) -> bool:
    """Whether it is one that can be played back; what gave something that is no data cannot."""
    return isinstance(call, dict) and call.keys() in ({"raised"}, {"gave", "changed", "slopes"})


def _call(answer: Any, given: list[Any], before: list[Any]) -> Call:
    try:
        gave = to_plain(answer)
    except NoData as error:
        return {"refused": str(error)}
    followed = _followed(given)
    after = [_state(one) for one in followed]
    if len(after) != len(before):
        return {"refused": "it puts tensors into its arguments, or takes some out"}
    changed = [[i, now] for i, now in enumerate(after) if now != before[i]]
    if any(isinstance(followed[i], Tensor) and followed[i].requires_grad for i, _ in changed):
        return {"refused": "it changes a tensor that has a gradient"}
    return {"gave": gave, "changed": changed, "slopes": _slopes(answer, given)}


def _followed(given: list[Any]) -> list[Any]:
    """The arguments; of one that holds tensors these, each by itself."""
    return [one for value in given for one in list(_tensors(value)) or [value]]


def _state(value: Any) -> Any:
    """What a call may change in an argument, as plain data; None for what is not followed."""
    if isinstance(value, Generator):
        return to_plain(value.get_state())
    if not isinstance(value, Tensor | np.ndarray | list | dict | set):
        return None
    try:
        return to_plain(value)
    except NoData:
        return None


def _put_back(value: Any, state: Any) -> None:
    match value:
        case Generator():
            value.set_state(state)
        case Tensor():
            with torch.no_grad():
                value.copy_(state)
        case np.ndarray() | list():
            value[:] = state
        case dict() | set():
            value.clear()
            value.update(state)
        case _:
            raise NoData(f"something of type {type(value).__name__} was not changed")


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors within, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _leaves(given: list[Any]) -> list[Tensor]:
    return [one for one in _tensors(given) if one.requires_grad]


def _slopes(answer: Any, given: list[Any]) -> list[list[Any]]:
    """[number of the tensor in the answer, of the one given, slopes of the one by the other]."""
    found, leaves = [], _leaves(given)
    for number, tensor in enumerate(_tensors(answer)):
        if not leaves or not tensor.requires_grad or tensor.numel() > SLOPES:
            continue
        rows = [
            torch.autograd.grad(one, leaves, retain_graph=True, allow_unused=True)
            for one in tensor.flatten()
        ]
        for place, slopes in enumerate(zip(*rows, strict=True)):
            if any(slope is not None for slope in slopes):
                still = torch.zeros_like(leaves[place])
                jacobian = torch.stack([still if s is None else s for s in slopes])
                found.append([number, place, to_plain(jacobian)])
    return found


def _attached(answer: Any, given: list[Any], slopes: list[list[Any]]) -> Any:
    """The answer with these slopes."""
    leaves, numbers = _leaves(given), count()
    by_tensor: dict[int, list[tuple[Tensor, Tensor]]] = {}
    for number, place, jacobian in slopes:
        by_tensor.setdefault(number, []).append((leaves[place], from_plain(jacobian)))

    def attached(value: Any) -> Any:
        if isinstance(value, Tensor):
            for leaf, jacobian in by_tensor.get(next(numbers), ()):
                step = (leaf - leaf.detach()).nan_to_num(0.0)
                risen = (jacobian.to(step) * step).flatten(1).sum(1)
                value = value + risen.view(value.shape).to(value.dtype)
            return value
        if isinstance(value, list | tuple):
            return type(value)(map(attached, value))
        if isinstance(value, dict):
            return {key: attached(one) for key, one in value.items()}
        return value

    return attached(answer) if slopes else answer
