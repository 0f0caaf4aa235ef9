"""What the claims of lecture 13 say of made-up devices, of which everything is known."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from claims import latencies as reading
from claims.few_samples import KNOWN, ways_to_predict
from claims.latencies import SPACE, Latencies, first_of_each, groups, latencies
from claims.latency_lookup import by_counts, one_edge, six_edges, stands_out
from claims.latency_winner import curse
from course_lib.core import Arch, make_rng
from course_lib.hardware.edge_samples import EVERY_EDGE, ONE_EDGE, EdgeSamples, edge_archs
from course_lib.hardware.latency_features import count_features
from course_lib.hardware.latency_file import Measured, write_latency
from course_lib.hardware.latency_predictors import skill
from course_lib.hardware.lookup import LookupTable, lookup_latency, single_changes
from course_lib.nas.table import digits201

PRICE = {"few calls": [4.0, 9, 2, 1, 3, 1], "many calls": [5.0, 15, 70, 30, 200, 30]}
NOISE = 0.01


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Latencies]:
    """Some 560 networks, on devices that pay for counts alone."""
    first = first_of_each(digits201())
    rows = [row for row in first if row % 9 == 0]
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
        levelled=False,
        machine="made up",
    )
    folder: Path = tmp_path_factory.mktemp("data")
    write_latency(file, folder / "latency201.npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FOLDER", folder)
        yield latencies()


def test_networks_keep_their_latencies_counts_and_accuracies(given: Latencies) -> None:
    plain = 100 + given.counts @ torch.tensor(PRICE["many calls"], dtype=torch.float64)
    assert ((given.seconds[:, 1] * 1e6 / plain - 1).abs() < 5 * NOISE).all()
    for place in (0, 17, len(given.archs) - 1):
        value = digits201().measure(given.archs[place]).value
        assert float(given.accuracy[place]) == pytest.approx(value)


def test_devices_of_another_machine_have_names_of_their_own(given: Latencies) -> None:
    """The second file lacks every other network, and is twice as slow."""
    half = slice(1, None, 2)
    file = given.measured
    slow = replace(
        file,
        networks=file.networks[half],
        seconds=2 * file.seconds[:, half],
        halves=file.halves[..., half],
        macs=file.macs[half],
        parameters=file.parameters[half],
        machine="an abacus",
    )
    write_latency(slow, reading.FOLDER / "latency201_second.npz")
    both = latencies(files=("latency201", "latency201_second"))
    assert both.devices == (*PRICE, *(f"{name} (AVX2)" for name in PRICE))
    assert both.archs == given.archs[half]
    assert torch.allclose(both.seconds[:, 2:], 2 * given.seconds[half])
    assert torch.equal(both.halves[..., :2], given.halves[:, half])
    assert torch.equal(both.macs, given.macs[half])
    assert "rounds, 40 or more (made up) and the 10% quantile" in both.conditions()
    assert "(an abacus)" in both.conditions()
    alone = latencies("few calls (AVX2)", files=("latency201", "latency201_second"))
    assert alone.devices == ("few calls (AVX2)",)


def test_groups_deal_every_network_out_once() -> None:
    dealt = torch.cat(groups(1003))
    assert dealt.sort().values.tolist() == list(range(1003))


def edge_samples(noise: float) -> EdgeSamples:
    """Samples on the device with few calls; noise only ever adds time."""
    archs = edge_archs()
    plain = 1e-6 * (100 + count_features(SPACE, archs) @ torch.tensor(PRICE["few calls"]).double())
    late = torch.empty(40, len(archs)).exponential_(generator=make_rng(0))
    return EdgeSamples(("few calls",), archs, (plain * (1 + noise * late))[None], "made up")


@pytest.mark.parametrize(("make", "reference"), [(six_edges, EVERY_EDGE), (one_edge, ONE_EDGE)])
def test_a_table_is_right_about_the_cells_that_made_it(
    make: Callable[..., tuple[LookupTable, torch.Tensor]], reference: Arch
) -> None:
    edges = edge_samples(0.0)
    cells = single_changes(reference, 5)
    if reference is ONE_EDGE:
        cells = [(*reference[:3], choice, *reference[4:]) for choice in range(1, 5)]
    said = lookup_latency(make(edges, "few calls")[0], torch.tensor(cells))
    wanted = edges.of("few calls", cells)[0]
    assert torch.allclose(said, wanted, rtol=1e-6)


def test_a_device_of_noise_gets_no_table() -> None:
    assert min(stands_out(edge_samples(0.001), "few calls").values()) > 2
    with pytest.raises(ValueError, match="above zero"):
        stands_out(edge_samples(5.0), "few calls")


def test_counts_order_what_they_pay_for(given: Latencies) -> None:
    group = groups(len(given.archs))[0]
    only = given._replace(devices=given.devices[1:], seconds=given.seconds[:, 1:])
    said = by_counts(only, 40, group, 0)
    assert skill(said[group], given.seconds[group, 1]).correlation > 0.98


def test_a_device_is_predicted_from_the_other_ones_only(given: Latencies) -> None:
    _, features = ways_to_predict(given, 0)[KNOWN]
    assert torch.equal(features[:, :6], given.counts)
    assert torch.equal(features[:, 6:], given.seconds[:, 1:])


def test_what_another_machine_took_is_not_known(given: Latencies) -> None:
    seconds = torch.cat([given.seconds, 3 * given.seconds[:, :1]], dim=1)
    three = given._replace(devices=(*given.devices, "few calls (AVX2)"), seconds=seconds)
    for device, known in ((0, [1]), (2, [0, 1])):
        _, features = ways_to_predict(three, device)[KNOWN]
        assert torch.equal(features[:, 6:], seconds[:, known])


def test_who_is_chosen_was_flattered_more_than_the_rest(given: Latencies) -> None:
    """Latencies that no count says: every difference in the prediction is an error."""
    rng = make_rng(0)
    shuffled = given.halves[:, torch.randperm(len(given.archs), generator=rng)]
    blind = given._replace(halves=shuffled)
    good = torch.arange(len(given.archs))
    pairs = [curse(blind, 1, good, seed) for seed in range(10)]
    assert sum(chosen - every for chosen, every in pairs) / 10 > 3


def test_devices_by_name_keep_their_own_networks(given: Latencies) -> None:
    """Where one device lacks a network, the other still has it."""
    given.measured.seconds[0, 3] = np.nan
    write_latency(given.measured, reading.FOLDER / "latency201.npz")
    sizes = [len(latencies(*names).archs) for names in ((), ("few calls",), ("many calls",))]
    assert sizes == [len(given.archs) - 1, len(given.archs) - 1, len(given.archs)]
    assert torch.equal(latencies("many calls").seconds, given.seconds[:, 1:])
