"""Measuring every cell goes on where it was, and its file holds what the blocks said."""

import json

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.latency_file import read_latency
from course_lib.hardware.measure import levelled
from course_lib.hardware.runtimes import Device
from data.make import latency, latency_kept
from data.make.latency import main
from data.make.latency_kept import entry, lines
from data.make.latency_settings import ANCHORS, THREE, Setting, distinct, drawn


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Seven networks in blocks of three on two devices that only seem to run."""
    called = []

    def device(name):
        def prepare(network, x):
            called.append(name)
            return lambda: sum(range(500))

        return Device(name, prepare)

    setting = Setting(dict.fromkeys((device("one"), device("two"), absent()), 7))
    monkeypatch.setattr(latency, "FOLDER", tmp_path)
    monkeypatch.setattr(latency, "BLOCK", 3)
    monkeypatch.setattr(latency, "MOST_ROUNDS", latency.ROUNDS)
    monkeypatch.setitem(latency.SETTINGS, "small", setting)
    return tmp_path, called


def absent() -> Device:
    return Device("three", lambda network, x: print, ("no_such_chip",), "buy it")


def test_every_network_is_measured_once_on_every_device_that_is_there(small, capsys):
    folder, _ = small
    main(["small"])
    assert "three is left out" in capsys.readouterr().out
    found = read_latency(folder / "small.npz")
    assert found.devices == ("one", "two")
    assert found.networks.tolist() == sorted(drawn(7))
    assert np.isfinite(found.seconds).all()
    assert np.isfinite(found.halves).all()
    assert found.anchors.shape == (2, 3, len(ANCHORS))


def test_a_second_call_measures_only_what_is_missing(small):
    folder, called = small
    main(["small"], 1)
    first = read_latency(folder / "small.npz")
    assert first.networks.tolist() == sorted(drawn(3))
    assert len(called) == 2 * (3 + len(ANCHORS))
    main(["small"])
    assert len(called) == 2 * (7 + 3 * len(ANCHORS))
    second = read_latency(folder / "small.npz")
    places = np.searchsorted(second.networks, first.networks)
    for once, again in zip(first.seconds, second.seconds[:, places], strict=True):
        level = again / once  # the others may show that this block was slow
        assert np.allclose(level, level[0], rtol=1e-3)
    main(["small"])
    assert len(called) == 2 * (7 + 3 * len(ANCHORS))


def test_a_file_that_holds_more_is_not_replaced(small):
    folder, _ = small
    main(["small"])
    before = (folder / "small.npz").read_bytes()
    for path in (folder / "small.partial").glob("*.jsonl"):
        path.unlink()
    with pytest.raises(ValueError, match="14 times, more than were measured"):
        main(["small"], 1)
    assert (folder / "small.npz").read_bytes() == before


def test_two_blocks_at_a_time_make_the_same_file(small):
    folder, _ = small
    main(["small"], cores=2)
    found = read_latency(folder / "small.npz")
    assert found.networks.tolist() == sorted(drawn(7))
    assert np.isfinite(found.seconds).all()


def test_blocks_of_another_machine_are_refused(small, monkeypatch):
    _, called = small
    main(["small"], 1)
    before = len(called)
    monkeypatch.setattr(latency, "processor", lambda: "an abacus")
    with pytest.raises(ValueError, match="times of two machines make no table"):
        main(["small"])
    assert len(called) == before


def test_a_block_that_a_kill_cut_is_measured_again(small):
    folder, called = small
    main(["small"])
    path = folder / "small.partial" / "one.jsonl"
    path.write_text(path.read_text()[:-20])
    before = len(called)
    main(["small"])
    assert called[before:] == ["one"] * (1 + len(ANCHORS))
    assert len(list(lines(path))) == 3
    assert np.isfinite(read_latency(folder / "small.npz").seconds).all()


def test_a_block_keeps_quantiles_of_all_rounds_and_of_both_halves():
    samples = torch.rand(latency.ROUNDS, len(ANCHORS) + 2, dtype=torch.float64) + 1
    kept = entry([7, 5], samples)
    json.dumps(kept)
    parts = samples, samples[::2], samples[1::2]
    expected = [np.quantile(levelled(part), latency_kept.QUANTILE, axis=0) for part in parts]
    assert np.allclose(kept["low"], np.array(expected)[:, len(ANCHORS) :], rtol=1e-3)
    assert len(kept["anchors"]) == len(ANCHORS)


def test_a_block_gets_further_rounds_until_it_is_quiet(monkeypatch):
    """Of two calls one takes ten times as long: their order is clear from the first rounds."""
    calls = [lambda: sum(range(100)), lambda: sum(range(10_000))]
    monkeypatch.setattr(latency, "SAMPLE", 1e-5)
    assert len(latency.sampled(calls, make_rng(0))) == latency.ROUNDS
    monkeypatch.setattr(latency, "QUIET", 2.0)
    assert len(latency.sampled(calls, make_rng(0))) == latency.MOST_ROUNDS


def test_a_slow_block_is_brought_to_the_level_of_the_others():
    """Where all take as many times longer, the anchors say it, one of them may be wrong."""
    slower = np.array([1.0, 1.3, 0.8, 1.0, 1.0])
    anchors = slower[:, None] * np.array([1.0, 2.0, 5.0, 7.0])
    assert np.allclose(latency_kept.levels(anchors), slower)
    anchors[1, 2] *= 50
    assert np.allclose(latency_kept.levels(anchors), slower)


def test_a_device_may_measure_fewer_networks_than_another(small):
    folder, called = small
    one, two, _ = latency.SETTINGS["small"].devices
    latency.SETTINGS["small"] = Setting({one: None, two: 2})
    main(["small"], 2)
    found = read_latency(folder / "small.npz")
    assert found.networks.tolist() == sorted(drawn(6))
    measured = [set(found.networks[np.isfinite(own)].tolist()) for own in found.seconds]
    assert measured == [set(drawn(6)), set(drawn(2))]
    assert np.isfinite(found.anchors).all(axis=2).sum(1).tolist() == [2, 1]
    assert called.count("two") == 2 + len(ANCHORS)


def test_without_names_no_machine_measures_what_others_did(small, monkeypatch):
    folder, called = small
    monkeypatch.setattr(
        latency, "SETTINGS", {"small": latency.SETTINGS["small"]} | dict.fromkeys(latency.ELSEWHERE)
    )
    main([], 1)
    assert called
    assert [path.name for path in folder.glob("*.npz")] == ["small.npz"]


def test_fewer_networks_are_the_first_of_more():
    """So that the sweep over channels compares the same networks."""
    assert drawn(300)[:60] == drawn(60) == drawn()[:60]
    assert len(set(drawn())) == len(distinct())


def test_macs_are_those_of_the_cells_convolutions():
    setting = Setting(dict.fromkeys(THREE))
    network = setting.build((0,) * 6)  # an empty cell: the reduction block and the classifier
    shortcut, first, second = 8 * 16 * 36, 8 * 16 * 9 * 36, 16 * 16 * 9 * 36
    stem, classifier = 9 * 8 * 144, 16 * 10
    assert latency_kept.macs(network, setting.picture) == (
        stem + shortcut + first + second + classifier
    )
