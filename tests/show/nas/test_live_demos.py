"""Controller, chain and string editor without a browser: steps, commands, recordings."""

import time
from pathlib import Path

import numpy as np
import pytest

from course_lib.core import Oracle, Trial, make_rng
from course_lib.nas.controller import reinforce_steps
from course_lib.nas.strings import StringSpace
from course_lib.show import recordings
from course_lib.show.nas.controller_demo import ControllerDemo
from course_lib.show.nas.controller_info import controller_info
from course_lib.show.nas.metropolis_demo import MetropolisDemo
from course_lib.show.nas.names import choice_names
from course_lib.show.nas.string_demo import StringDemo
from course_lib.show.recordings import recorded_runs, write_recording
from tests.show.demos import SPACE, measure, press


def controller(**options) -> ControllerDemo:
    return ControllerDemo(SPACE, measure, budget=200, **options)


def metropolis(**options) -> MetropolisDemo:
    return MetropolisDemo(SPACE, measure, budget=400, **options)


def editor() -> StringDemo:
    return StringDemo(StringSpace(layers=3))


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for make, count in ((controller, 8), (metropolis, 60)):
        demo = make()
        runs = []
        for index, preset in enumerate(demo.presets):
            demo.choose(index)
            runs.append(demo.record(preset["name"], count))
        write_recording(demo.recording, runs, tmp_path)
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("make", [controller, metropolis])
def test_steps_are_those_of_the_library_and_the_seed(make) -> None:
    one, other = make(), make()
    one.run(5)
    for _ in range(5):
        press(other, "step")
    assert one.chart == other.chart
    assert one.label == other.label == one.info().describe()
    other.seed = 1
    assert other.steps == []
    other.run(5)
    assert other.chart != one.chart


def test_controller_info_sums_up_the_steps() -> None:
    steps = list(reinforce_steps(SPACE, Oracle(measure, 100), make_rng(0), batch=10))
    info = controller_info(steps, choice_names(SPACE))
    values = np.array([[trial.value for trial in step.trials] for step in steps])
    np.testing.assert_array_equal(info.spent, 10 * np.arange(1, 11))
    np.testing.assert_array_equal(info.best, np.maximum.accumulate(values.max(1)))
    np.testing.assert_allclose(info.mean, values.mean(1))
    np.testing.assert_allclose(info.heat.values.sum(1), 1, rtol=1e-5)
    before = controller_info([], choice_names(SPACE))
    np.testing.assert_allclose(before.heat.values, 1 / 3)
    assert before.entropy == pytest.approx(6 * np.log(3))


def test_a_run_in_the_background_stops_when_told_and_ends_with_the_budget() -> None:
    demo = controller()
    press(demo, "start")
    assert demo.running
    while len(demo.steps) < 2:
        time.sleep(0.01)
    demo.wait()
    assert not demo.running
    stopped = len(demo.steps)
    assert 2 <= stopped < 20
    demo.run()
    assert len(demo.steps) == 20
    press(demo, "step")
    assert len(demo.steps) == 20


def test_turning_a_knob_starts_over_and_keeps_the_run_before_as_a_ghost() -> None:
    demo = controller()
    demo.run(3)
    best = demo.chart["best"]
    demo.baseline = False
    assert demo.chart["before"]["best"] == best
    assert demo.chart["best"] == []


@pytest.mark.parametrize("baseline", [True, False])
def test_code_to_copy_finds_what_the_demo_finds(baseline: bool) -> None:
    demo = controller(baseline=baseline)
    demo.run()
    scope = {"space": SPACE, "measure": measure}
    exec(demo.code, scope)
    values = [trial.value for step in demo.steps for trial in step.trials]
    assert [trial.value for trial in scope["history"]] == values


def test_code_of_the_chain_takes_the_same_steps() -> None:
    demo = metropolis()
    demo.run(30)
    scope = {"space": SPACE, "measure": measure}
    exec(demo.code, scope)
    assert scope["steps"] == demo.steps


def test_temperature_turns_while_the_chain_goes_on() -> None:
    demo = metropolis(temperature=0.001)
    demo.run(50)
    cold = demo.info().accepted.mean()
    press(demo, "preset", index=2)
    assert demo.temperature == 0.5
    assert len(demo.info().trace) == 0
    demo.run(50)
    assert len(demo.steps) == 100
    assert demo.info().accepted.mean() > cold
    assert all(step.probability > 0.5 for step in demo.steps[50:])


@pytest.mark.parametrize("make", [controller, metropolis])
def test_a_recorded_run_shows_what_the_live_one_showed(make, recorded: Path) -> None:
    live, replayed = make(), make(recorded=True)
    live.choose(1)
    replayed.choose(1)
    live.run(8)
    replayed.run(8)
    assert "Recorded run" in make(recorded=True).note
    for name, numbers in live.chart.items():
        if name in {"heat", "entropy"}:
            np.testing.assert_allclose(replayed.chart[name], numbers, atol=1e-3)
        else:
            assert replayed.chart[name] == numbers, name


def test_a_live_run_that_fails_falls_back_on_the_recorded_one(recorded: Path) -> None:
    calls = []

    def breaks(arch, fidelity=None) -> Trial:
        calls.append(arch)
        if len(calls) > 25:
            raise RuntimeError("the table is gone")
        return measure(arch)

    demo = ControllerDemo(SPACE, breaks)
    demo.run(2)
    assert not demo.recorded
    demo.run(3)
    assert demo.recorded
    assert "the table is gone" in demo.note
    assert len(demo.steps) >= 2
    press(demo, "reset")
    assert "Recorded run" in demo.note


def test_damaged_recordings_say_how_to_make_them_anew(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no usable recording.*data\.make recordings"):
        recorded_runs("controller", tmp_path)
    (tmp_path / "controller.json").write_text(
        '{"format": "course_lib.recording/1", "ru', encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"data\.make recordings"):
        recorded_runs("controller", tmp_path)


def test_a_string_that_cannot_be_read_loses_nothing() -> None:
    demo = editor()
    chart, text = demo.chart, demo.text
    demo.text = text.replace("stride", "strde", 1)
    assert "stride" in demo.error
    assert demo.chart == chart
    press(demo, "reset")
    assert demo.text == text
    assert demo.error == ""


def test_the_editor_draws_what_the_text_says() -> None:
    demo = editor()
    before = demo.chart
    press(demo, "step")
    assert demo.chart != before
    press(demo, "draw")
    assert demo.error == ""
    scope = {"space": demo.space}
    exec(demo.code, scope)
    assert scope["arch"] == demo.arch
    assert demo.chart["parameters"] == sum(w.numel() for w in scope["network"].parameters())
    for index in range(3):
        demo.choose(index)
        assert demo.error == ""
