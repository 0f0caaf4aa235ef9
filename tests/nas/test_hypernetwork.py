"""Laws of the hypernetwork: untrained it is plain sharing, trained it tells architectures apart."""

import copy

import pytest
import torch

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas.cells import CellSpace
from course_lib.nas.hypernetwork import (
    HyperNetwork,
    PredictedAccuracy,
    predicted_scores,
    train_hypernetwork,
)
from course_lib.nas.supernet import InheritedAccuracy, Supernet, sampled_op

SPACE = CellSpace()
CONV = SPACE.parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|none~2|")


def pictures(seed, count=12):
    """Class 0 is dark on the left, class 1 on the right."""
    y = torch.arange(count) % 2
    x = 0.3 * torch.randn(count, 1, 4, 4, generator=make_rng(seed))
    x[y == 0, :, :, :2] -= 1
    x[y == 1, :, :, 2:] -= 1
    return Images(x, y)


def small_net():
    return Supernet(
        SPACE, rng=make_rng(0), mixed_op=sampled_op, channels=(2, 4), classes=2, image=(1, 4, 4)
    )


def trained(seed=0, epochs=10):
    net = small_net()
    hyper, log = train_hypernetwork(
        net, pictures(1), make_rng(seed), epochs=epochs, batch=6, learning_rate=0.02, hidden=4
    )
    return net, hyper, log


def test_only_the_convolutions_that_are_used_are_predicted_in_their_shapes():
    weights = HyperNetwork(small_net(), make_rng(0))(CONV)
    assert {name: w.shape for name, w in weights.items()} == {
        "body.fine.edges.0.nor_conv_3x3.0.weight": (2, 2, 3, 3),
        "body.fine.edges.3.nor_conv_1x1.0.weight": (2, 2, 1, 1),
        "body.coarse.edges.0.nor_conv_3x3.0.weight": (4, 4, 3, 3),
        "body.coarse.edges.3.nor_conv_1x1.0.weight": (4, 4, 1, 1),
    }


def test_untrained_it_is_plain_weight_sharing():
    net, x = small_net(), pictures(2).x
    hyper = HyperNetwork(net, make_rng(0))
    for seed in range(5):
        arch = SPACE.sample(make_rng(seed))
        expected = net(x, SPACE.one_hot(arch))
        torch.testing.assert_close(predicted_scores(hyper, net, arch, x), expected)


def test_trained_it_gives_one_convolution_other_weights_in_other_cells():
    _, hyper, _ = trained()
    other = list(CONV)
    other[1] = SPACE.operations.index("skip_connect")
    one, two = hyper(CONV), hyper(tuple(other))
    assert one.keys() == two.keys()
    assert all(not torch.allclose(one[name], two[name], atol=1e-4) for name in one)


def test_training_lowers_the_loss():
    _, _, log = trained(epochs=20)
    assert log["train_loss"][-5:].mean() < 0.9 * log["train_loss"][:5].mean()


def test_scores_come_from_the_prediction_and_not_from_the_net():
    net, hyper, _ = trained(epochs=2)
    net.eval()
    x = pictures(2).x
    before = predicted_scores(hyper, net, CONV, x)
    with torch.no_grad():
        for name in hyper.shapes:
            net.get_parameter(name).fill_(7.0)
    assert torch.equal(predicted_scores(hyper, net, CONV, x), before)


def test_the_measure_judges_the_net_that_has_the_predicted_weights():
    net, hyper, _ = trained()
    measure = PredictedAccuracy(hyper, net, pictures(1), pictures(2, 100))
    other = copy.deepcopy(net)
    trial = measure(CONV)
    with torch.no_grad():
        for name, weight in hyper(CONV).items():
            other.get_parameter(name).copy_(weight)
    assert trial == InheritedAccuracy(other, pictures(1), pictures(2, 100))(CONV)
    assert trial.cost == 1


def test_same_seed_same_hypernetwork_and_the_global_seed_is_untouched():
    before = torch.get_rng_state()
    (_, one, log), (_, two, log2), (_, _, log3) = (trained(seed, 2) for seed in (0, 0, 1))
    assert log == log2 != log3
    for own, other in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(own, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_wrong_sizes_are_named():
    with pytest.raises(ValueError, match="hidden must be at least 1, got 0"):
        HyperNetwork(small_net(), make_rng(0), hidden=0)
    with pytest.raises(ValueError, match="expected at least one image, epoch"):
        train_hypernetwork(small_net(), pictures(1), make_rng(0), epochs=0)
