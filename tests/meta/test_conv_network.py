"""Laws of the convolutional network: torch's modules give the same; no statistics leak."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import vmap

from course_lib.core import make_rng
from course_lib.meta.conv_network import HEAD, conv_network, features
from course_lib.meta.evaluate import by_gradient, inductive, transductive
from course_lib.meta.maml import inner_loop
from course_lib.meta.prototypes import prototypes

SMALL = {"ways": 3, "channels": (4, 6), "size": 9, "image_channels": 2}


def images(seed: int, *shape: int) -> torch.Tensor:
    return torch.rand(*shape, 2, 9, 9, generator=make_rng(seed))


def test_modules_of_torch_with_the_same_weights_give_the_same():
    phi, predict = conv_network(make_rng(0), **SMALL)
    phi = {name: torch.randn(v.shape, generator=make_rng(1)) for name, v in phi.items()}
    module = nn.Sequential(
        nn.Conv2d(2, 4, 3, 2, 1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 6, 3, 2, 1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(6 * 9, 3),
    )
    assert list(phi)[-2:] == list(HEAD)
    with torch.no_grad():
        for own, name in zip(module.parameters(), phi, strict=True):
            own.copy_(phi[name].T if name == "head.weight" else phi[name])
    x = images(2, 7)
    torch.testing.assert_close(predict(phi, x), module(x), rtol=1e-3, atol=1e-4)


def test_a_context_that_is_the_batch_itself_changes_nothing():
    phi, predict = conv_network(make_rng(0), **SMALL)
    x = images(3, 6)
    torch.testing.assert_close(predict(phi, x, x), predict(phi, x))
    assert features(phi, x).shape == (6, 6 * 9)


def solvers(context):
    theta, predict = conv_network(make_rng(0), **SMALL)
    adapt = partial(inner_loop, lr=0.1, steps=2)
    return theta, {
        "gradient": by_gradient(predict, adapt, context=context),
        "prototypes": prototypes(features, ways=3, context=context),
    }


@pytest.mark.parametrize("kind", ["gradient", "prototypes"])
def test_an_inductive_answer_does_not_depend_on_the_other_queries(kind):
    support_x, support_y = images(4, 3), torch.arange(3)
    query_x, others = images(5, 5), images(6, 5)
    others[2] = query_x[2]
    theta, solve = solvers(inductive)
    one, other = (solve[kind](theta, support_x, support_y, x) for x in (query_x, others))
    torch.testing.assert_close(one[2], other[2])
    torch.testing.assert_close(one[2:3], solve[kind](theta, support_x, support_y, query_x[2:3]))
    theta, solve = solvers(transductive)
    one, other = (solve[kind](theta, support_x, support_y, x) for x in (query_x, others))
    assert (one[2] - other[2]).abs().max() > 1e-3, "a transductive one does"


@pytest.mark.parametrize("context", [inductive, transductive])
@pytest.mark.parametrize("kind", ["gradient", "prototypes"])
def test_tasks_do_not_influence_each_other(kind, context):
    theta, solve = solvers(context)
    support_x, query_x = images(7, 4, 3), images(8, 4, 5)
    support_y = torch.stack([torch.randperm(3, generator=make_rng(i)) for i in range(4)])
    together = vmap(partial(solve[kind], theta))(support_x, support_y, query_x)
    for task in range(4):
        alone = solve[kind](theta, support_x[task], support_y[task], query_x[task])
        torch.testing.assert_close(together[task], alone, rtol=1e-3, atol=1e-4)


def test_the_head_sees_what_a_slow_loop_computes():
    """One block, written as sums over pixels."""
    phi, _ = conv_network(make_rng(0), channels=(2,), size=3, image_channels=1)
    x = torch.rand(4, 1, 3, 3, generator=make_rng(9), dtype=torch.float64)
    weight = phi["conv0.weight"].double()
    padded = F.pad(x[:, 0], (1, 1, 1, 1))
    out = torch.zeros(4, 2, 2, 2, dtype=torch.float64)
    for row in range(2):
        for column in range(2):
            window = padded[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            out[:, :, row, column] = torch.einsum("nij,oij->no", window, weight[:, 0])
    mean, deviation = out.mean((0, 2, 3)), out.var((0, 2, 3), correction=0).add(1e-5).sqrt()
    expected = ((out - mean[:, None, None]) / deviation[:, None, None]).clamp(min=0)
    found = features(phi, x.float())
    torch.testing.assert_close(found, expected.flatten(1).float(), rtol=1e-4, atol=1e-5)


def test_the_same_seed_gives_the_same_weights():
    one, two, other = (conv_network(make_rng(seed))[0] for seed in (0, 0, 1))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["conv0.weight"], other["conv0.weight"])
