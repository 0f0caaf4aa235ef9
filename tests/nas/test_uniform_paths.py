"""Training on uniformly drawn paths: all weights get their turn, and only the weights move."""

from itertools import groupby
from operator import itemgetter

import pytest
import torch

from course_lib.core import Arch, Oracle, Space, Trial, make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.supernet import InheritedAccuracy, Supernet, sampled_op
from course_lib.nas.uniform_paths import random_search_weight_sharing, train_on_uniform_paths


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


def test_the_best_by_shared_weights_are_trained_best_first() -> None:
    """Every round asks the cheap answers for its paths, and trains four: what is cheap decides."""
    said: list[tuple[str, Arch]] = []

    def cheap(arch: Arch, fidelity: int | None = None) -> Trial:
        said.append(("cheap", arch))
        return Trial(arch, value=(arch[0] + 5 * arch[1] + 25 * arch[2]) * 7 % 31)

    def training(arch: Arch, fidelity: int | None = None) -> Trial:
        said.append(("trained", arch))
        return Trial(arch, value=sum(arch))

    random_search_weight_sharing(
        Space((5, 5, 5)), Oracle(training, 8), make_rng(0), inherited=cheap, paths=12, keep=4
    )
    kinds = [(kind, [arch for _, arch in each]) for kind, each in groupby(said, itemgetter(0))]
    assert [kind for kind, _ in kinds[:4]] == ["cheap", "trained"] * 2
    for (_, paths), (_, best) in (kinds[:2], kinds[2:4]):
        assert len(set(paths)) == len(paths) <= 12
        assert len(best) == 4
        values = sorted((cheap(arch).value for arch in paths), reverse=True)
        assert [cheap(arch).value for arch in best] == values[:4]


def test_a_search_by_shared_weights_runs_on_a_real_supernet() -> None:
    task = cluttered_digits(train=100, valid=50, test=1)
    _, net = trained(1)
    measure = InheritedAccuracy(net, task.train, task.valid)
    history = random_search_weight_sharing(
        net.space, Oracle(measure, 3), make_rng(0), inherited=measure, paths=8, keep=3
    )
    # the oracle answers by the same weights here: the order is theirs
    assert list(history.values) == sorted(history.values, reverse=True)


@pytest.mark.parametrize(("paths", "keep"), [(3, 4), (3, 0)])
def test_more_than_was_drawn_cannot_be_kept(paths: int, keep: int) -> None:
    oracle = Oracle(lambda arch, fidelity=None: Trial(arch, 0.0), 5)
    with pytest.raises(ValueError, match=f"got keep {keep} of {paths} paths"):
        random_search_weight_sharing(
            Space((2, 2)), oracle, make_rng(0), inherited=oracle.measure, paths=paths, keep=keep
        )
    assert oracle.spent == 0
