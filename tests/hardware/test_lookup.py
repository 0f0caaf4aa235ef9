"""An additive table is exact where the device is additive, and refused where it is noise."""

import itertools

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.lookup import (
    LookupTable,
    check_table,
    lookup_latency,
    lookup_table,
    measured_table,
    single_changes,
)

POSITIONS, CHOICES = 3, 4
ALL = list(itertools.product(range(CHOICES), repeat=POSITIONS))


def additive(seed: int):
    """A made-up device that pays for each choice by itself."""
    price = torch.rand(POSITIONS, CHOICES, generator=make_rng(seed), dtype=torch.float64)
    return lambda arch: 2.0 + sum(float(price[p, c]) for p, c in enumerate(arch))


@pytest.mark.parametrize("reference", [(0, 0, 0), (3, 1, 2)])
def test_exact_on_an_additive_device_whatever_the_reference(reference):
    device = additive(1)
    table = lookup_table(device, reference, CHOICES)
    said = lookup_latency(table, torch.tensor(ALL))
    assert torch.allclose(said, torch.tensor([device(a) for a in ALL], dtype=torch.float64))


def test_each_cost_is_measured_by_one_change_only():
    """On a device with an interaction, all single changes are right and a double one is not."""

    def device(arch):
        return 1.0 + sum(arch) + 5.0 * (arch[0] > 0 and arch[1] > 0)

    table = lookup_table(device, (0, 0, 0), CHOICES)
    changes = single_changes((0, 0, 0), CHOICES)
    assert all(sum(choice != 0 for choice in arch) <= 1 for arch in changes)
    said = lookup_latency(table, torch.tensor(changes))
    assert said.tolist() == [device(arch) for arch in changes]
    assert lookup_latency(table, torch.tensor([(1, 1, 0)])).item() == device((1, 1, 0)) - 5.0


def test_one_bad_measurement_is_named():
    with pytest.raises(ValueError, match="not finite"):
        lookup_table(lambda arch: float("nan") if arch[1] == 2 else 1.0, (0, 0, 0), CHOICES)


def test_what_is_no_architecture_of_the_table_is_refused():
    table = LookupTable(0.0, torch.zeros(POSITIONS, CHOICES))
    with pytest.raises(ValueError, match="int64"):
        lookup_latency(table, torch.zeros(2, POSITIONS))
    with pytest.raises(ValueError, match="outside 0 to 3"):
        lookup_latency(table, torch.tensor([[0, 4, 0]]))
    with pytest.raises(ValueError, match="outside 0 to 3"):
        lookup_latency(table, torch.tensor([[0, -1, 0]]))
    with pytest.raises(ValueError, match="choices from 0 to 3"):
        single_changes((0, 4), 4)


def noisy(sd: float, seed: int = 0, rounds: int = 40) -> torch.Tensor:
    """Rounds of measurements of the single changes of (0, 0, 0); noise only ever adds time."""
    device, rng = additive(1), make_rng(seed)
    truth = torch.tensor([device(a) for a in single_changes((0, 0, 0), CHOICES)])
    return truth + sd * torch.empty(rounds, len(truth)).exponential_(generator=rng)


def test_without_noise_the_measured_table_is_the_table():
    table, noise = measured_table(noisy(0.0), CHOICES, make_rng(0))
    exact = lookup_table(additive(1), (0, 0, 0), CHOICES)
    assert torch.allclose(table.cost, exact.cost, atol=1e-6)
    assert noise.max() < 1e-6


def test_the_noise_is_the_spread_of_repeated_tables():
    tables = [measured_table(noisy(0.5, seed), CHOICES, make_rng(seed)) for seed in range(60)]
    spread = torch.stack([table.cost for table, _ in tables]).std(0)
    said = torch.stack([noise for _, noise in tables]).mean(0)
    ratio = (said / spread)[:, 1:].mean()  # column 0 is the reference measured again
    assert 0.75 < ratio < 1.35  # the bootstrap of a low quantile over 40 rounds is this rough


def test_what_slows_a_whole_round_is_no_noise_of_a_cost():
    slow = 3 * torch.rand(40, 1, generator=make_rng(3))
    table, noise = measured_table(noisy(0.0) + slow, CHOICES, make_rng(0))
    assert torch.allclose(table.cost, lookup_table(additive(1), (0, 0, 0), CHOICES).cost, atol=1e-5)
    assert noise.max() < 1e-5


def test_a_table_of_noise_is_refused_by_the_names_of_its_entries():
    cost = torch.tensor([[0.0, 1.0, 2.0], [0.0, 0.3, -1.0]])
    noise = torch.full((2, 3), 0.2)
    with pytest.raises(ValueError, match="2 costs are not") as said:
        check_table(LookupTable(1.0, cost), noise, free=[0])
    assert "position 1, choice 1: 0.3 +- 0.2" in str(said.value)
    assert "position 1, choice 2: -1 +- 0.2" in str(said.value)
    assert "choice 0" not in str(said.value)


def test_a_table_that_stands_out_is_returned():
    table = LookupTable(1.0, torch.tensor([[0.0, 1.0, 2.0]]))
    noise = torch.full((1, 3), 0.2)
    assert check_table(table, noise, free=[0]) is table
    with pytest.raises(ValueError, match="choice 0"):
        check_table(table, noise)
    with pytest.raises(ValueError, match="expected noise of shape"):
        check_table(table, noise[0])


def test_samples_of_another_shape_are_refused():
    for shape in ((1, 13), (40, 12), (40, 1)):
        with pytest.raises(ValueError, match="expected samples"):
            measured_table(torch.ones(shape), CHOICES, make_rng(0))
