"""New statistics, and nothing else; the accuracy that they give."""

import copy

import pytest
import torch
from torch import Tensor, nn

from course_lib.core import make_rng
from course_lib.datasets import Images, ImageTask, cluttered_digits
from course_lib.hardware.chain import Chain, chain_network
from course_lib.hardware.criteria import top_channels, weight_scores
from course_lib.hardware.fine_tune import fine_tune
from course_lib.hardware.prune import prune_chain
from course_lib.hardware.recalibrate import pruned_accuracy, recalibrate
from course_lib.hardware.sensitivity import sensitivity
from course_lib.hardware.trained_chains import trained_chain
from course_lib.nas.training import accuracy
from tests.hardware.chains import SHAPES, lively, norms, pictures, random_keep


@pytest.fixture(scope="module")
def task() -> ImageTask:
    return cluttered_digits(train=300, valid=150, test=50)


def images(x: Tensor) -> Images:
    return Images(x, torch.zeros(len(x), dtype=torch.int64))


@pytest.mark.parametrize("chain", SHAPES.values(), ids=SHAPES)
def test_statistics_are_those_of_what_each_layer_reads(chain: Chain) -> None:
    """By hand: block after block, normalised by its own mean and (biased) variance."""
    network, x = lively(chain), pictures(chain, 20)
    recalibrate(network, images(x))
    for block in network[: len(chain.layers)]:
        conv, norm, _ = block
        read = conv(x)
        mean, spread = read.mean((0, 2, 3)), read.var((0, 2, 3), correction=0)
        torch.testing.assert_close(norm.running_mean, mean)
        torch.testing.assert_close(norm.running_var, read.var((0, 2, 3)))
        scale = norm.weight / (spread + norm.eps).sqrt()
        x = (scale[:, None, None] * (read - mean[:, None, None]) + norm.bias[:, None, None]).relu()


@pytest.mark.parametrize("training", [True, False])
def test_nothing_else_changes(training: bool) -> None:
    chain = SHAPES["vgg"]
    network = lively(chain).train(training)
    network.append(nn.Dropout(0.5).eval())
    before = copy.deepcopy(network)
    recalibrate(network, images(pictures(chain)))
    changed = {
        name
        for name, value in network.state_dict().items()
        if not torch.equal(value, before.state_dict()[name])
    }
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    assert changed == {f"{block}.1.{name}" for block in range(3) for name in statistics}
    assert [m.training for m in network.modules()] == [m.training for m in before.modules()]
    assert [norm.momentum for norm in norms(network)] == [0.1] * 3


def test_recalibrating_twice_changes_nothing_more() -> None:
    chain = SHAPES["mobilenet"]
    network, x = lively(chain), images(pictures(chain))
    recalibrate(network, x)
    first = [norm.running_var.clone() for norm in norms(network)]
    recalibrate(network, x)
    for before, norm in zip(first, norms(network), strict=True):
        assert torch.equal(before, norm.running_var)


def test_without_images_or_normalisation_it_is_refused() -> None:
    none = images(torch.zeros(0, 1, 12, 12))
    with pytest.raises(ValueError, match="got 3 layers of it and 0 images"):
        recalibrate(lively(SHAPES["vgg"]), none)
    with pytest.raises(ValueError, match="got 0 layers of it and 2 images"):
        recalibrate(nn.Conv2d(1, 1, 1), images(torch.zeros(2, 1, 12, 12)))


def test_the_pruned_accuracy_is_that_of_the_three_steps(task: ImageTask) -> None:
    network = trained_chain("vgg", 0).network
    keep = random_keep(trained_chain("vgg", 0).chain)
    before = copy.deepcopy(network.state_dict())
    pruned = prune_chain(network, keep)
    assert pruned_accuracy(network, keep, None, task.valid) == accuracy(pruned, task.valid)
    recalibrate(pruned, task.train)
    assert pruned_accuracy(network, keep, task.train, task.valid) == accuracy(pruned, task.valid)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_sensitivity_prunes_one_layer_at_a_time(task: ImageTask) -> None:
    trained = trained_chain("mobilenet", 0)
    valid = task.valid.part(slice(40))
    found = sensitivity(trained.network, [1.0, 0.3], valid, calibration=None)
    assert found.shape == (len(trained.chain.free), 2)
    assert (found[:, 0] == accuracy(trained.network, valid)).all()
    scores = weight_scores(trained.network)
    for row, layer in enumerate(trained.chain.free[:3]):
        counts = list(trained.chain.channels)
        for place in {layer, *range(layer, len(counts))}:
            if place == layer or (place == layer + 1 and trained.chain.layers[place].depthwise):
                counts[place] = -(-3 * counts[place] // 10)
        keep = top_channels(scores, counts)
        assert found[row, 1] == pruned_accuracy(trained.network, keep, None, valid)


def test_a_recalibrated_network_withstands_more(task: ImageTask) -> None:
    network = trained_chain("vgg", 1).network
    old, new = (
        sensitivity(network, [0.5], task.valid, calibration=calibration).mean()
        for calibration in (None, task.train)
    )
    assert new > old + 0.05


def test_ratios_outside_zero_to_one_are_refused(task: ImageTask) -> None:
    for ratio in (0.0, 1.5):
        with pytest.raises(ValueError, match=r"must be a ratio in \(0, 1\]"):
            sensitivity(lively(SHAPES["vgg"]), [0.5, ratio], task.valid, calibration=None)


def test_fine_tuning_is_two_epochs_in_place(task: ImageTask) -> None:
    network = prune_chain(chain_network(SHAPES["vgg"]), random_keep(SHAPES["vgg"]))
    before = copy.deepcopy(network.state_dict())
    result = fine_tune(network, task, make_rng(0))
    assert len(result.curve) == 2
    assert result.curve[-1] == accuracy(network, task.valid)
    assert not torch.equal(network[0][0].weight, before["0.0.weight"])
