"""Workers as lanes: what is counted and drawn at a moment, compared with the jobs themselves."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.core import Space, Trial, make_rng
from course_lib.nas.asha_run import asha, synchronous_halving
from course_lib.show.nas.asha import plot_incumbents, plot_lanes, rungs_info
from tests.show.demos import DEMOS, press

SPACE = Space((3, 4, 5))


def measure(arch, fidelity=8):
    return Trial(arch, (sum(arch) * 7 % 11) / 11 + fidelity / 90, fidelity / 8)


def runs():
    options = {"workers": 3, "trials": 32, "stragglers": 0.5}
    return {
        "asynchronous": asha(SPACE, measure, make_rng(0), **options),
        "synchronous": synchronous_halving(SPACE, measure, make_rng(0), **options),
    }


@pytest.mark.parametrize("shown", ["asynchronous", "synchronous"])
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_counts_busy_time_and_incumbents_are_those_of_the_moment(shown, share):
    made = runs()
    run, now = made[shown], share * made[shown].elapsed
    info = rungs_info(made, shown, now=now, horizon=100.0)
    for rung in range(4):
        assert info.finished[rung] == sum(j.rung == rung and j.end <= now for j in run.jobs)
        assert info.promoted[rung] == sum(j.rung == rung + 1 and j.start < now for j in run.jobs)
    grid = (np.arange(4000) + 0.5) * now / 4000
    working = [sum(j.start <= t < j.end for j in run.jobs) / run.workers for t in grid]
    assert info.busy == pytest.approx(np.mean(working), abs=0.01)
    for name, (times, values) in info.incumbents.items():
        for t in grid[::400]:
            ended = [j.value for j in made[name].jobs if j.end <= t]
            found = values[times <= t]
            assert max(found, default=None) == max(ended, default=None)
    assert f"Workers trained {info.busy:.0%}".lower() in info.describe().lower()


def test_before_the_first_job_ends_there_is_nothing_yet():
    info = rungs_info(runs(), "synchronous", now=0.0, horizon=5.0)
    assert info.jobs == []
    assert info.busy == 0
    assert "asynchronous nothing yet" in info.describe()


def test_an_unknown_run_is_refused():
    with pytest.raises(ValueError, match="one of asynchronous, synchronous, got 'both'"):
        rungs_info(runs(), "both", now=1.0)


def test_a_bar_per_job_on_its_workers_lane_and_cut_at_the_moment():
    made = runs()
    info = rungs_info(made, "asynchronous", now=0.5 * made["asynchronous"].elapsed)
    ax = plot_lanes(info, ax=Figure().subplots())
    drawn = sorted((b.get_x(), b.get_x() + b.get_width(), b.get_y() + b.get_height() / 2)
                   for b in ax.patches)  # fmt: skip
    told = sorted((j.start, min(j.end, info.now), j.worker + 1) for j in info.jobs)
    np.testing.assert_allclose(drawn, told)
    heights = {round(bar.get_height(), 3) for bar in ax.patches}
    assert len(heights) == 4, "the rung is seen without colours"


def test_the_incumbents_end_at_the_moment():
    info = rungs_info(runs(), "synchronous", now=2.0, horizon=5.0)
    ax = plot_incumbents(info, limits=(0.0, 1.2), ax=Figure().subplots())
    lines = {line.get_label().split()[0]: line for line in ax.lines[:2]}
    for name, (_, values) in info.incumbents.items():
        assert lines[name].get_xdata()[-1] == 2.0
        assert lines[name].get_ydata()[-1] == values[-1]
    assert ax.get_ylim() == (0.0, 1.2)


def test_steps_go_from_one_end_of_a_job_to_the_next_and_buttons_turn_the_rest():
    demo = DEMOS["asha"]()
    demo.time = 0.0
    ends = sorted(job.end for job in demo._runs["asynchronous"].jobs)
    for _ in range(5):
        before = demo.time
        press(demo, "step")
        passed = [end for end in ends if before < end <= demo.time]
        assert passed, "a job has ended"
        assert demo.time < passed[0] + 0.01, "and the first that does is not passed by"
    demo.time = demo.horizon
    press(demo, "step")
    assert demo.time == 0
    jobs = demo._runs["asynchronous"].jobs
    press(demo, "swap")
    assert "synchronous" in demo.label
    assert demo._runs["asynchronous"].jobs is jobs, "looking elsewhere computes nothing"
    for eta in (3, 4, 2):
        press(demo, "keep_fewer")
        assert demo.eta == demo.info().eta == eta
    press(demo, "other")
    assert demo._runs["asynchronous"].jobs != jobs
