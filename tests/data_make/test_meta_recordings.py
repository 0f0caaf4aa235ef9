"""The recordings of lecture 10 can be made anew, and the demos show them."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.meta.fast_weights import slow_network
from course_lib.show import recordings
from course_lib.show.meta.fast_weights_demo import FastWeightsDemo, recorded_network
from course_lib.show.meta.synaptic_demo import SynapticRuleDemo, recorded_rule
from data.make.meta_recordings import record_fast_weights, record_synaptic


def test_snapshots_are_of_one_meta_training(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = recorded_rule()
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    record_synaptic(meta_steps=(0, 2, 5))
    made = recorded_rule()
    assert made.names["unseen"] == shipped.names["unseen"]
    assert made.steps[0] == shipped.steps[0]
    assert made.steps[2]["rule"] == pytest.approx(shipped.steps[1]["rule"], abs=1e-3)
    assert SynapticRuleDemo(meta_steps=2).knobs[0]["values"] == [0, 2, 5]


def test_the_slow_network_is_that_of_the_library(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    record_fast_weights(schedule=((1, 1e-6), (1, 1e-6)))
    for name, value in slow_network(make_rng(0)).items():
        torch.testing.assert_close(recorded_network()[name], value, atol=1e-4, rtol=0)
    assert "nothing seen yet" in FastWeightsDemo().label
