"""Statistics of a path: recalibrated, of the batch, and what a path inherits."""

import copy

import pytest
import torch
from torch import Tensor

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas.supernet import (
    InheritedAccuracy,
    Subnet,
    Supernet,
    batch_statistics,
    recalibrate,
)
from course_lib.nas.training import accuracy
from tests.nas.stand_alone import (
    SPACE,
    images,
    norms,
    one_by_one,
    stand_alone,
    supernet,
)


def inputs_of_norms(net: Supernet, weights: Tensor, x: Tensor) -> dict[str, Tensor]:
    """What each normalisation reads when the whole of x is one batch."""
    read: dict[str, Tensor] = {}
    twin = copy.deepcopy(net).train()
    twin.mixed_op = one_by_one
    for name, norm in norms(twin).items():
        norm.register_forward_pre_hook(lambda _, given, name=name: read.update({name: given[0]}))
    with torch.no_grad():
        twin(x, weights)
    return read


def test_recalibrated_statistics_are_those_of_all_images_together() -> None:
    net, data = supernet().double(), images(40)
    data = Images(data.x.double(), data.y)
    weights = SPACE.one_hot((3, 2, 3, 1, 4, 3))
    weights[0, 2] = 0.5
    read = inputs_of_norms(net, weights, data.x)
    recalibrate(net, weights, data, batch=40)
    assert not net.training
    for name, norm in norms(net).items():
        torch.testing.assert_close(norm.running_mean, read[name].mean((0, 2, 3)))
        torch.testing.assert_close(norm.running_var, read[name].transpose(0, 1).flatten(1).var(1))


def test_an_uneven_last_batch_counts_by_its_size() -> None:
    net, data = supernet().double(), images(50)
    data = Images(data.x.double(), data.y)
    recalibrate(net, SPACE.one_hot((3,) * 6), data, batch=20)
    # the stem reads the images themselves: its mean over batches is that over all images
    mean = net.body.stem[0](data.x).mean((0, 2, 3))
    torch.testing.assert_close(net.body.stem[1].running_mean, mean)


def test_recalibration_forgets_what_was_before_and_keeps_weights_and_momentum() -> None:
    one, other = supernet(0), supernet(0)
    for norm in norms(other).values():
        norm.running_mean += 7
    weights = SPACE.one_hot((2, 3, 1, 4, 3, 2))
    before = {name: value.clone() for name, value in one.named_parameters()}
    for net in (one, other):
        recalibrate(net, weights, images(), batch=10)
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])
    assert all(torch.equal(value, before[name]) for name, value in one.named_parameters())
    assert {norm.momentum for norm in norms(one).values()} == {0.1}


def test_statistics_of_the_batch_are_those_of_training_and_nothing_is_stored() -> None:
    net, x, weights = supernet(), images().x, SPACE.one_hot((3, 2, 3, 1, 4, 3))
    trained = copy.deepcopy(net).train()(x, weights)
    stored = copy.deepcopy(net.state_dict())
    for training in (False, True):
        with batch_statistics(net.train(training)):
            torch.testing.assert_close(net(x, weights), trained)
        assert net.state_dict().keys() == stored.keys()
        assert all(torch.equal(value, stored[name]) for name, value in net.state_dict().items())
    assert not torch.allclose(net.eval()(x, weights), trained)


def test_statistics_come_back_after_an_error() -> None:
    net = supernet()
    with pytest.raises(ValueError, match="weights"), batch_statistics(net):
        net(images().x, torch.zeros(2, 2))
    assert all(norm.running_mean is not None for norm in norms(net).values())
    with pytest.raises(ValueError, match="weights"):
        recalibrate(net, torch.zeros(2, 2), images())
    assert {norm.momentum for norm in norms(net).values()} == {0.1}


# --- inherited accuracy ---
def test_inherited_accuracy_is_that_of_the_stand_alone_network() -> None:
    net, train, valid = supernet().double(), images(60, 1), images(80, 2)
    train, valid = (Images(part.x.double(), part.y) for part in (train, valid))
    measure = InheritedAccuracy(net, train, valid)
    for seed in range(5):
        arch = SPACE.sample(make_rng(seed))
        trial = measure(arch)
        assert trial.value == accuracy(stand_alone(net, arch), valid)
        assert (trial.arch, trial.cost) == (arch, 1)


def test_calibration_is_the_caller_s_choice() -> None:
    net, asked = supernet(), []
    before = copy.deepcopy(net.state_dict())
    plain = InheritedAccuracy(net, images(60, 1), images(80, 2), calibrate=None)
    arch = (3, 2, 3, 1, 4, 3)
    assert plain(arch).value == accuracy(Subnet(net, SPACE.one_hot(arch)), images(80, 2))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())

    def record(net, weights, train):
        asked.append((weights, len(train)))

    InheritedAccuracy(net, images(60, 1), images(80, 2), calibrate=record)(arch)
    assert len(asked) == 1
    assert torch.equal(asked[0][0], SPACE.one_hot(arch))
    assert asked[0][1] == 60
