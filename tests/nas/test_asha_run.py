"""Asynchronous and synchronous halving: every run is replayed by an oracle of another kind."""

import math
from collections import Counter
from itertools import pairwise

import pytest
import torch

from course_lib.core import Oracle, Space, Trial, make_rng, randint
from course_lib.nas.asha import RememberedRanks, asha_decision
from course_lib.nas.asha_run import asha, synchronous_halving
from course_lib.nas.search import successive_halving

SPACE = Space((3, 4, 5, 3))
RUNS = {"asynchronous": asha, "synchronous": synchronous_halving}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def measure(arch, fidelity=8):
    """Values with ties; a curve that sometimes crosses others."""
    if not 1 <= fidelity <= 8:
        raise ValueError(f"fidelity is epochs, from 1 to 8, got {fidelity}")
    value = (sum(arch) * 7 % 11) / 11 + (sum(arch) % 3) * fidelity / 30
    return Trial(arch, value, fidelity / 8, info={"seconds": 8.0 * (1 + sum(arch) % 4)})


def ran(run, seed=0, **options):
    options = {"workers": 4, "trials": 40, "stragglers": 0.7} | options
    return run(SPACE, measure, make_rng(seed), **options)


@every_run
@pytest.mark.parametrize("workers", [1, 3, 16])
def test_no_worker_does_two_jobs_at_once_and_a_candidate_climbs_rung_by_rung(run, workers):
    result = ran(run, workers=workers)
    for worker in range(workers):
        own = sorted((j.start, j.end) for j in result.jobs if j.worker == worker)
        assert all(end <= start for (_, end), (start, _) in pairwise(own))
    assert {job.worker for job in result.jobs} == set(range(workers))
    for candidate, arch in enumerate(result.archs):
        own = [job for job in result.jobs if job.candidate == candidate]
        assert [job.rung for job in own] == list(range(len(own))), "each rung once, in order"
        assert all(low.end <= high.start for low, high in pairwise(own))
        for job in own:
            assert job.value == measure(arch, result.fidelities[job.rung]).value
    assert [job.start for job in result.jobs] == sorted(job.start for job in result.jobs)


@pytest.mark.parametrize("eta", [2, 3])
@pytest.mark.parametrize("stragglers", [0.0, 0.7])
def test_what_asha_does_follows_from_what_has_ended(eta, stragglers):
    """Replayed from the log alone: at each start, what may go up is found by counting rivals."""
    jobs, promotions = ran(asha, eta=eta, stragglers=stragglers, trials=120).jobs, 0
    for index, job in enumerate(jobs):
        may = []
        for k in range(3):
            done = [j for j in jobs if j.rung == k and j.end <= job.start]
            gone = {j.candidate for j in jobs[:index] if j.rung == k + 1}
            for one in done:
                ahead = sum((-o.value, o.candidate) < (-one.value, one.candidate) for o in done)
                if ahead < len(done) // eta and one.candidate not in gone:
                    may.append((-k, ahead, one.candidate))
        if job.rung:
            promotions += 1
            assert (min(may)[2], 1 - min(may)[0]) == (job.candidate, job.rung)
        else:
            assert may == [], "a new candidate, though one deserved to be promoted"
    assert promotions > 20


@pytest.mark.parametrize("options", [{}, {"eta": 3}, {"fidelities": (8,)}, {"stragglers": 0.0}])
def test_the_decision_with_a_memory_is_the_one_without(options):
    options = {"trials": 150} | options
    assert ran(asha, decide=RememberedRanks(), **options) == ran(asha, **options)


@every_run
def test_one_worker_needs_the_sum_of_all_jobs_and_is_never_idle(run):
    result = ran(run, workers=1)
    assert result.elapsed == pytest.approx(sum(job.end - job.start for job in result.jobs))
    assert result.busy == pytest.approx(1)


def test_asynchronous_workers_wait_only_when_nothing_more_may_be_drawn():
    result = ran(asha, workers=5, trials=60)
    last_new = max(job.start for job in result.jobs if job.rung == 0)
    for worker in range(5):
        own = [job for job in result.jobs if job.worker == worker and job.start <= last_new]
        assert own[0].start == 0
        assert all(before.end == after.start for before, after in pairwise(own))


@pytest.mark.parametrize("workers", [1, 4, 7])
def test_a_synchronous_rung_begins_when_the_one_below_has_ended(workers):
    result = ran(synchronous_halving, workers=workers, trials=48)
    bounds = []
    for size in (16, 8, 4, 2) * 3:
        rung, result_jobs = result.jobs[:size], result.jobs[size:]
        bounds.append((min(j.start for j in rung), max(j.end for j in rung)))
        assert len({j.rung for j in rung}) == 1
        result.jobs[:] = result_jobs
    assert result.jobs == []
    assert all(end == start for (_, end), (start, _) in pairwise(bounds))


