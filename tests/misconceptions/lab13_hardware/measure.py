"""Answers to `measure`."""

import random
import time
from statistics import median

import numpy as np
import torch

from course_lib.hardware import measure as library


def in_lists(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    """Right: nested lists, single precision."""
    for _ in range(warmup):
        for candidate in candidates:
            candidate()
    table = []
    for _ in range(rounds):
        row = [0.0] * len(candidates)
        for i in torch.randperm(len(candidates), generator=rng):
            begin = clock()
            for _ in range(repeats):
                candidates[i]()
            row[i] = (clock() - begin) / repeats
        table.append(row)
    return torch.tensor(table)


def orders_first(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    """Right: all orders are drawn beforehand, by sorting noise."""
    orders = torch.rand(rounds, len(candidates), generator=rng).argsort(1)
    [candidate() for candidate in candidates for _ in range(warmup)]
    found = torch.zeros(rounds, len(candidates)).double()
    for row, order in zip(found, orders.tolist(), strict=True):
        for i in order:
            start = clock()
            [candidates[i]() for _ in range(repeats)]
            row[i] = clock() - start
    return found / repeats


def one_reading(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    """The end of a sample is the start of the next."""
    n = len(candidates)
    for i in range(n * warmup):
        candidates[i % n]()
    orders = [torch.randperm(n, generator=rng).tolist() for _ in range(rounds)]
    found, last = np.zeros((rounds, n)), clock()
    for row, order in zip(found, orders, strict=True):
        for i in order:
            for _ in range(repeats):
                candidates[i]()
            now = clock()
            row[i], last = (now - last) / repeats, now
    return torch.from_numpy(found)


def python_shuffle(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    """Right: a generator of Python's, seeded by one draw of rng."""
    own = random.Random(int(torch.randint(2**62, (), generator=rng)))
    for candidate in candidates:
        for _ in range(warmup):
            candidate()
    columns = {i: [] for i in range(len(candidates))}
    order = list(columns)
    for _ in range(rounds):
        own.shuffle(order)
        for i in order:
            start = clock()
            for _ in range(repeats):
                candidates[i]()
            columns[i].append((clock() - start) / repeats)
    return torch.tensor(list(columns.values()), dtype=torch.float64).T


def changed(
    *,
    warm=lambda candidates, warmup: [c() for c in candidates for _ in range(warmup)],
    order=lambda n, rng, r: torch.randperm(n, generator=rng).tolist(),
    place=lambda i, k: i,
    sample=lambda passed, repeats: passed / repeats,
    finish=lambda found: found,
    before=lambda candidate: None,
    read=lambda clock: clock(),
):
    """A right answer unless a part is exchanged."""

    def measure(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
        warm(candidates, warmup)
        found = torch.zeros(rounds, len(candidates), dtype=torch.float64)
        for r in range(rounds):
            for k, i in enumerate(order(len(candidates), rng, r)):
                before(candidates[i])
                start = read(clock)
                for _ in range(repeats):
                    candidates[i]()
                found[r, place(i, k)] = sample(read(clock) - start, repeats)
        return finish(found)

    return measure


def one_after_the_other(
    candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter
):
    found = torch.zeros(rounds, len(candidates), dtype=torch.float64)
    for i in torch.randperm(len(candidates), generator=rng).tolist():
        for _ in range(warmup):
            candidates[i]()
        for r in range(rounds):
            start = clock()
            for _ in range(repeats):
                candidates[i]()
            found[r, i] = (clock() - start) / repeats
    return found


def ordered_once(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    fixed = torch.randperm(len(candidates), generator=rng).tolist()
    again = changed(order=lambda n, rng, r: fixed)
    return again(candidates, rng, rounds=rounds, repeats=repeats, warmup=warmup, clock=clock)


def there_and_back(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    """Every other round is the one before, backwards."""
    kept = []

    def order(n, rng, r):
        if r % 2 == 0:
            kept[:] = torch.randperm(n, generator=rng).tolist()
        return kept[::-1] if r % 2 else list(kept)

    again = changed(order=order)
    return again(candidates, rng, rounds=rounds, repeats=repeats, warmup=warmup, clock=clock)


def rotated(n, rng, r):
    first = int(torch.randint(n, (), generator=rng))
    return [(first + k) % n for k in range(n)]


def with_replacement(n, rng, r):
    return torch.randint(n, (n,), generator=rng).tolist()


def each_call(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    """The clock is read around every single call."""
    [c() for c in candidates for _ in range(warmup)]
    found = torch.zeros(rounds, len(candidates), dtype=torch.float64)
    for r in range(rounds):
        for i in torch.randperm(len(candidates), generator=rng).tolist():
            for _ in range(repeats):
                start = clock()
                candidates[i]()
                found[r, i] += (clock() - start) / repeats
    return found


def repeats_apart(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    """Every repeat is a round of its own, averaged afterwards."""
    again = changed()
    how = {"rounds": rounds * repeats, "repeats": 1, "warmup": warmup, "clock": clock}
    return again(candidates, rng, **how).view(rounds, repeats, -1).mean(1)


def own_clock(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter):
    return in_lists(candidates, rng, rounds=rounds, repeats=repeats, warmup=warmup)


def shuffles_candidates(
    candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=time.perf_counter
):
    found = in_lists(candidates, rng, rounds=rounds, repeats=repeats, warmup=warmup, clock=clock)
    candidates.append(candidates.pop(0))
    return found


def first_rounds_dropped(candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=None):
    how = {"rounds": rounds + warmup, "repeats": repeats, "warmup": 0, "clock": clock}
    return changed()(candidates, rng, **how)[warmup:]


def calls_library(candidates, rng, **how):
    return library.measure(candidates, rng, quantile=0.5, **how)


def global_order(n, rng, r):
    return torch.randperm(n).tolist()


COLD = "the first calls are counted"
REPEATS = "the division by repeats is missing"
UNIT = "the seconds have become milliseconds"
SAMPLES = "one number for each candidate, not the samples"
COLUMNS = "the columns are in the order of the calls"
SEQUENTIAL = "one candidate is measured after the other"
FIXED = "every round has the same order"
RNG = "the draws do not come from rng alone"
WRONG = [
    (changed(warm=lambda candidates, warmup: None), COLD),
    (changed(warm=lambda cs, warmup: [c() for c in cs]), "✘ the warm-up is not counted"),
    (changed(warm=lambda cs, warmup: [c() for c in cs for _ in range(warmup - 1)]), COLD),
    (changed(before=lambda candidate: candidate()), "✘ every sample is seconds per call"),
    (first_rounds_dropped, "s a call, got"),
    (changed(sample=lambda passed, repeats: passed), REPEATS),
    (changed(sample=lambda passed, repeats: 1000 * passed / repeats), UNIT),
    (changed(sample=lambda passed, repeats: round(passed / repeats, 4)), "s a call, got"),
    (changed(read=lambda clock: torch.tensor(clock())), "s a call, got"),
    (changed(finish=lambda found: found.mean(0)), SAMPLES),
    (changed(finish=lambda found: found.min(0).values), SAMPLES),
    (changed(finish=lambda found: torch.tensor(list(map(median, found.T.tolist())))), "has shape"),
    (changed(finish=lambda found: found.T), "a row for each round"),
    (changed(finish=lambda found: found.sort(0).values), "s a call, got"),
    (changed(finish=lambda found: found.tolist()), "expected a tensor"),
    (changed(finish=lambda found: None), "`return` missing"),
    (changed(place=lambda i, k: k), COLUMNS),
    (one_after_the_other, SEQUENTIAL),
    (changed(order=lambda n, rng, r: range(n)), FIXED),
    (ordered_once, FIXED),
    (there_and_back, "follows from the one before"),
    (changed(order=rotated), "had the orders"),
    (changed(order=with_replacement), "✘ every sample is seconds per call"),
    (one_reading, "ends a turn and begins the next"),
    (each_call, "once for all repeats"),
    (repeats_apart, "✘ every round measures each candidate once"),
    (own_clock, "the clock that was handed in was never asked"),
    (shuffles_candidates, "the function changes its arguments"),
    (changed(order=global_order), RNG),
    (changed(order=lambda n, rng, r: np.random.permutation(n).tolist()), RNG),
    (calls_library, "library's function is called"),
]
RIGHT = [in_lists, orders_first, python_shuffle, changed()]
POINTLESS = (
    lambda candidates, rng, *, rounds=40, repeats=1, warmup=1, clock=None: torch.zeros(
        rounds, len(candidates)
    ),
    changed(finish=torch.zeros_like),
)
PARTICULAR = {
    "once for all repeats": {"the clock is read before and after the repeats"},
    "follows from the one before": {"every round has a fresh random order"},
    "the function changes its arguments": {"all draws come from rng"},
}
EQUIVALENT = {
    "line 4: torch.empty(rounds, len(candidates), dtype=torch.float64) -> torch.empty(rounds, "
    "len(candidates))": "a difference of two readings fits into single precision",
    "line 6: torch.randperm(len(candidates), generator=rng).tolist() -> "
    "torch.randperm(len(candidates), generator=rng)": "a list takes tensors of one integer, too",
}
