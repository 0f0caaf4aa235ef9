"""What the claims of lecture 13 say of made-up devices, of which everything is known."""

from pathlib import Path

import numpy as np
import pytest
import torch

from claims import latencies as reading
from claims.few_samples import KNOWN, ways_to_predict
from claims.latencies import SPACE, Latencies, first_of_each, groups, latencies
from claims.latency_lookup import by_counts, by_table, measured_for_the_table, table_of
from claims.latency_winner import curse
from course_lib.core import make_rng
from course_lib.hardware.latency_features import count_features
from course_lib.hardware.latency_file import Measured, write_latency
from course_lib.hardware.latency_predictors import skill
from course_lib.hardware.lookup import single_changes
from course_lib.nas.table import digits201

PRICE = {"few calls": [4.0, 9, 2, 1, 3, 1], "many calls": [5.0, 15, 70, 30, 200, 30]}
NOISE = 0.01


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Latencies:
    """600 networks and those that the table needs, on devices that pay for counts alone."""
    first = first_of_each(digits201())
    skip = SPACE.operations.index("skip_connect")
    alone = {SPACE.canonical(arch) for arch in single_changes((skip,) * 6, 5)}
    rows = [row for row, arch in first.items() if row % 9 == 0 or SPACE.canonical(arch) in alone]
    counts = count_features(SPACE, [first[row] for row in rows]).numpy()
    plain = np.stack([100 + counts @ np.array(price) for price in PRICE.values()]) * 1e-6
    rng = np.random.default_rng(0)
    halves = plain[:, None] * (1 + NOISE * rng.standard_normal((2, 2, len(rows))))
    file = Measured(
        devices=tuple(PRICE),
        networks=np.array(rows),
        seconds=halves.mean(1),
        halves=halves,
        anchors=np.zeros((2, 1, 4)),
        macs=counts[:, 0] + 9 * counts[:, 1],
        parameters=np.ones(len(rows), int),
        channels=(8, 16),
        image=(1, 12, 12),
        batch=1,
        threads=1,
        rounds=40,
        quantile=0.1,
        machine="made up",
    )
    folder: Path = tmp_path_factory.mktemp("data")
    write_latency(file, folder / "latency201.npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FOLDER", folder)
        return latencies()


def test_networks_keep_their_latencies_counts_and_accuracies(given: Latencies) -> None:
    plain = 100 + given.counts @ torch.tensor(PRICE["many calls"], dtype=torch.float64)
    assert ((given.seconds[:, 1] * 1e6 / plain - 1).abs() < 5 * NOISE).all()
    for place in (0, 17, len(given.archs) - 1):
        assert given.places[SPACE.canonical(given.archs[place])] == place
        value = digits201().measure(given.archs[place]).value
        assert float(given.accuracy[place]) == pytest.approx(value)


def test_the_noise_of_a_latency_is_told_by_its_halves(given: Latencies) -> None:
    """The mean of two halves, each with an error of 1 %."""
    wanted = NOISE / 2**0.5 * given.seconds[:, 1].square().mean().sqrt()
    assert given.noise(1) == pytest.approx(float(wanted), rel=0.1)


def test_groups_deal_every_network_out_once() -> None:
    dealt = torch.cat(groups(1003))
    assert dealt.sort().values.tolist() == list(range(1003))


def test_the_table_is_right_where_one_edge_differs(given: Latencies) -> None:
    said = by_table(given, 0)
    for place in measured_for_the_table(given):
        arch = given.archs[place]
        if sum(name != "skip_connect" for name in SPACE.names(arch)) <= 1:
            assert float(said[place]) == pytest.approx(float(given.seconds[place, 0]))


def test_a_device_of_noise_gets_no_table(given: Latencies) -> None:
    loud = given._replace(halves=torch.stack([given.seconds, 2 * given.seconds]))
    with pytest.raises(ValueError, match="above zero"):
        table_of(loud, 0)


def test_counts_order_what_they_pay_for(given: Latencies) -> None:
    group = groups(len(given.archs))[0]
    said = by_counts(given, 1, 40, group, 0)
    assert skill(said[group], given.seconds[group, 1]).correlation > 0.98


def test_a_device_is_predicted_from_the_other_ones_only(given: Latencies) -> None:
    _, features = ways_to_predict(given, 0)[KNOWN]
    assert torch.equal(features[:, :6], given.counts)
    assert torch.equal(features[:, 6:], given.seconds[:, 1:])


def test_who_is_chosen_was_flattered_more_than_the_rest(given: Latencies) -> None:
    """Latencies that no count says: every difference in the prediction is an error."""
    rng = make_rng(0)
    shuffled = given.halves[:, torch.randperm(len(given.archs), generator=rng)]
    blind = given._replace(halves=shuffled)
    good = torch.arange(len(given.archs))
    pairs = [curse(blind, 1, good, seed) for seed in range(10)]
    assert sum(chosen - every for chosen, every in pairs) / 10 > 3
