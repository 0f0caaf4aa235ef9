"""Laws of `gumbel_max_sample`: an exact draw from softmax(logits), row by row."""

from functools import partial

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import (
    counted,
    different,
    fits,
    nearest,
    only_rng,
    pairs_counted,
)
from course_lib.checks.lab04.maximum_mistakes import (
    AXIS,
    GREEDY,
    INDEX,
    KNOWN,
    ONE_HOT,
    SHARED,
)
from course_lib.checks.values import shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng


def spread_logits(variant: int) -> Tensor:
    """Spread out enough to tell softmax from its relatives, every choice likely enough to count."""
    middle = torch.tensor([1.2, -1.0, 0.0, 0.6, -0.5])[: 4 + variant % 2]
    middle = middle + 0.2 * torch.rand(len(middle), generator=seeded(variant))
    return middle[torch.randperm(len(middle), generator=seeded(variant, 1))]


def _drawn(ask: Ask, logits: Tensor, rng: Generator) -> Tensor:
    """One answer, an index of a choice for each row."""
    answer, shape = ask(logits.clone(), rng), tuple(logits.shape[:-1])
    if type(answer) is Tensor and tuple(answer.shape) != shape:
        found = tuple(answer.shape)
        said = f"logits of shape {tuple(logits.shape)} gave shape {found}, expected {shape}"
        if found == tuple(logits.shape) and logits.ndim > 1:
            raise Wrong(said, ONE_HOT)
        if found in {tuple(logits.argmax(d).shape) for d in range(logits.ndim)} | {()}:
            raise Wrong(said, AXIS)
    if type(answer) is Tensor and answer.dtype.is_floating_point:
        raise Wrong(f"the indices have dtype {answer.dtype}, expected torch.int64", INDEX)
    drawn = tensor(answer, shape, "the indices", integers=True)
    if bool(((drawn < 0) | (drawn >= logits.shape[-1])).any()):
        raise Wrong(f"an index is not one of the {logits.shape[-1]} choices: {shown(drawn)}", AXIS)
    return drawn


def frequencies(ask: Ask, variant: int) -> None:
    """20,000 rows with the same logits against softmax(logits)."""
    logits, n = spread_logits(variant), 20_000
    drawn = _drawn(ask, logits.expand(n, -1), seeded(variant, 2))
    counts, p = counted(drawn, len(logits)), logits.softmax(0)
    if not fits(counts, p):
        raise Wrong(
            f"logits {shown(logits)}: the choices were drawn with frequencies {shown(counts / n)}, "
            f"softmax is {shown(p)}",
            _recognise(ask, logits, drawn, variant),
        )


def _recognise(ask: Ask, logits: Tensor, drawn: Tensor, variant: int) -> Misconception | None:
    if different(drawn) == 1:
        again = [_drawn(ask, logits.expand(2, -1), seeded(variant, s))[0] for s in range(20)]
        return GREEDY if len({int(index) for index in again}) == 1 else SHARED
    rng, many = make_rng(0), logits.expand(200_000, -1)
    counts = counted(drawn, len(logits))

    def same(others: Tensor) -> bool:
        return fits(counts, counted(others, len(logits)) / len(others))

    known = ((mistake, partial(sampler, many, rng)) for mistake, sampler in KNOWN)
    return nearest(known, same)


def shapes(ask: Ask, variant: int) -> None:
    """One index for each row, whatever the shape; where one logit towers it is that one."""
    for shape in ((4,), (6, 4), (4, 6), (3, 3), (2, 3, 2 + variant % 3)):
        towering = torch.randint(shape[-1], shape[:-1], generator=seeded(variant, 3))
        logits = 200.0 * torch.nn.functional.one_hot(towering, shape[-1]) - 100.0
        drawn = _drawn(ask, logits, seeded(variant, 4))
        if not torch.equal(drawn, towering):
            raise Wrong(
                f"logits of shape {shape} with one of 100 in each row, the others -100: expected "
                f"the indices {shown(towering)}, got {shown(drawn)}",
                AXIS if len(shape) > 1 else None,
            )


def independent(ask: Ask, variant: int) -> None:
    """Two rows of one call, 5,000 times: every pair of choices with the product of p."""
    logits, n = spread_logits(variant)[:3], 5000
    p = logits.softmax(0)
    for shape, first in (((n, 2, -1), (slice(None), 0)), ((2, n, -1), (0,))):
        drawn = _drawn(ask, logits.expand(*shape), seeded(variant, 5))
        second = (slice(None), 1) if len(first) == 2 else (1,)
        pairs = pairs_counted(drawn[first], drawn[second], len(logits))
        if not fits(pairs, p[:, None] * p):
            alike = float((drawn[first] == drawn[second]).double().mean())
            raise Wrong(
                f"two rows with the same logits drew the same choice in {alike:.0%} of {n} pairs; "
                f"independent ones do in {float(p.square().sum()):.0%}",
                SHARED if alike > float(p.square().sum()) else None,
            )


def generator(ask: Ask, variant: int) -> None:
    """All randomness comes from rng."""
    logits = torch.zeros(30, 4)
    only_rng(lambda rng: _drawn(ask, logits, rng), "30 indices")


LAWS = {
    "frequencies are softmax(logits)": frequencies,
    "one index for each row, whatever the shape": shapes,
    "every row draws on its own": independent,
    "all draws come from rng": generator,
}
