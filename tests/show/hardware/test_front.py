"""Fronts by comparing all pairs, limits by counting; and the button that measures for real."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.show.hardware.fronts import front_info, front_places
from tests.show.demos import front, press


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=30))
def test_the_front_is_what_no_other_beats(pairs: list[tuple[int, int]]) -> None:
    accuracy, latency = np.array(pairs, dtype=float).T
    found = front_places(accuracy, latency)
    best = {
        (a, s)
        for a, s in pairs
        if not any((b >= a and t <= s) and (b, t) != (a, s) for b, t in pairs)
    }
    assert {pairs[place] for place in found} == best
    assert len(found) == len(best)
    assert (np.diff(latency[found]) > 0).all()


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_as_many_networks_keep_the_limit_as_are_asked_for(share: float) -> None:
    demo = front()
    info = front_info(demo.accuracy, demo.seconds, "PyTorch eager", "ONNX Runtime", share=share)
    own = info.milliseconds["PyTorch eager"]
    assert (own <= info.limit).mean() == pytest.approx(share, abs=2 / len(own))
    assert own[info.best] <= info.limit
    assert info.accuracy[info.best] == info.accuracy[own <= info.limit].max()


def test_the_front_is_measured_here_and_belongs_to_its_device() -> None:
    demo = front()
    press(demo, "measure")
    demo.wait()
    assert not demo.running
    assert set(demo.measured) == {str(place) for place in demo.info().front}
    assert all(0 < value < 1e4 for value in demo.measured.values())
    assert "measured here" in demo.label
    demo.device = "ONNX Runtime"
    assert not demo.measured


def test_a_device_without_a_runtime_is_said_and_not_measured() -> None:
    demo = front()
    demo.seconds = {"abacus": demo.seconds["ONNX Runtime"], **demo.seconds}
    demo.device = "abacus"
    press(demo, "measure")
    assert "there is no runtime abacus" in demo.note
    assert not demo.running


def test_measuring_can_be_stopped() -> None:
    demo = front()
    press(demo, "measure")
    press(demo, "stop")
    demo.wait()
    assert not demo.running
    press(demo, "reset")
    assert not demo.measured
