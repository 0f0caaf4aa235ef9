"""A tape gives what the answer gave: values, slopes, and what was changed on the way."""

import pytest
import torch

from course_lib.checks.as_data import NoData, from_text, to_text
from course_lib.checks.tape import Recorder, Tape, is_call
from course_lib.core import make_rng


def taped(answer, *arguments, **named):
    """The recorder after one call, and a tape of it that went through text."""
    recorder = Recorder(answer)
    recorder(*arguments, **named)
    calls = from_text(to_text(recorder.calls, most=10**6), most=10**6)
    return calls, Tape(calls)


def test_draws_are_played_back_and_the_generator_stands_where_it_stood():
    def answer(n, rng):
        return torch.rand(n, generator=rng)

    rng, again = make_rng(3), make_rng(3)
    recorder = Recorder(answer)
    first = recorder(4, rng)
    after = torch.rand(2, generator=rng)
    tape = Tape(from_text(to_text(recorder.calls, most=10**6), most=10**6))
    assert torch.equal(tape(4, again), first)
    assert torch.equal(torch.rand(2, generator=again), after)


def test_what_was_changed_is_changed_again():
    def answer(numbers, tensor, *, named):
        numbers.append(7)
        tensor += 1
        named[0].add("b")

    calls, tape = taped(answer, [1], torch.zeros(2), named=[{"a"}])
    assert all(map(is_call, calls))
    numbers, tensor, named = [1], torch.zeros(2), [{"a"}]
    assert tape(numbers, tensor, named=named) is None
    assert (numbers, tensor.tolist(), named) == ([1, 7], [1.0, 1.0], [{"a", "b"}])


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, y: (x * y).sum(),
        lambda x, y: [x.exp() @ y, {"a": (x - y).square()}],
        lambda x, y: (torch.stack([x, x]), y.detach()),
    ],
)
def test_slopes_are_those_of_the_answer(answer):
    def slopes_of(function):
        x, y = (torch.linspace(a, 1, 3, dtype=torch.float64).requires_grad_() for a in (0, 2))
        flat = list(torch.utils._pytree.tree_leaves(function(x, y)))
        total = sum(((1 + i) * one).sum() for i, one in enumerate(flat))
        return torch.autograd.grad(total, (x, y), allow_unused=True)

    recorder = Recorder(answer)
    expected = slopes_of(recorder)
    found = slopes_of(Tape(from_text(to_text(recorder.calls, most=10**6), most=10**6)))
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        assert one is None or torch.allclose(one, other)


def test_errors_are_errors_and_other_things_than_data_are_refused():
    recorder = Recorder(lambda x: 1 // x)
    with pytest.raises(ZeroDivisionError):
        recorder(0)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        Tape(recorder.calls)(0)
    calls, tape = taped(lambda: object())
    assert not is_call(calls[0])
    with pytest.raises(NoData, match="type object"):
        tape()


def test_a_tensor_in_a_dictionary_is_changed_in_its_place():
    _, tape = taped(lambda theta: theta["w"].add_(1).sum(), {"w": torch.zeros(2)})
    theta = {"w": torch.zeros(2)}
    kept = theta["w"]
    assert tape(theta) == 2
    assert kept.tolist() == [1, 1]
    assert theta["w"] is kept


def test_a_change_of_what_has_a_gradient_is_not_played_back():
    recorder = Recorder(lambda x: x.mul_(2).sum())
    recorder(torch.ones(2, requires_grad=True) * 1)
    assert recorder.calls == [{"refused": "it changes a tensor that has a gradient"}]


def test_a_tape_ends():
    _, tape = taped(lambda: 1)
    assert tape() == 1
    with pytest.raises(NoData, match="no such call"):
        tape()
