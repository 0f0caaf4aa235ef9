"""Laws of PARSEC: importance weights are posteriors, the gradient tends to that of the evidence."""

from itertools import product

import pytest
import torch

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas.cells import CellSpace
from course_lib.nas.parsec import (
    alpha_step,
    importance_weights,
    parsec,
    path_gradient,
    weight_step,
)
from course_lib.nas.relax import sampled_path
from course_lib.nas.supernet import Supernet, sampled_op

SPACE = CellSpace(("none", "skip_connect", "nor_conv_3x3"))
ALPHA = torch.tensor([[0.3, -0.5, 0.0], [1.0, 0.0, -1.0]], dtype=torch.float64)
PATHS = torch.stack(
    [torch.eye(3, dtype=torch.float64)[list(p)] for p in product(range(3), repeat=2)]
)
LOG_LIKELIHOOD = torch.randn(9, generator=make_rng(0), dtype=torch.float64)  # one per path


def chances(alpha):
    return (PATHS * alpha.softmax(-1)).sum(-1).prod(-1)


def pictures(seed, count=12):
    y = torch.arange(count) % 2
    x = 0.3 * torch.randn(count, 1, 4, 4, generator=make_rng(seed))
    x[y == 0, :, :, :2] -= 1
    x[y == 1, :, :, 2:] -= 1
    return Images(x, y)


def small_net():
    return Supernet(
        SPACE, rng=make_rng(0), mixed_op=sampled_op, channels=(2, 4), classes=2, image=(1, 4, 4)
    )


def state(net):
    return {name: value.clone() for name, value in net.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_importance_weights_are_the_posterior_under_a_uniform_draw():
    weights = importance_weights(LOG_LIKELIHOOD)
    likelihood = LOG_LIKELIHOOD.exp()
    torch.testing.assert_close(weights, likelihood / likelihood.sum())


@pytest.mark.parametrize("shift", [0.0, -1e4, 1e4])
def test_a_common_factor_of_the_likelihood_says_nothing(shift):
    weights = importance_weights(LOG_LIKELIHOOD + shift)
    torch.testing.assert_close(weights, importance_weights(LOG_LIKELIHOOD), atol=1e-9, rtol=1e-9)


def test_many_paths_give_the_gradient_of_the_log_evidence():
    """By enumeration of all paths and autograd; the error of 200,000 draws is about 1e-3."""
    leaf = ALPHA.clone().requires_grad_()
    evidence = (chances(leaf) * LOG_LIKELIHOOD.exp()).sum().log()
    (exact,) = torch.autograd.grad(evidence, leaf)
    paths = sampled_path(ALPHA.expand(200_000, -1, -1), make_rng(1))
    number = (paths.argmax(-1) * torch.tensor([3, 1])).sum(-1)
    got = path_gradient(ALPHA, paths, LOG_LIKELIHOOD[number])
    torch.testing.assert_close(got, exact, atol=1e-2, rtol=0)
    assert exact.abs().max() > 0.1


def test_a_single_path_teaches_nothing_on_average():
    mean = sum(
        chance * path_gradient(ALPHA, path[None], log[None])
        for chance, path, log in zip(chances(ALPHA), PATHS, LOG_LIKELIHOOD, strict=True)
    )
    torch.testing.assert_close(mean, torch.zeros(2, 3, dtype=torch.float64), atol=1e-12, rtol=0)


def test_steps_move_their_own_half_and_nothing_of_the_other():
    net, images = small_net().train(), pictures(1)
    alpha = torch.nn.Parameter(torch.zeros(6, 3))
    paths = sampled_path(alpha.expand(3, -1, -1), make_rng(0))
    before = state(net)
    adam = torch.optim.Adam([alpha], lr=0.1)
    alpha_step(net, adam, alpha, paths, images.x, images.y)
    assert same(before, net.state_dict())
    assert alpha.abs().sum() > 0
    old = alpha.detach().clone()
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, foreach=True)
    weight_step(net, sgd, paths, images.x, images.y)
    assert torch.equal(alpha, old)
    assert not same(before, net.state_dict())


def test_the_weight_step_descends_the_weighted_loss():
    """-log of the mean likelihood over the paths, per image: the same gradient by autograd."""
    net, oracle, images = small_net().train(), small_net().train(), pictures(1)
    paths = torch.stack([SPACE.one_hot(SPACE.sample(make_rng(seed))) for seed in range(3)])
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, foreach=True)
    weight_step(net, sgd, paths, images.x, images.y)
    logs = [
        -len(images) * torch.nn.functional.cross_entropy(oracle(images.x, path), images.y)
        for path in paths
    ]
    evidence = -torch.stack(logs).logsumexp(0) / len(images)
    slopes = torch.autograd.grad(evidence, list(oracle.parameters()), materialize_grads=True)
    for own, old, slope in zip(net.parameters(), oracle.parameters(), slopes, strict=True):
        torch.testing.assert_close(own, old - 0.1 * slope, atol=1e-5, rtol=1e-4)


def test_same_seed_same_search_and_the_log_tells_of_it():
    runs = []
    for seed in (0, 0, 1):
        net = small_net()
        runs.append(
            (*parsec(net, pictures(1), pictures(2), make_rng(seed), epochs=2, batch=6), net)
        )
    (alpha, log, net), (alpha2, log2, net2), (_, log3, _) = runs
    assert torch.equal(alpha, alpha2)
    assert log == log2 != log3
    assert same(net.state_dict(), net2.state_dict())
    assert log["alpha"].shape == (2, 6, 3)
    assert not alpha.requires_grad


def test_a_wrong_argument_is_named():
    images = pictures(1)
    with pytest.raises(ValueError, match="samples must be at least 1, got 0"):
        parsec(small_net(), images, pictures(2), make_rng(0), samples=0)
    with pytest.raises(ValueError, match="train holds no images"):
        parsec(small_net(), Images(images.x[:0], images.y[:0]), images, make_rng(0))
