"""`measure`: samples that are right to the digit, and calls that take turns by chance."""

import time
from collections.abc import Callable
from itertools import pairwise, permutations
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import GLOBAL_RNG, counted, fits, only_rng, pairs_counted
from course_lib.checks.engine import Exercise
from course_lib.checks.lab13_hardware import sections
from course_lib.checks.lab13_hardware.machine import Machine, asked, close, put
from course_lib.checks.lab13_hardware.turns import SEQUENTIAL, turns
from course_lib.checks.laws import CHANGED
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

ROUNDS = 800
ORDERS = list(permutations(range(3)))


def _exchanged(
    *,
    warm: Callable[[int], int] = lambda warmup: warmup,
    per_call: Callable[[float, int], float] = lambda passed, repeats: passed / repeats,
    finish: Callable[[Tensor], Any] = lambda samples: samples,
) -> Callable[..., Any]:
    """A right answer with one part exchanged."""

    def measure(
        candidates: Any,
        rng: Generator,
        *,
        rounds: int = 40,
        repeats: int = 1,
        warmup: int = 1,
        clock: Callable[[], float] = time.perf_counter,
    ) -> Any:
        for candidate in candidates:
            for _ in range(warm(warmup)):
                candidate()
        samples = torch.empty(rounds, len(candidates), dtype=torch.float64)
        for row in samples:
            for i in torch.randperm(len(candidates), generator=rng).tolist():
                start = clock()
                for _ in range(repeats):
                    candidates[i]()
                row[i] = per_call(clock() - start, repeats)
        return finish(samples)

    return measure


COLUMNS = Misconception(
    "the columns are in the order of the calls",
    "Column i belongs to candidate i in every round, whenever its turn came: write the sample to "
    "[round, i], where i is the candidate that was called.",
)
FIXED = Misconception(
    "every round has the same order",
    "Whoever comes first in a round may find another machine than whoever comes last. Draw a new "
    "order inside the loop over the rounds.",
)
MISTAKES = (
    mistake(
        "the first calls are counted",
        "Whatever runs for the first time loads code and memory. Call each candidate `warmup` "
        "times before the clock is read at all.",
        _exchanged(warm=lambda warmup: 0),
        _exchanged(warm=lambda warmup: max(warmup - 1, 0)),
    ),
    mistake(
        "the division by repeats is missing",
        "A sample is the time of one call: what passed between the two readings, divided by "
        "`repeats`.",
        _exchanged(per_call=lambda passed, repeats: passed),
    ),
    mistake(
        "the seconds have become milliseconds",
        "The clock counts seconds, and so does the answer. A limit in another unit than the "
        "measurement is a mistake that nobody sees.",
        _exchanged(per_call=lambda passed, repeats: 1e3 * passed / repeats),
        _exchanged(per_call=lambda passed, repeats: 1e6 * passed / repeats),
    ),
    mistake(
        "one number for each candidate, not the samples",
        "Mean, median, a low quantile: whoever asked decides, and wants to see the spread. Return "
        "every sample, a row for each round.",
        *(
            _exchanged(finish=finish)
            for finish in (
                lambda s: s.mean(0),
                lambda s: s.median(0).values,
                lambda s: s.amin(0),
                lambda s: s.quantile(0.1, dim=0),
            )
        ),
    ),
    COLUMNS,
    SEQUENTIAL,
    FIXED,
    GLOBAL_RNG,
)


def probe(ask: Ask, variant: int) -> Any:
    """Four rounds of three candidates, whose first calls are slow."""
    machine = Machine(seeded(variant, 7), 3, cold=2)
    return put(ask, machine, seeded(variant, 8), rounds=4, repeats=3, warmup=2)


def _require(ask: Ask, machine: Machine, rng: Generator, **how: int) -> None:
    found = asked(ask, machine, rng, **how)
    rounds, repeats, warmup = (
        how.get(name, usual) for name, usual in (("rounds", 40), ("repeats", 1), ("warmup", 1))
    )
    expected = machine.samples(rounds, repeats, warmup)
    told = f"{len(machine.usual)} candidates, rounds {rounds}, repeats {repeats}, warmup {warmup}"
    counts = counted(torch.tensor(machine.calls), len(machine.usual)).tolist()
    each = warmup + rounds * repeats
    called = f"the candidates were called {counts} times, expected {each}, warm-up included, each"
    miscounted = any(count != each for count in counts)
    if not close(found, expected):
        off = (found.detach().double() / expected - 1).abs()
        r, i = divmod(int(off.argmax()), len(machine.usual))
        moved = close(found.detach().double().sort(1).values, expected.sort(1).values)
        raise Wrong(
            f"{told}: in round {r} candidate {i} took {float(expected[r, i]):.4g} s a call, got "
            f"{float(found[r, i]):.4g}{'; ' + called if miscounted else ''}",
            COLUMNS if moved else None,
        )
    if miscounted:
        raise Wrong(f"{told}: {called}")


