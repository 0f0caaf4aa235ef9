"""The bars to drag: who gives way, what is shown, and what the button for the time says."""

import re

import pytest

from course_lib.hardware.macs import chain_macs
from course_lib.hardware.recalibrate import recalibrate
from course_lib.nas.training import accuracy
from course_lib.show.hardware.keep_demo import KeepDemo
from tests.show.demos import keep, press


@pytest.fixture
def demo() -> KeepDemo:
    return keep()


def share(demo: KeepDemo) -> float:
    chain = demo.networks[demo.network].chain
    now = chain_macs(chain, chain.tied(demo.kept))
    return sum(now) / sum(chain_macs(chain, chain.channels))


def test_a_dragged_bar_stays_where_it_is_and_the_others_pay(demo: KeepDemo) -> None:
    before = list(demo.kept)
    demo.dragged = [0, 4]
    assert demo.kept[0] == 4 > before[0]
    assert any(now < then for now, then in zip(demo.kept[1:], before[1:], strict=True))
    assert share(demo) <= 0.5
    assert demo.chart["kept"] == demo.kept


def test_without_a_lock_the_others_stay(demo: KeepDemo) -> None:
    demo.budget = 100
    before = list(demo.kept)
    assert before == list(demo.networks[demo.network].chain.channels)
    demo.dragged = [1, 2]
    assert demo.kept == [before[0], 2, *before[2:]]


@pytest.mark.parametrize("dragged", [[9, 1], [-1, 1], [0, 99], [0, -3]])
def test_a_drag_beyond_the_picture_breaks_nothing(demo: KeepDemo, dragged: list[int]) -> None:
    demo.dragged = dragged
    widths = demo.networks[demo.network].chain.channels
    assert all(1 <= own <= full for own, full in zip(demo.kept, widths, strict=True))
    assert share(demo) <= 0.5


@pytest.mark.parametrize("name", ["even", "uneven"])
@pytest.mark.parametrize("budget", [25, 50, 70])
def test_every_network_and_budget_starts_within_it(demo: KeepDemo, name: str, budget: int) -> None:
    demo.network = name
    demo.budget = budget
    assert share(demo) <= budget / 100


def test_the_accuracies_are_those_of_the_network_that_is_built(demo: KeepDemo) -> None:
    demo.dragged = [0, 1]
    subject = demo.networks["even"]
    smaller = subject.pruned(demo.kept)
    assert [m.out_channels for m in smaller.modules() if hasattr(m, "out_channels")] == demo.kept
    shown = demo.chart["accuracy"]
    assert shown["pruned"] == pytest.approx(accuracy(smaller, subject.task.valid))
    recalibrate(smaller, subject.task.train)
    assert shown["recalibrated"] == pytest.approx(accuracy(smaller, subject.task.valid))


def test_the_time_is_measured_on_this_machine(demo: KeepDemo) -> None:
    press(demo, "measure")
    times = [float(found) for found in re.findall(r"([\d.]+) ms", demo.note)]
    assert len(times) == 2
    assert all(0 < time < 1000 for time in times)
    assert f"{1 / share(demo):.2f} times fewer operations" in demo.note


def test_random_ratios_differ_and_keep_the_budget(demo: KeepDemo) -> None:
    seen = set()
    for _ in range(4):
        press(demo, "step")
        seen.add(tuple(demo.kept))
        assert share(demo) <= 0.5
    assert len(seen) > 1
