"""What the claims about channels and devices compute, on cases that can be said in advance."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from claims.channel_multiple import CHAINS, KEPT, MULTIPLES, pruned, whole
from claims.rankings import grouped, known
from course_lib.core import make_rng
from course_lib.hardware.latency_file import Measured

FILE = Measured(
    devices=("PyTorch eager", "ONNX Runtime"),
    networks=np.array([3, 5, 8, 9]),
    seconds=np.array([[1.0, 2, 3, 4], [4, np.nan, 2, 1]]),
    halves=np.ones((2, 2, 4)),
    anchors=np.ones((2, 1, 4)),
    macs=np.array([10, 20, 30, 40]),
    parameters=np.arange(4),
    channels=(8, 16),
    image=(1, 12, 12),
    batch=1,
    threads=1,
    rounds=40,
    quantile=0.1,
    machine="an abacus",
)


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("multiple", MULTIPLES.values())
def test_a_pruned_chain_keeps_its_budget_and_its_multiple(name, multiple):
    chain = CHAINS[name]
    for seed in range(5):
        wished = (0.3 + 0.7 * torch.rand(len(chain.free), generator=make_rng(seed))).tolist()
        smaller = pruned(chain, wished, multiple)
        assert 0.4 < whole(smaller) / whole(chain) <= KEPT
        assert all(count % multiple == 0 for count in smaller.channels)


def test_only_networks_that_all_devices_measured_are_compared():
    assert {name: values.tolist() for name, values in known(FILE).items()} == {
        "MACs": [10, 30, 40],
        "eager": [1, 3, 4],
        "ONNX Runtime": [4, 2, 1],
    }
    assert known(FILE, [3, 5, 9])["eager"].tolist() == [1, 4]
    assert known(replace(FILE, seconds=FILE.seconds[[0, 0]]))["MACs"].tolist() == [10, 20, 30, 40]


def test_groups_of_one_order_agree_and_of_its_reverse_disagree():
    values = np.random.default_rng(0).permutation(60.0 + np.arange(60))
    assert grouped(values, values**3, 6) == pytest.approx([1.0] * 6)
    assert grouped(values, -values, 6) == pytest.approx([-1.0] * 6)
