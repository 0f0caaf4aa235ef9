"""In which order an answer to `measure` called the candidates, round by round."""

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab13_hardware.machine import Machine, asked
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

SEQUENTIAL = Misconception(
    "one candidate is measured after the other",
    "If the machine slows down for a minute, that minute hits one candidate alone. The loop over "
    "the rounds is the outer one: each round measures all of them.",
)


def turns(ask: Ask, variant: int, salt: int, n: int, **how: int) -> Tensor:
    """In which order each round called the candidates, tested to be one of each: (rounds, n)."""
    rng = seeded(variant, salt)
    machine = Machine(rng, n)
    asked(ask, machine, rng, **how)
    rounds, repeats, warmup = how["rounds"], how["repeats"], how["warmup"]
    before, calls = machine.calls[: n * warmup], machine.calls[n * warmup :]
    told = f"{n} candidates, rounds {rounds}, repeats {repeats}, warmup {warmup}"
    if len(calls) != rounds * n * repeats:
        expected = n * (warmup + rounds * repeats)
        raise Wrong(f"{told}: there were {len(machine.calls)} calls, expected {expected}")
    found = torch.tensor(calls).view(rounds, n, repeats)
    changes = sum(a != b for a, b in zip(machine.calls, machine.calls[1:], strict=False))
    if n > 1 and changes < 3 * n and rounds > 5:
        said = "all rounds of a candidate came in a row: drift would meet it alone"
        raise Wrong(f"{told}: {said}", SEQUENTIAL)
    if sorted(before) != sorted([*range(n)] * warmup):
        said = f"the first {n * warmup} calls are of the candidates {before}"
        raise Wrong(f"{told}: {said}, expected {warmup} of each before the first round")
    if bool((found != found[:, :, :1]).any()):
        raise Wrong(f"{told}: the repeats of one sample do not come in a row")
    for r, row in enumerate(found[:, :, 0].tolist()):
        if sorted(row) != list(range(n)):
            raise Wrong(f"{told}: round {r} measures the candidates {row}, expected one of each")
    return found[:, :, 0]
