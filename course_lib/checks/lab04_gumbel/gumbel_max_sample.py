"""`gumbel_max_sample`: an exact draw from softmax(logits), row by row."""

from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.chance import (
    GLOBAL_RNG,
    Drawn,
    counted,
    excess,
    fits,
    only_rng,
    pairs_counted,
)
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.lab04_gumbel.noise import gumbel, uniform
from course_lib.checks.laws import CHANGED, Given, arguments_stay
from course_lib.checks.values import apart, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

MISTAKES = (
    mistake(
        "the largest logit is taken, no noise",
        "argmax(logits) is always the same. The noise decides: argmax of logits plus noise.",
        lambda logits, rng: logits.argmax(-1),
        part="calls",
    ),
    mistake(
        "the rows share their noise",
        "Every entry of logits needs a draw of its own: noise of the shape of logits.",
        lambda logits, rng: (logits + gumbel(logits.shape[-1:], rng)).argmax(-1),
        lambda logits, rng: (
            logits + gumbel(logits.select(-2, 0).unsqueeze(-2).shape, rng)
            if logits.ndim > 2
            else logits + gumbel(logits.shape, rng)
        ).argmax(-1),
        part="equal rows",
    ),
    mistake(
        "the logits are not used",
        "argmax of noise alone is uniform: add the logits.",
        lambda logits, rng: gumbel(logits.shape, rng).argmax(-1),
        part="choices",
    ),
    mistake(
        "softmax is taken before the noise is added",
        "The trick adds noise to logits (log-probabilities up to a constant), not to "
        "probabilities.",
        lambda logits, rng: (logits.softmax(-1) + gumbel(logits.shape, rng)).argmax(-1),
        part="choices",
    ),
    mistake(
        "the noise is subtracted, or the smallest sum is taken",
        "Gumbel noise has its long tail on the right: add it and take the largest sum.",
        lambda logits, rng: (logits - gumbel(logits.shape, rng)).argmax(-1),
        lambda logits, rng: (logits + gumbel(logits.shape, rng)).argmin(-1),
        lambda logits, rng: (logits - gumbel(logits.shape, rng)).argmin(-1),
        part="choices",
    ),
    mistake(
        "the noise is multiplied with the logits",
        "Add it.",
        lambda logits, rng: (logits * gumbel(logits.shape, rng)).argmax(-1),
        part="choices",
    ),
    mistake(
        "the noise is not Gumbel noise",
        "With uniform, normal or exponential noise the largest sum does not follow "
        "softmax(logits).",
        lambda logits, rng: (logits + uniform(logits.shape, rng)).argmax(-1),
        lambda logits, rng: (logits - uniform(logits.shape, rng).log()).argmax(-1),
        lambda logits, rng: (logits + torch.randn(logits.shape, generator=rng)).argmax(-1),
        part="choices",
    ),
    mistake(
        "argmax over the wrong axis",
        "The choices are the last axis of logits: argmax over -1.",
        lambda logits, rng: (logits + gumbel(logits.shape, rng)).argmax(0),
        lambda logits, rng: (logits + gumbel(logits.shape, rng)).argmax(min(1, logits.ndim - 1)),
        lambda logits, rng: (logits + gumbel(logits.shape, rng)).argmax(1),
        lambda logits, rng: (logits + gumbel(logits.shape, rng)).argmax(-2),
        lambda logits, rng: (logits + gumbel(logits.shape, rng)).argmax(),
        part="towering",
    ),
    mistake(
        "a one-hot vector instead of an index",
        "Return which choice was drawn, an integer for each row.",
        lambda logits, rng: one_hot(
            (logits + gumbel(logits.shape, rng)).argmax(-1), logits.shape[-1]
        ),
        part="towering",
    ),
    mistake(
        "the value of the largest sum instead of its index",
        "`max` gives how much, `argmax` which.",
        lambda logits, rng: (logits + gumbel(logits.shape, rng)).amax(-1),
        part="choices",
    ),
    GLOBAL_RNG,
    CHANGED,
)


def spread_logits(variant: int) -> Tensor:
    """Spread out enough to tell softmax from its relatives, every choice likely enough to count."""
    middle = torch.tensor([1.2, -1.0, 0.0, 0.6, -0.5])[: 4 + variant % 2]
    middle = middle + 0.2 * torch.rand(len(middle), generator=seeded(variant))
    return middle[torch.randperm(len(middle), generator=seeded(variant, 1))]


def _drawn(ask: Ask, logits: Tensor, rng: Generator) -> Tensor:
    """One answer, an index of a choice for each row."""
    answer, advice = ask(logits.clone(), rng), f" from logits of shape {tuple(logits.shape)}"
    shape = tuple(logits.shape[:-1])
    drawn = tensor(answer, shape, "the tensor of indices", integers=True, advice=advice)
    if bool(((drawn < 0) | (drawn >= logits.shape[-1])).any()):
        raise Wrong(f"an index is not one of the {logits.shape[-1]} choices: {shown(drawn)}")
    return drawn


