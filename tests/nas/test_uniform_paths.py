"""Training on uniformly drawn paths: all weights get their turn, and only the weights move."""

import torch

from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.supernet import Supernet, sampled_op
from course_lib.nas.uniform_paths import train_on_uniform_paths


def trained(seed: int) -> tuple[Supernet, Supernet]:
    """A supernet before and after twelve epochs of two steps, each on a path of its own."""
    space, task = (
        CellSpace(("skip_connect", "nor_conv_1x1")),
        cluttered_digits(train=100, valid=50, test=1),
    )
    nets = [Supernet(space, rng=make_rng(0), mixed_op=sampled_op) for _ in range(2)]
    after = train_on_uniform_paths(nets[1], task, make_rng(seed), epochs=12)
    assert after is nets[1]
    return nets[0], after


def test_every_weight_has_its_turn() -> None:
    """No draw takes the 1x1 convolution of an edge with probability 2^-24 for each."""
    before, after = trained(1)
    still = [
        name
        for (name, old), new in zip(before.named_parameters(), after.parameters(), strict=True)
        if torch.equal(old, new)
    ]
    assert still == []


def test_the_generator_decides_all() -> None:
    (_, one), (_, same), (_, other) = trained(1), trained(1), trained(2)
    weights = [torch.cat([w.flatten() for w in net.parameters()]) for net in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