def per_call(ask: Ask, variant: int) -> None:
    """Each sample is what its calls took, in seconds, in the candidate's own column."""
    for salt, n in enumerate((3, 1, 4 + variant % 3)):
        rng = seeded(variant, salt)
        how = {"rounds": 6 + salt} if salt else {}
        _require(ask, Machine(rng, n), rng, **how)
    for repeats in (2, 5):
        rng = seeded(variant, 3 + repeats)
        _require(ask, Machine(rng, 3), rng, rounds=4, repeats=repeats)


def two_readings(ask: Ask, variant: int) -> None:
    """A clock whose reading takes time: it is read right before the first of the repeats, and
    right after the last."""
    for salt, repeats in enumerate((1, 4, 9)):
        rng = seeded(variant, 10 + salt)
        machine = Machine(rng, 3, price=1e-3)
        try:
            _require(ask, machine, rng, rounds=5, repeats=repeats)
        except Wrong as wrong:
            said = f"{wrong.said} (reading this clock takes 0.001 s, once for all repeats)"
            raise Wrong(said, wrong.misconception) from wrong
        begins = machine.read_before[3::repeats]  # after the warm-up of three
        if any(after - before < 2 for before, after in pairwise(begins)):
            raise Wrong(
                "one reading of the clock ends a turn and begins the next: what is done between "
                "them, such as writing the sample, counts as the next candidate's time"
            )


def warmed_up(ask: Ask, variant: int) -> None:
    """The first `warmup` calls are slow, and nobody's sample; without a warm-up they count."""
    for salt, (warmup, cold) in enumerate(((1, 1), (3, 3), (0, 2), (2, 4))):
        rng = seeded(variant, 20 + salt)
        _require(ask, Machine(rng, 3, cold=cold), rng, rounds=4, repeats=2, warmup=warmup)


def rounds_of_all(ask: Ask, variant: int) -> None:
    """After the warm-up each round measures each candidate once, all repeats in a row."""
    for salt, (n, repeats, warmup) in enumerate(((4, 1, 1), (3, 3, 2), (5 + variant % 3, 2, 0))):
        turns(ask, variant, 30 + salt, n, rounds=8, repeats=repeats, warmup=warmup)


def fresh_orders(ask: Ask, variant: int) -> None:
    """All orders of a round are as likely, whatever the order of the round before."""
    found = turns(ask, variant, 40, 3, rounds=ROUNDS, repeats=1, warmup=1)
    numbers = torch.tensor([ORDERS.index(tuple(row)) for row in found.tolist()])
    counts = counted(numbers, len(ORDERS))
    if int(counts.max()) == ROUNDS:
        raise Wrong(f"all {ROUNDS} rounds have the order {ORDERS[int(counts.argmax())]}", FIXED)
    if not fits(counts, torch.full((6,), 1 / 6)):
        listed = ", ".join(f"{o}: {c}" for o, c in zip(ORDERS, counts.tolist(), strict=True))
        raise Wrong(f"of {ROUNDS} rounds these had the orders {listed}; each is as likely")
    pairs = pairs_counted(numbers[::2], numbers[1::2], 6)
    if not fits(pairs, torch.full((36,), 1 / 36)):
        again = int((numbers[::2] == numbers[1::2]).sum())
        raise Wrong(
            f"a round's order follows from the one before: in {again} of {ROUNDS // 2} pairs of "
            f"rounds it is the same, expected about {ROUNDS // 12}, and any other as likely"
        )


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same orders, another rng others; the candidates stay in their list."""
    machine = Machine(seeded(variant, 50), 4)
    given = machine.candidates
    before = list(given)
    ask(given, seeded(variant, 51), rounds=6, repeats=1, warmup=1, clock=machine.clock)
    if given != before:
        raise Wrong("the list of candidates holds another order after the call", CHANGED)

    def orders(rng: Generator) -> Tensor:
        machine = Machine(seeded(variant, 52), 4)
        asked(ask, machine, rng, rounds=10, repeats=1, warmup=1)
        return torch.tensor(machine.calls)

    only_rng(orders, "orders")


measure = Exercise(
    lab="lab13_hardware",
    name="measure",
    section=sections.MEASURING,
    library=("course_lib.hardware.measure:measure", "course_lib.hardware.measure:seconds"),
    laws={
        "every sample is seconds per call": per_call,
        "the clock is read before and after the repeats": two_readings,
        "the warm-up is not counted": warmed_up,
        "every round measures each candidate once": rounds_of_all,
        "every round has a fresh random order": fresh_orders,
        "all draws come from rng": draws_from_rng,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Two blocks, one after the other: call each candidate warmup times; then the rounds, and "
        "in each round a turn for each candidate.",
        "torch.randperm(len(candidates), generator=rng).tolist() is an order. Where must it stand, "
        "so that every round has its own?",
        "A turn: start = clock(), then `repeats` calls, then (clock() - start) / repeats. Subtract "
        "Python's floats: a clock counts from far away, and float32 has seven digits.",
        "samples = torch.empty(rounds, len(candidates), dtype=torch.float64) takes the number at "
        "samples[r, i], where i is the candidate.",
    ),
    basic="every sample is seconds per call",
)