SHAPES = ((4,), (1, 4), (6, 4), (4, 6), (3, 3), (2, 1, 3), (2, 3, 2), (2, 2, 3, 4))


def _towering(variant: int, shape: tuple[int, ...], height: float) -> tuple[Tensor, Tensor]:
    """Logits that leave no doubt, and which choice it is: (..., choices), (...)."""
    choice = torch.randint(shape[-1], shape[:-1], generator=seeded(variant, 3))
    return 2 * height * one_hot(choice, shape[-1]) - height, choice


def probe(ask: Ask, variant: int) -> dict[str, list[Any]]:
    """What comes of logits that leave no doubt, of 160,000 rows of others, and whether rows differ.

    Whatever shape and type it has: many mistakes show in them.
    """
    rng = seeded(variant, 7)
    towering = [_whatever(ask, _towering(variant, shape, 100.0)[0], rng) for shape in SHAPES]
    mild, wild = spread_logits(variant), 2 * spread_logits(1 - variant)
    drawn = [
        _whatever(ask, logits, rng) for logits in (mild.repeat(20, 4000, 1), wild.repeat(80_000, 1))
    ]
    equal = [one.ndim > 0 and bool((one == one[..., :1]).all()) for one in drawn]
    calls = [_whatever(ask, mild.repeat(3, 1), rng) for _ in range(20)]
    choices = [Drawn(one) for one in drawn]
    return {"towering": towering, "choices": choices, "equal rows": equal, "calls": calls}


def _whatever(ask: Ask, logits: Tensor, rng: Generator) -> Any:
    """The answer of whatever shape, or the name of what it raises."""
    try:
        return ask(logits, rng)
    except StudentError as error:
        return type(error.error).__name__


def frequencies(ask: Ask, variant: int) -> None:
    """20,000 rows with the same logits against softmax(logits); a constant changes nothing."""
    logits, n = spread_logits(variant), 20_000
    p = logits.softmax(0)
    for constant in (0.0, 900.0, -900.0):
        drawn = _drawn(ask, (logits + constant).expand(n, -1), seeded(variant, 2))
        counts = counted(drawn, len(logits))
        if not fits(counts, p):
            raise Wrong(
                f"logits {shown(logits + constant)}: the choices were drawn with frequencies "
                f"{shown(counts / n)}, softmax is {shown(p)}"
            )


def shapes(ask: Ask, variant: int) -> None:
    """One index for each row, whatever the shape; where one logit towers it is that one."""
    for shape in (*SHAPES, (2, 3, 2 + variant % 3)):
        for height in (100.0, 5000.0):
            logits, towering = _towering(variant, shape, height)
            drawn = _drawn(ask, logits, seeded(variant, 4))
            if not torch.equal(drawn, towering):
                right, wrong = apart(towering, drawn)
                raise Wrong(
                    f"logits of shape {shape} with one of {height:g} in each row, the others "
                    f"{-height:g}: expected the indices {right}, got {wrong}"
                )


def independent(ask: Ask, variant: int) -> None:
    """Two rows of one call, 5,000 times: every pair of choices with the product of p. Over many
    calls no row, column or call is known from others."""
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
                f"independent ones do in {float(p.square().sum()):.0%}"
            )
    rng, many = seeded(variant, 6), logits.expand(40, 50, -1)
    calls = torch.stack([_drawn(ask, many, rng) for _ in range(8)])
    chosen = float(p[0])
    scores = ((calls == 0).double() - chosen) / (chosen * (1 - chosen)) ** 0.5
    if (ratio := excess(scores)) is not None:
        raise Wrong(
            "the choices of some rows, columns or calls depend on each other: how often one choice "
            f"is drawn there varies {ratio:.2g} times as much as with independent draws"
        )


def generator(ask: Ask, variant: int) -> None:
    """All randomness comes from rng."""
    logits = torch.zeros(30, 4)
    only_rng(lambda rng: _drawn(ask, logits, rng), "30 indices")


def _given(variant: int) -> Given:
    return {"logits": spread_logits(variant).repeat(3, 1)}


def _put(ask: Ask, given: Given) -> None:
    tensor(ask(given["logits"], seeded(1, 8)), (3,), "the tensor of indices", integers=True)


gumbel_max_sample = Exercise(
    lab="lab04_gumbel",
    name="gumbel_max_sample",
    section=sections.MAX,
    library=("course_lib.nas.relax:gumbel_max_sample",),
    laws={
        "frequencies are softmax(logits)": frequencies,
        "one index for each row, whatever the shape": shapes,
        "every row draws on its own": independent,
        "all draws come from rng": generator,
        "the logits stay as they are": arguments_stay(_given, _put),
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Every entry of logits gets a noise number of its own; the largest sum in a row wins.",
        "gumbel_noise(logits.shape, rng) has the shape of logits. The choices are the last axis.",
    ),
    basic="frequencies are softmax(logits)",
)
