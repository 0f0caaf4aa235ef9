"""What the claims about channels and devices compute, on cases that can be said in advance."""

import numpy as np
import pytest
import torch

from claims.channel_multiple import CHAINS, KEPT, MULTIPLES, pruned, whole
from claims.latencies import NOISY
from claims.one_supernet import TRAINED, mean_of_luck, pick
from claims.rankings import both, columns, grouped
from course_lib.core import make_rng
from course_lib.core.statistics import expected_best
from course_lib.hardware.latency_table import LatencyTable, latency201
from course_lib.nas.cells import CellSpace


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("multiple", MULTIPLES.values())
def test_a_pruned_chain_keeps_its_budget_and_its_multiple(name, multiple):
    chain = CHAINS[name]
    for seed in range(5):
        wished = (0.3 + 0.7 * torch.rand(len(chain.free), generator=make_rng(seed))).tolist()
        smaller = pruned(chain, wished, multiple)
        assert 0.4 < whole(smaller) / whole(chain) <= KEPT
        assert all(count % multiple == 0 for count in smaller.channels)


def test_only_networks_that_both_devices_measured_are_compared():
    gap = np.array([1, np.nan, 3, np.nan])
    table = LatencyTable(
        CellSpace(("none", "skip_connect")),
        np.zeros(64, int),
        {"PyTorch eager": np.array([4.0, 5, np.nan, 7]), "ncnn": gap},
        info={"macs": np.array([10, 20, 30, 40])},
    )
    own = columns(table, " (abacus)")
    assert list(own) == ["MACs (abacus)", "eager (abacus)", "ncnn (abacus)"]
    one, other = both(own["eager (abacus)"], own["ncnn (abacus)"])
    assert (one.tolist(), other.tolist()) == ([4], [1])
    macs, seconds = both(own["MACs (abacus)"], own["ncnn (abacus)"])
    assert (macs.tolist(), seconds.tolist()) == ([10, 30], [1, 3])


def test_groups_of_one_order_agree_and_of_its_reverse_disagree():
    values = np.random.default_rng(0).permutation(60.0 + np.arange(60))
    assert grouped(values, values**3, 6) == pytest.approx([1.0] * 6)
    assert grouped(values, -values, 6) == pytest.approx([-1.0] * 6)


def test_what_is_taken_keeps_the_limit_and_is_the_best_of_the_proposed():
    inherited, valid = np.arange(30.0), np.random.default_rng(0).permutation(30)
    within = np.flatnonzero(np.arange(30) % 3 == 1)
    proposed = within[-TRAINED:]
    assert pick(inherited, valid, within) == proposed[valid[proposed].argmax()]
    assert pick(valid, valid, within) == within[valid[within].argmax()]
    assert pick(inherited, valid, within[:2]) in within[:2]


def test_luck_is_the_expected_best_of_a_few():
    """Where validation says all: draws without replacement have a closed form."""
    values = np.random.default_rng(0).normal(size=200)
    said = mean_of_luck(values, values, 6)
    assert said == pytest.approx(expected_best(values, 6, replace=False), abs=0.1)
    assert mean_of_luck(values, -values, 6) == pytest.approx(-said)


def test_the_claims_leave_out_what_the_table_refuses():
    noise = latency201("latency201_second", least_tau=0).noise
    assert {device for device, tau in noise.items() if tau < 0.95} == set(NOISY)
