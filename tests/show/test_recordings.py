"""The recordings that the repository holds play from beginning to end."""

import pytest

from course_lib.nas.table import digits201
from course_lib.show.controller_demo import ControllerDemo
from course_lib.show.live import LiveDemo
from course_lib.show.metropolis_demo import MetropolisDemo
from course_lib.show.recordings import recorded_runs


@pytest.fixture(scope="module")
def table():
    try:
        return digits201()
    except FileNotFoundError as error:
        pytest.skip(f"NOT RUN: {error}: python -m course_lib.nas.build_digits201")


@pytest.mark.parametrize("make", [ControllerDemo, MetropolisDemo])
def test_every_preset_has_a_recorded_run_of_this_table(make: type[LiveDemo], table) -> None:
    demo = make(table.space, table.measure, recorded=True)
    values = {table.measure(arch).value for arch in table.space}
    for index, preset in enumerate(demo.presets):
        demo.choose(index)
        demo.run()
        assert len(demo.steps) >= 20
        run = next(r for r in recorded_runs(make.recording) if r.name == preset["name"])
        assert all(getattr(demo, knob) == value for knob, value in run.knobs.items())
        seen = [v for step in run.steps for v in step.get("values", [step.get("proposed")])]
        assert set(seen) <= values


def test_recordings_fit_the_space_of_the_table(table) -> None:
    demo = ControllerDemo(table.space, table.measure, recorded=True)
    live = ControllerDemo(table.space, table.measure)
    assert demo.names == live.names
