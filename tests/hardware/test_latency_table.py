"""Tables of latencies refuse what should not be believed."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware import latency_table
from course_lib.hardware.latency_file import Measured, read_latency, write_latency
from course_lib.hardware.latency_others import from_csv, from_help
from course_lib.hardware.latency_table import drift, halves_tau, latency201
from course_lib.nas.cells import CellSpace

SPACE = CellSpace(("none", "skip_connect"))
ROWS = [0, 7, 30, 1000, 5043]


def some_measurements() -> Measured:
    seconds = np.array([[1.0, 2, 3, 4, 5], [5, 4, np.nan, 2, 1]], np.float32) * 1e-3
    return Measured(
        devices=("slow", "odd"),
        networks=np.array(ROWS),
        seconds=seconds,
        halves=np.stack([seconds, seconds], axis=1),
        anchors=np.ones((2, 3, 4), np.float32),
        macs=np.arange(5),
        parameters=np.arange(5) + 10,
        channels=(8, 16),
        image=(1, 12, 12),
        batch=1,
        threads=1,
        rounds=40,
        quantile=0.1,
        levelled=False,
        machine="an abacus",
    )


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """What a stored file gives, as `latency201` loads it."""

    def load(measured: Measured, **settings: object) -> latency_table.LatencyTable:
        write_latency(measured, tmp_path / "mine.npz")
        monkeypatch.setattr(latency_table, "find_data", lambda name: tmp_path / name)
        return latency201("mine", **settings)

    return load


def same(one: Measured, other: Measured) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name != "machine")
        if isinstance(getattr(one, name), np.ndarray)
        else getattr(one, name) == getattr(other, name)
        for name in one.__dataclass_fields__
    )


def test_a_file_gives_back_what_was_written(tmp_path):
    written = some_measurements()
    write_latency(written, tmp_path / "a.npz")
    assert same(read_latency(tmp_path / "a.npz"), written)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.parametrize("length", [0, 10, 700])
def test_a_file_that_was_cut_is_refused(tmp_path, length):
    write_latency(some_measurements(), tmp_path / "a.npz")
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(whole[:length])
    with pytest.raises(ValueError, match="not a whole file of latencies"):
        read_latency(tmp_path / "a.npz")


def test_a_latency_of_zero_is_refused():
    with pytest.raises(ValueError, match="not above zero"):
        replace(some_measurements(), seconds=np.zeros((2, 5)))


def test_isomorphic_cells_share_a_latency_and_the_rest_is_not_known(stored):
    table = stored(some_measurements())
    seconds = {
        arch: table.latency(arch, "slow")
        for arch, row in zip(table.space, table.rows, strict=True)
        if row in ROWS
    }
    assert len(seconds) > len(ROWS)
    assert set(np.round(list(seconds.values()), 6)) == {1e-3, 2e-3, 3e-3, 4e-3, 5e-3}
    unknown = next(a for a, row in zip(table.space, table.rows, strict=True) if row not in ROWS)
    with pytest.raises(ValueError, match="only 5 networks were"):
        table.latency(unknown, "slow")


def test_measured_are_those_of_all_devices(stored):
    table = stored(some_measurements())
    assert table.measured("slow").tolist() == ROWS
    assert table.measured().tolist() == [0, 7, 1000, 5043]
    assert table.info["macs"][ROWS].tolist() == [0, 1, 2, 3, 4]


def test_an_unknown_device_is_named(stored):
    with pytest.raises(ValueError, match="no device 'fast', expected one of slow, odd"):
        stored(some_measurements()).measured("fast")


def test_a_levelled_file_says_so(stored):
    words = "how slow the machine was in it"
    assert words not in stored(some_measurements()).about
    assert words in stored(replace(some_measurements(), levelled=True)).about


def test_the_file_says_how_it_was_measured(stored):
    about = stored(some_measurements()).about
    for words in (
        "an abacus",
        "1 thread",
        "batch 1",
        "10% quantile of 40 rounds or more",
        "12 x 12",
    ):
        assert words in about


def test_too_much_noise_is_refused_with_its_figure_unless_left_out(stored):
    measured = some_measurements()
    halves = measured.halves.copy()
    halves[0, 1] = halves[0, 1][[1, 0, 2, 3, 4]]  # one of ten pairs changes its order: tau = .8
    noisy = replace(measured, halves=halves)
    assert halves_tau(noisy, "slow") == pytest.approx(0.8)
    with pytest.raises(ValueError, match=r"slow \(0.800\).*at least 0.95.*leave_out=\['slow'\]"):
        stored(noisy)
    assert stored(noisy, leave_out=["slow"]).devices == ("odd",)
    assert stored(noisy, least_tau=0.79).noise == pytest.approx({"slow": 0.8, "odd": 1.0})


def test_drift_is_relative_and_forgets_blocks_that_are_missing():
    measured = some_measurements()
    anchors = measured.anchors * np.array([1.0, 1.1, 0.9])[None, :, None] * np.arange(1, 5)
    anchors = np.pad(anchors, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)
    moved = replace(measured, anchors=anchors)
    assert drift(measured, "slow") == 0
    assert drift(moved, "slow") == pytest.approx(np.std([1, 1.1, 0.9]))


def write_csv(path, values, name="pixel3_latency", arch="arch_str"):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([arch, name])
        writer.writerows(zip(map(SPACE.describe, SPACE), values, strict=True))
    return path


def some_latencies() -> np.ndarray:
    return np.random.default_rng(0).uniform(5, 20, SPACE.size)


@pytest.mark.parametrize(("unit", "scale"), [("ms", 1.0), ("s", 1e-3)])
def test_a_column_of_others_is_read_in_its_unit(tmp_path, unit, scale):
    expected = some_latencies()
    path = write_csv(tmp_path / "a.csv", expected * scale)
    table = from_csv(path, column="pixel3_latency", unit=unit, arch="arch_str", space=SPACE)
    found = [table.latency(arch, "pixel3_latency") for arch in SPACE]
    assert np.allclose(found, expected * 1e-3)
    assert table.masked == {"pixel3_latency": ()}


@pytest.mark.parametrize(("unit", "scale", "other"), [("s", 1.0, "ms"), ("ms", 1e-3, "s")])
def test_milliseconds_taken_for_seconds_are_recognised(tmp_path, unit, scale, other):
    path = write_csv(tmp_path / "a.csv", some_latencies() * scale)
    with pytest.raises(ValueError, match=f"are its numbers in {other}"):
        from_csv(path, column="pixel3_latency", unit=unit, arch="arch_str", space=SPACE)


def test_an_unknown_unit_is_refused(tmp_path):
    path = write_csv(tmp_path / "a.csv", some_latencies())
    with pytest.raises(ValueError, match="unit is 'us', expected one of"):
        from_csv(path, column="pixel3_latency", unit="us", arch="arch_str", space=SPACE)


@pytest.mark.parametrize("bad", [0.01, 0.0, -3.0])
def test_implausible_rows_are_refused_or_set_aside_by_name(tmp_path, bad):
    values = some_latencies()
    values[5] = bad
    path = write_csv(tmp_path / "a.csv", values)
    settings = {"column": "pixel3_latency", "unit": "ms", "arch": "arch_str", "space": SPACE}
    with pytest.raises(ValueError, match="1 of 64 latencies on pixel3_latency are below a tenth"):
        from_csv(path, **settings)
    table = from_csv(path, **settings, mask_implausible=True)
    assert table.masked["pixel3_latency"] == (SPACE.describe(list(SPACE)[5]),)
    assert len(table.measured()) == SPACE.size - 1


def test_help_numbers_its_architectures_in_an_order_of_its_own(tmp_path):
    order = torch.randperm(SPACE.size, generator=make_rng(0))
    expected = torch.from_numpy(some_latencies())
    held = torch.empty_like(expected)
    held[order] = expected
    names = map(SPACE.describe, SPACE)
    torch.save(dict(zip(names, order.tolist(), strict=True)), tmp_path / "str_arch2idx.pt")
    torch.save(held, tmp_path / "fpga.pt")
    table = from_help(tmp_path / "fpga.pt", tmp_path / "str_arch2idx.pt", unit="ms", space=SPACE)
    assert np.allclose([table.latency(arch, "fpga") for arch in SPACE], expected * 1e-3)
    torch.save(held[:-1], tmp_path / "fpga.pt")
    with pytest.raises(ValueError, match="has 63 latencies"):
        from_help(tmp_path / "fpga.pt", tmp_path / "str_arch2idx.pt", unit="ms", space=SPACE)
