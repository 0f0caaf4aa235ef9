"""The recordings that the repository holds play from beginning to end."""

import pytest

from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import digits201
from course_lib.show.live import LiveDemo
from course_lib.show.nas.controller_demo import ControllerDemo
from course_lib.show.nas.darts_demo import DartsDemo
from course_lib.show.nas.metropolis_demo import MetropolisDemo
from course_lib.show.recordings import recorded_runs


@pytest.fixture(scope="module")
def table():
    return digits201()


def seen_values(demo: LiveDemo) -> set[float]:
    chart = demo.chart
    return {round(v, 4) for v in chart.get("best", []) + chart.get("proposed", [])}


@pytest.mark.parametrize("make", [ControllerDemo, MetropolisDemo])
def test_every_preset_has_a_recorded_run_of_this_table(make: type[LiveDemo], table) -> None:
    demo = make(table.space, table.measure, recorded=True)
    values = {round(table.measure(arch).value, 4) for arch in table.space}
    for index, preset in enumerate(demo.presets):
        demo.choose(index)
        demo.run()
        assert len(demo.steps) >= 20
        run = next(r for r in recorded_runs(make.recording) if r.name == preset["name"])
        assert all(getattr(demo, knob) == value for knob, value in run.knobs.items())
        assert demo.recorded
        assert seen_values(demo) <= values


def test_recordings_fit_the_space_of_the_table(table) -> None:
    demo = ControllerDemo(table.space, table.measure, recorded=True)
    live = ControllerDemo(table.space, table.measure)
    assert demo.names == live.names


def test_every_preset_of_darts_has_a_whole_recorded_run() -> None:
    task = cluttered_digits(train=50, valid=50, test=1)
    demo = DartsDemo(CellSpace(), task.train, task.valid, recorded=True)
    for index in range(len(demo.presets)):
        demo.choose(index)
        demo.run()
        assert demo.steps[-1]["epoch"] == demo.epochs
        assert demo.log["alpha"].shape == (len(demo.steps), 6, 5)
        run = next(r for r in recorded_runs("darts") if r.name == demo.presets[index]["name"])
        assert all(getattr(demo, knob) == value for knob, value in run.knobs.items())
