"""Simulated workers: candidates and jobs that depend on the seed alone, what a run reports."""

import math

import pytest

from course_lib.core import Space, Trial, make_rng
from course_lib.nas.workers import AshaRun, Candidates, Job, seconds_trained, slow_workers

SPACE = Space((3, 4, 5))


def measure(arch, fidelity=8):
    value = (sum(arch) * 7 % 11) / 11 + fidelity / 1000
    return Trial(arch, value, fidelity / 8, info={"seconds": 10.0 + sum(arch)})


def lengths(drawn, n=4):
    return [[drawn.job(0, 0.0, c, k).end for k in range(len(drawn.fidelities))] for c in range(n)]


def made(stragglers=0.0, seed=0, n=4, **more):
    drawn = Candidates(SPACE, measure, make_rng(seed), (1, 2, 8), stragglers=stragglers, **more)
    for _ in range(n):
        drawn.draw()
    return drawn


def test_a_job_lasts_as_long_as_what_it_adds_to_the_training():
    drawn = made()
    for arch, found in zip(drawn.archs, lengths(drawn), strict=True):
        seconds = 10 + sum(arch)
        assert found == pytest.approx([seconds / 8, seconds / 8, 6 * seconds / 8])
    job = drawn.job(3, 7.0, 2, 1)
    assert job == Job(
        3, 7.0, 7 + (10 + sum(drawn.archs[2])) / 8, 2, 1, measure(drawn.archs[2], 2).value
    )


def test_stragglers_stretch_jobs_by_one_plus_the_size_of_a_normal_number():
    plain, slow, slower = made(n=2000), made(0.5, n=2000), made(1.0, n=2000)
    assert plain.archs == slow.archs == slower.archs
    stretched = [
        (b / a - 1, c / a - 1)
        for one, two, three in zip(*(lengths(d, 2000) for d in (plain, slow, slower)), strict=True)
        for a, b, c in zip(one, two, three, strict=True)
    ]
    assert all(half == pytest.approx(full / 2, abs=1e-9) for half, full in stretched)
    z = [full for _, full in stretched]
    n = len(z)  # the half normal distribution: mean sqrt(2 / pi), second moment 1, its variance 2
    assert min(z) > 0
    assert abs(sum(z) / n - math.sqrt(2 / math.pi)) < 5 * math.sqrt((1 - 2 / math.pi) / n)
    assert abs(sum(x * x for x in z) / n - 1) < 5 * math.sqrt(2 / n)


def test_a_worker_stretches_all_of_its_jobs_alike():
    plain, uneven = made(0.5), made(0.5, slowness=[1.0, 3.0])
    for candidate, rung in ((0, 0), (0, 2), (3, 1)):
        one, slow = (uneven.job(worker, 7.0, candidate, rung) for worker in (0, 1))
        assert one == plain.job(0, 7.0, candidate, rung)
        assert slow.end - 7 == pytest.approx(3 * (one.end - 7))
        assert slow.value == one.value


def test_slow_workers_are_one_plus_the_size_of_a_normal_number():
    slow, slower = (slow_workers(2000, make_rng(0), spread=spread) for spread in (0.5, 1.0))
    assert [2 * (one - 1) for one in slow] == pytest.approx([one - 1 for one in slower])
    z = [one - 1 for one in slower]
    assert min(z) > 0
    mean, error = math.sqrt(2 / math.pi), math.sqrt((1 - 2 / math.pi) / 2000)
    assert abs(sum(z) / 2000 - mean) < 5 * error
    assert slow_workers(3, make_rng(1), spread=0.0) == [1.0] * 3
    assert slow_workers(3, make_rng(1), spread=1.0) != slow_workers(3, make_rng(2), spread=1.0)


@pytest.mark.parametrize(("workers", "spread"), [(0, 0.5), (4, -0.1), (4, math.nan), (4, math.inf)])
def test_a_crew_has_workers_and_its_spread_is_a_size(workers, spread):
    with pytest.raises(ValueError, match="workers >= 1 and a finite spread >= 0"):
        slow_workers(workers, make_rng(0), spread=spread)


@pytest.mark.parametrize("slowness", [[1.0, 0.0], [math.nan], [math.inf], [-1.0]])
def test_no_worker_is_infinitely_slow_or_fast(slowness):
    with pytest.raises(ValueError, match="slowness must be positive and finite"):
        made(slowness=slowness)


def test_a_clock_of_ones_own_is_used():
    drawn = made(clock=lambda trial: 100 * trial.cost)
    assert lengths(drawn) == [pytest.approx([12.5, 12.5, 75])] * 4
    assert seconds_trained(Trial((0,), 0.5, cost=0.25)) == 0.25, "without seconds, in trainings"


@pytest.mark.parametrize("fidelities", [(), (2, 1), (1, 1, 2)])
def test_fidelities_that_do_not_increase_are_refused(fidelities):
    with pytest.raises(ValueError, match="fidelities must increase"):
        Candidates(SPACE, measure, make_rng(0), fidelities)


@pytest.mark.parametrize("stragglers", [-0.1, math.nan, math.inf])
def test_stragglers_are_a_size(stragglers):
    with pytest.raises(ValueError, match="stragglers must be 0 or more, and finite"):
        made(stragglers)


def test_a_clock_that_stands_still_is_refused():
    with pytest.raises(ValueError, match="expected increasing times"):
        made(clock=lambda trial: 1.0)


def test_the_incumbent_is_the_best_that_has_ended():
    ends = [(3.0, 0.4), (1.0, 0.2), (2.0, 0.2), (3.0, 0.5), (4.0, 0.1), (9.0, 0.6)]
    jobs = [Job(i % 2, 0.0, end, i, 0, value) for i, (end, value) in enumerate(ends)]
    run = AshaRun(jobs, [], 2, (1, 2), 2)
    assert run.incumbent() == [(1.0, 0.2), (3.0, 0.5), (9.0, 0.6)]
    for value in (0.1, 0.2, 0.3, 0.5, 0.55, 0.6, 0.7):
        later = [end for end, found in ends if found >= value]
        assert run.reached(value) == min(later, default=math.inf)
    assert run.elapsed == 9
    assert run.busy == pytest.approx(22 / 18)


def test_of_nothing_there_is_nothing_to_report():
    run = AshaRun([], [], 3, (1,), 2)
    assert (run.elapsed, run.busy, run.incumbent(), run.reached(0.0)) == (0, 0, [], math.inf)
