"""Activation memory of computations whose saved tensors are known."""

import torch

from course_lib.core import make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.memory import activation_bytes, step_bytes
from course_lib.nas.supernet import Supernet, mixed_op, sampled_op

FLOAT = 4


def test_a_product_keeps_both_factors_and_a_sum_keeps_nothing() -> None:
    x, w = torch.zeros(10, requires_grad=True), torch.zeros(10, requires_grad=True)
    assert activation_bytes(lambda: (x * w).sum()) == 2 * 10 * FLOAT
    assert activation_bytes(lambda: (x * w).sum(), besides=[w]) == 10 * FLOAT
    assert activation_bytes(lambda: (x + w).sum()) == 0


def test_what_two_operations_save_counts_once() -> None:
    x = torch.zeros(100, requires_grad=True)
    y = x.exp()
    assert activation_bytes(lambda: (y.sin() + y.cos()).sum()) == 100 * FLOAT


def test_a_chain_grows_with_its_length() -> None:
    """Each tanh keeps its own output."""
    x = torch.zeros(50, requires_grad=True)

    def chain(length: int) -> torch.Tensor:
        y = x
        for _ in range(length):
            y = y.tanh()
        return y.sum()

    assert [activation_bytes(lambda n=n: chain(n)) for n in (1, 2, 7)] == [
        n * 50 * FLOAT for n in (1, 2, 7)
    ]


def test_without_a_gradient_nothing_is_kept() -> None:
    x = torch.zeros(10)
    assert activation_bytes(lambda: (x * x).sum()) == 0


def test_a_step_on_a_path_keeps_less_than_one_on_the_mixture_and_leaves_no_gradient():
    space = CellSpace()
    net = Supernet(space, rng=make_rng(0), mixed_op=sampled_op).train()
    x = torch.randn(3, 1, 12, 12, generator=make_rng(1))
    path = space.one_hot(space.sample(make_rng(2)))
    alone = step_bytes(net, x, path)
    net.mixed_op = mixed_op
    assert 0 < alone < step_bytes(net, x, torch.full_like(path, 0.2))
    assert path.grad is None
    assert all(weight.grad is None for weight in net.parameters())
