"""Laws of the roofline models."""

from functools import partial

import pytest
import torch
from torch import nn

from course_lib.hardware.chain import chain_network, mobilenet, vgg
from course_lib.hardware.macs import chain_macs
from course_lib.hardware.roofline import (
    MICROCONTROLLER,
    MODELS,
    LayerCost,
    fits,
    layer_costs,
    needs_memory,
    roofline_latency,
)

DEVICE = MICROCONTROLLER._replace(
    peak=1e6, bandwidth=1e3, overhead=0.5, width=2, cache=0, weights=100, activations=60
)
BUSY = LayerCost("a convolution", macs=4_000_000, weights=10, inputs=20, outputs=30)
WIDE = LayerCost("a linear map", macs=1_000, weights=1_000, inputs=20, outputs=30)


@pytest.mark.parametrize("chain", [vgg(), mobilenet((4, 8, 8, 16))], ids=["vgg", "mobilenet"])
def test_the_macs_of_a_chain_are_those_of_its_formula(chain):
    costs = layer_costs(chain_network(chain), torch.zeros(1, *chain.image))
    assert [cost.macs for cost in costs if cost.macs] == chain_macs(chain, chain.channels)


def test_batch_normalisation_is_folded_and_weights_are_counted_once():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
    (cost,) = layer_costs(network, torch.zeros(2, 3, 5, 5))
    assert cost == LayerCost("0", 2 * 4 * 9 * 27, 4 * 28, 2 * 75, 2 * 36)


def test_the_longer_of_computing_and_moving_counts_and_every_operator_has_its_overhead():
    assert roofline_latency([BUSY], DEVICE) == pytest.approx(4 + 0.5)
    assert roofline_latency([WIDE], DEVICE) == pytest.approx(2 * 1_050 / 1e3 + 0.5)
    both = roofline_latency([BUSY, WIDE], DEVICE)
    assert both == pytest.approx(sum(roofline_latency([cost], DEVICE) for cost in (BUSY, WIDE)))


def test_what_stays_on_the_chip_moves_no_bytes():
    assert roofline_latency([WIDE], DEVICE._replace(cache=100)) == pytest.approx(2 + 0.5)
    assert roofline_latency([WIDE], DEVICE._replace(cache=99)) == pytest.approx(2.1 + 0.5)


@pytest.mark.parametrize("device", MODELS, ids=lambda device: device.name)
def test_no_network_is_faster_than_the_peak_and_better_hardware_is_never_slower(device):
    costs = layer_costs(chain_network(vgg()), torch.zeros(1, 1, 12, 12))
    latency = partial(roofline_latency, costs)
    assert latency(device) >= sum(cost.macs for cost in costs) / device.peak
    for better in (
        device._replace(peak=2 * device.peak),
        device._replace(bandwidth=2 * device.bandwidth),
        device._replace(overhead=0),
        device._replace(cache=2**40),
    ):
        assert latency(better) <= latency(device)


def test_doubling_peak_and_bandwidth_without_overhead_halves_the_time():
    free = DEVICE._replace(overhead=0)
    twice = free._replace(peak=2 * free.peak, bandwidth=2 * free.bandwidth)
    costs = [BUSY, WIDE]
    assert roofline_latency(costs, twice) == pytest.approx(roofline_latency(costs, free) / 2)


def test_a_network_fits_up_to_the_last_byte():
    costs = [LayerCost("a", 0, 20, 10, 20), LayerCost("b", 0, 30, 20, 5)]
    assert needs_memory(costs, DEVICE) == (100, 60)
    assert fits(costs, DEVICE)
    assert not fits(costs, DEVICE._replace(weights=99))
    assert not fits(costs, DEVICE._replace(activations=59))


def test_every_model_says_what_is_assumed():
    assert all("assumed" in device.source for device in MODELS)


def test_the_network_keeps_no_hooks():
    network = chain_network(vgg())
    layer_costs(network, torch.zeros(1, 1, 12, 12))
    assert not any(module._forward_hooks for module in network.modules())