@pytest.mark.parametrize("workers", [1, 5])
@pytest.mark.parametrize("eta", [2, 3])
def test_the_synchronous_jobs_are_those_of_successive_halving(workers, eta):
    options = {"candidates": 9, "fidelities": (1, 3, 8), "eta": eta}
    rng = make_rng(5)
    randint(rng, 2**31)  # the seed of the stragglers is drawn first
    history = successive_halving(SPACE, Oracle(measure, 100), rng, **options)
    result = ran(synchronous_halving, 5, workers=workers, trials=900, stragglers=0.0, **options)
    found = [(result.archs[job.candidate], job.value) for job in result.jobs]
    assert found[: len(history)] == [(trial.arch, trial.value) for trial in history]


@every_run
def test_equally_slow_workers_do_the_same_in_longer_time(run):
    plain, slow = ran(run), ran(run, slowness=[3.0] * 4)
    for one, other in zip(plain.jobs, slow.jobs, strict=True):
        assert (one.worker, one.candidate, one.rung) == (other.worker, other.candidate, other.rung)
        assert (other.start, other.end) == pytest.approx((3 * one.start, 3 * one.end))


@every_run
def test_a_slow_worker_takes_its_time_for_every_job_and_gets_fewer(run):
    plain, slow = ran(run, trials=80), ran(run, trials=80, slowness=[1.0, 1.0, 1.0, 5.0])
    usual = {(job.candidate, job.rung): job.end - job.start for job in plain.jobs}
    for job in slow.jobs:
        if (job.candidate, job.rung) in usual:
            own = usual[job.candidate, job.rung] * (5 if job.worker == 3 else 1)
            assert job.end - job.start == pytest.approx(own)
    jobs = Counter(job.worker for job in slow.jobs)
    assert jobs[3] < min(jobs[worker] for worker in range(3))


def test_a_single_rung_is_random_search():
    result = ran(asha, fidelities=(8,), workers=3)
    assert [job.candidate for job in result.jobs] == list(range(40))
    rng = make_rng(0)
    randint(rng, 2**31)
    assert result.archs == [SPACE.sample(rng) for _ in range(40)]


def test_the_same_seed_offers_the_same_candidates_to_every_scheduler():
    runs = [ran(run, workers=w) for run in RUNS.values() for w in (1, 8)]
    assert len({tuple(result.archs[:32]) for result in runs}) == 1
    lengths = Counter(
        (job.candidate, job.rung, round(job.end - job.start, 6))
        for result in runs
        for job in result.jobs
        if job.candidate < 32 and job.rung == 0
    )
    assert set(lengths.values()) == {4}


@every_run
def test_limits_are_kept(run):
    timed = ran(run, trials=math.inf, until=100.0)
    assert max(job.start for job in timed.jobs) < 100
    assert timed.elapsed > 90
    best = max(job.value for job in ran(run, trials=200).jobs)
    found = ran(run, trials=math.inf, enough=best, stragglers=0.0)
    assert found.reached(best) < math.inf
    assert len(ran(run, trials=32).archs) == 32
    if run is asha:
        assert max(job.start for job in found.jobs) < found.reached(best)


@every_run
def test_same_seed_same_run_and_the_global_state_is_left_alone(run):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert ran(run, 1) == ran(run, 1)
    assert ran(run, 1) != ran(run, 2)
    assert torch.equal(before, torch.get_rng_state())


@every_run
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"eta": 1}, "eta >= 2, got 4 and 1"),
        ({"workers": 0}, "workers >= 1 and eta >= 2, got 0"),
        ({"trials": math.inf}, "nothing ends the run"),
        ({"trials": 0}, "trials >= 1"),
        ({"until": 0.0}, "until > 0"),
        ({"fidelities": (1, 4, 2)}, "fidelities must increase"),
        ({"fidelities": (1, 16)}, "from 1 to 8, got 16"),
        ({"stragglers": -1.0}, "stragglers must be 0 or more"),
        ({"slowness": [1.0] * 3}, "slowness must be given for 4 workers, got 3"),
        ({"slowness": [1.0, 1.0, 0.0, 1.0]}, "slowness must be positive and finite"),
    ],
)
def test_bad_input_is_refused_at_the_start(run, options, said):
    with pytest.raises(ValueError, match=said):
        ran(run, **options)


@pytest.mark.parametrize("candidates", [0, 41])
def test_a_round_needs_candidates_and_no_more_than_the_trials(candidates):
    with pytest.raises(ValueError, match="1 <= candidates <= trials"):
        ran(synchronous_halving, candidates=candidates)


def twice(rungs, promoted, *, eta):
    """Forgets who was promoted."""
    return asha_decision(rungs, [set() for _ in promoted], eta=eta)


@pytest.mark.parametrize(
    ("decide", "error", "said"),
    [
        (twice, ValueError, r"decide=twice promoted candidate \d+ out of rung 0 twice"),
        (lambda *_, eta: (99, 1), ValueError, "candidate 99, which has not finished rung 0"),
        (lambda *_, eta: (0, 0), ValueError, "rung 0, expected 1 to 3, or None"),
        (lambda *_, eta: 3, TypeError, r"returned 3, expected \(candidate, rung\) or None"),
    ],
)
def test_a_decision_that_nobody_can_carry_out_is_named(decide, error, said):
    with pytest.raises(error, match=said):
        ran(asha, decide=decide)
