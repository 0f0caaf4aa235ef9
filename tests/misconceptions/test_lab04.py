"""Lab 04: its wrong and right answers, and slips in its solution, against its checks."""

import torch

from tests.misconceptions.every_lab import Answers, Mutants

LAB = "lab04_gumbel"


class TestAnswers(Answers):
    lab = LAB
    pointless = (
        ("sample_gumbel", lambda shape, rng: torch.rand(shape, generator=rng)),
        ("gumbel_max_sample", lambda logits, rng: logits.argmax(-1)),
        ("gumbel_softmax_sample", lambda logits, rng, *, tau: (logits / tau).softmax(-1)),
        ("straight_through", lambda soft: soft),
        ("straight_through", lambda soft: (soft == soft.amax(-1, keepdim=True)).to(soft)),
        ("bias_and_variance", lambda estimates, f, logits: (0 * logits, estimates.var(0).sum())),
        ("gdas_edge", lambda operations, x, logits, rng, *, tau: x),
    )
    particular = (
        ("sample_gumbel", "exactly 0", "finite, and both tails there, over 10 million draws"),
        ("gumbel_softmax_sample", "is not refused", "tau of 0 or below is refused"),
        ("gumbel_softmax_sample", "noise is subtracted",
         "the largest weight is drawn with softmax(logits)"),
        ("straight_through", "equal largest", "one 1 in every row, ties included"),
        ("bias_and_variance", "samples instead of samples", "variance of one estimate"),
        ("gdas_edge", "learns nothing", "the operation learns as if it were alone"),
        ("gdas_edge", "choice and gradient use different noise",
         "it is the relaxed sample's gradient"),
    )  # fmt: skip


class TestMutants(Mutants):
    lab = LAB
