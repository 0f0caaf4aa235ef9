"""The accuracy of a pruned network, beside the network that is really pruned and recalibrated."""

import pytest
import torch

from course_lib.core import make_rng, randint
from course_lib.hardware.chain import chain_network, mobilenet, vgg
from course_lib.hardware.criteria import top_channels, weight_scores
from course_lib.hardware.prune import prune_chain
from course_lib.hardware.recalibrate import recalibrate
from course_lib.hardware.sliced_accuracy import SlicedAccuracy
from course_lib.images import Images
from course_lib.nas.training import accuracy

CHAINS = {"vgg": vgg((6, 8, 8)), "mobilenet": mobilenet((6, 8, 8))}


def images(count: int, seed: int) -> Images:
    rng = make_rng(seed)
    x = torch.randn(count, 1, 12, 12, generator=rng)
    return Images(x, torch.randint(10, (count,), generator=rng), torch.arange(count))


def random_network(chain):
    network, rng = chain_network(chain, rng=make_rng(3)), make_rng(4)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5, generator=rng)
            torch.nn.init.normal_(module.bias, 0.0, 0.5, generator=rng)
    return network


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_it_is_the_accuracy_of_the_network_that_is_pruned_and_recalibrated(chain):
    network = random_network(chain)
    calibration, judged = images(100, 0), images(400, 1)
    found = SlicedAccuracy(chain, network, calibration, judged)
    rng = make_rng(2)
    for _ in range(4):
        counts = [1 + randint(rng, chain.channels[place]) for place in chain.free]
        keep = top_channels(weight_scores(network), chain.tied(counts))
        pruned = prune_chain(network, keep)
        recalibrate(pruned, calibration)
        assert found(counts) == pytest.approx(accuracy(pruned, judged), abs=1.5 / 400)


def test_without_images_to_calibrate_with_it_says_so():
    with pytest.raises(ValueError, match="two images or more to calibrate with"):
        SlicedAccuracy(CHAINS["vgg"], random_network(CHAINS["vgg"]), images(1, 0), images(3, 1))
