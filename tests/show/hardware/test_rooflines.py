"""The roofline picture: dots lie on or under the roof, bars add up to the time of the model."""

import numpy as np
import pytest
import torch

from course_lib.hardware.chain import chain_network, vgg
from course_lib.hardware.roofline import MODELS, Roofline, layer_costs, roofline_latency
from course_lib.show.hardware.rooflines import roof, roofline_info

COSTS = layer_costs(chain_network(vgg((4, 8, 16))), torch.zeros(1, 1, 12, 12))
each_device = pytest.mark.parametrize("device", MODELS, ids=[one.name for one in MODELS])


@each_device
def test_no_layer_is_above_the_roof_and_without_overhead_each_lies_on_it(device: Roofline) -> None:
    info = roofline_info("net", COSTS, device)
    assert (info.reached <= roof(device, info.intensity) * (1 + 1e-9)).all()
    free = roofline_info("net", COSTS, device._replace(overhead=0.0))
    np.testing.assert_allclose(free.reached, roof(device, free.intensity), rtol=1e-9)


@each_device
def test_the_bars_add_up_to_the_latency(device: Roofline) -> None:
    info = roofline_info("net", COSTS, device)
    assert info.total == pytest.approx(1e3 * roofline_latency(COSTS, device))
    assert len(info.milliseconds) == len(COSTS)


def test_the_words_say_what_takes_the_time_and_that_it_is_a_model() -> None:
    device = MODELS[0]._replace(peak=1e6, bandwidth=1e12, overhead=1.0)
    said = roofline_info("net", COSTS, device).describe()
    assert f"to start {len(COSTS)} operators" in said
    assert "no measurement" in said


def test_where_the_roof_bends_the_memory_begins_to_keep_up() -> None:
    device = MODELS[1]
    ridge = roofline_info("net", COSTS, device).ridge
    assert roof(device, np.array([ridge]))[0] == pytest.approx(device.peak)
    assert roof(device, np.array([ridge / 2]))[0] == pytest.approx(device.peak / 2)
