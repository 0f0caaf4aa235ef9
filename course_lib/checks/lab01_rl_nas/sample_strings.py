"""`sample_strings`: what it draws, and the probability that it states for it."""

from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.chance import GLOBAL_RNG, counted, different, fits, only_rng, pairs_counted
from course_lib.checks.engine import Exercise
from course_lib.checks.lab01_rl_nas import sections
from course_lib.checks.lab01_rl_nas.drawn import (
    BATCH_SOFTMAX,
    DETACHED,
    ENTROPY_DETACHED,
    GREEDY,
    SHARED,
    STATE,
    UNIFORM,
    WRITES_ON,
    Drawn,
    require_frequencies,
    require_gradients,
    seen,
)
from course_lib.checks.lab01_rl_nas.enumerated import TablePolicy
from course_lib.checks.lab01_rl_nas.in_parts import exchanged_sampler
from course_lib.checks.values import same
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake
from course_lib.core import Space
from course_lib.nas.controller import Controller


def _minus_log_prob(controller: Any, batch: int, rng: Generator) -> tuple[Tensor, ...]:
    tokens, log_prob, _ = exchanged_sampler()(controller, batch, rng)
    return tokens, log_prob, -log_prob


in_log_prob = partial(mistake, part="log_prob")
in_entropy = partial(mistake, part="entropy")
PADDING = (
    "padding after the stop is counted",
    "A string ends with its stop. What follows is certain: log-probability 0, entropy 0.",
    exchanged_sampler(counts=lambda before, after: torch.ones_like(before)),
)
STOP_LOST = (
    "the stop itself is not counted",
    "The stop is a decision like any other and counts; only what follows it is padding. Update "
    "the mask of ended strings after adding.",
    exchanged_sampler(counts=lambda before, after: after),
)
MISTAKES = (
    in_log_prob(
        "the last token is missing from the log-probability",
        "n decisions give n factors.",
        exchanged_sampler(total=lambda terms: sum(terms[:-1])),
    ),
    in_log_prob(
        "the first token is missing from the log-probability",
        "n decisions give n factors: the first token is drawn, too.",
        exchanged_sampler(total=lambda terms: sum(terms[1:])),
    ),
    in_log_prob(
        "the probability instead of its logarithm",
        "log p of a string is the sum of its tokens' log p.",
        exchanged_sampler(total=lambda terms: torch.stack(terms).sum(0).exp()),
    ),
    in_log_prob(
        "the mean over the tokens instead of the sum",
        "The probability of a string is a product, so its logarithm is a sum.",
        exchanged_sampler(total=lambda terms: sum(terms) / len(terms)),
    ),
    in_log_prob(
        "the log-probability of the most likely choice instead of the drawn one",
        "Pick log p at the token that was drawn (`gather`), not the maximum.",
        exchanged_sampler(picked=lambda scores, token: scores.amax(1)),
    ),
    in_log_prob(
        "logits are taken for log-probabilities",
        "Logits become log-probabilities through log_softmax.",
        exchanged_sampler(scores=lambda logits: logits),
    ),
    in_entropy(
        "-log_prob instead of the entropy",
        "Its mean is right, but entropy is known exactly at each decision: -sum_a p(a) log p(a).",
        _minus_log_prob,
    ),
    in_entropy(
        "the entropy of the last decision only",
        "Add up the entropies of all decisions.",
        exchanged_sampler(spread_total=lambda terms: terms[-1]),
    ),
    in_entropy(
        "the sign of the entropy",
        "Entropy is not negative: -sum_a p(a) log p(a).",
        exchanged_sampler(spread=lambda log_p: (log_p.exp() * log_p).sum(1)),
    ),
    in_entropy(
        "the mean of the decisions' entropies instead of the sum",
        "Entropies of successive decisions add up (chain rule).",
        exchanged_sampler(spread_total=lambda terms: sum(terms) / len(terms)),
    ),
    mistake(*PADDING, part="log_prob with a stop"),
    mistake(*STOP_LOST, part="log_prob with a stop"),
    mistake(*PADDING, part="entropy with a stop"),
    mistake(*STOP_LOST, part="entropy with a stop"),
    WRITES_ON,
    STATE,
    BATCH_SOFTMAX,
    GREEDY,
    UNIFORM,
    SHARED,
    DETACHED,
    ENTROPY_DETACHED,
    GLOBAL_RNG,
)


def _policy(variant: int, *, stop: int | None = None, size: float = 0.75) -> TablePolicy:
    choices = ((2, 3, 2), (3, 2, 2), (2, 2, 3))[variant % 3]
    return TablePolicy(Space(choices, stop=stop), seeded(variant), size=size)


def probe(ask: Ask, variant: int) -> dict[str, Any]:
    """log_prob and entropy of each string of a small policy, with and without a stop."""
    told: dict[str, Any] = {}
    for words, stop in (("", None), (" with a stop", variant % 2)):
        try:
            drawn = Drawn(ask, _policy(variant, stop=stop), 4000, seeded(variant, 9))
        except (Wrong, StudentError):
            told |= {f"log_prob{words}": None, f"entropy{words}": None}
            continue
        for what, values in (("log_prob", drawn.log_prob), ("entropy", drawn.entropy)):
            told[what + words] = dict(zip(drawn.archs, values.double().tolist(), strict=True))
    return told


def _require(drawn: Drawn, policy: TablePolicy, what: str) -> None:
    """log_prob or entropy of every drawn string equals the enumerated one."""
    expected, found = drawn.enumerated(policy, what), getattr(drawn, what)
    if same(found, expected, scale=10):
        return
    worst = int((found.detach() - expected.detach()).abs().argmax())
    raise Wrong(
        f"the string {drawn.archs[worst]} has {what} {float(expected[worst]):.5g} "
        f"by enumeration; yours is {float(found[worst]):.5g}",
        seen(drawn, policy),
    )


def log_probability(ask: Ask, variant: int) -> None:
    """log_prob of every drawn string is the enumerated one, also where logits are large."""
    policy = _policy(variant)
    for batch in (1, 5, 400):
        _require(Drawn(ask, policy, batch, seeded(variant, batch)), policy, "log_prob")
    policy.decide()
    _require(Drawn(ask, policy, 50, seeded(variant, 6)), policy, "log_prob")


def frequencies(ask: Ask, variant: int) -> None:
    """Strings come as often as their probability says, whatever the strings beside them."""
    policy = _policy(variant, size=1.6)
    Drawn(ask, policy, 5, seeded(variant, 1))  # a wrong shape is noticed while it is small
    drawn = Drawn(ask, policy, 10_000, seeded(variant, 1))
    require_frequencies(ask, policy, drawn, variant)
    for position, choices in enumerate(policy.choices):
        tokens = drawn.tokens[:, position]
        p = counted(tokens, choices).double() / len(tokens)
        for one, other in ((tokens[::2], tokens[1::2]), (tokens[:5000], tokens[5000:])):
            if not fits(pairs_counted(one, other, choices), torch.outer(p, p)):
                raise Wrong(
                    f"the tokens of decision {position} depend on those of other strings in the "
                    "batch: each string is to be drawn on its own"
                )


def entropy(ask: Ask, variant: int) -> None:
    """The entropies that the prefixes of a string leave add up to its entropy."""
    policy = _policy(variant)
    _require(Drawn(ask, policy, 500, seeded(variant, 2)), policy, "entropy")
    policy.decide()
    _require(Drawn(ask, policy, 50, seeded(variant, 7)), policy, "entropy")


def stop(ask: Ask, variant: int) -> None:
    """After a stop only stops, at log-probability 0 and entropy 0, and without a gradient."""
    for other in (0, 1):
        policy = _policy(variant, stop=other)
        for salt, batch in enumerate((1, 1, 1, 1, 5)):
            drawn = Drawn(ask, policy, batch, seeded(variant, 20 + salt))
            _require(drawn, policy, "log_prob")
    policy = _policy(variant, stop=variant % 2)
    drawn = Drawn(ask, policy, 4000, seeded(variant, 3))
    _require(drawn, policy, "log_prob")
    _require(drawn, policy, "entropy")
    require_frequencies(ask, policy, drawn, variant)
    if drawn.log_prob.requires_grad and drawn.entropy.requires_grad:
        require_gradients(drawn, policy)


def gradient(ask: Ask, variant: int) -> None:
    """log_prob and entropy are attached; where their values are right, so are their gradients."""
    policy = _policy(variant)
    require_gradients(Drawn(ask, policy, 50, seeded(variant, 4)), policy)


def generator(ask: Ask, variant: int) -> None:
    """On a real controller: the same rng gives the same strings, and nothing else has a say."""
    controller = Controller(Space((4, 3, 4, 2, 3), stop=None), seeded(variant, 5), hidden=8)

    def draw(rng: Generator) -> Tensor:
        return Drawn(ask, controller, 30, rng).tokens

    if different(torch.cat([draw(seeded(salt)) for salt in (1, 2)]), axis=0) == 1:
        raise Wrong("60 strings are all the same", GREEDY)
    only_rng(draw, "30 strings")


sample_strings = Exercise(
    lab="lab01_rl_nas",
    name="sample_strings",
    section=sections.CONTROLLER,
    library=("course_lib.nas.controller:sample_strings",),
    laws={
        "frequencies match probabilities": frequencies,
        "log-probability of what was drawn": log_probability,
        "entropy of each decision, added up": entropy,
        "nothing after a stop": stop,
        "gradients reach the controller": gradient,
        "all draws come from rng": generator,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "It is a loop over positions. At each one: ask the controller for logits, draw one token "
        "per string, remember its log-probability, feed the token into the next step.",
        "controller.step(position, previous, state) returns (logits, state). Before the first "
        "token previous is None and the state is controller.start(batch).",
        "log_probs = logits.log_softmax(-1) gives every choice's log-probability; "
        "torch.multinomial(log_probs.exp(), 1, generator=rng) draws; gather picks the entry of the "
        "drawn token. Do not detach the entry that you add up.",
        "For strings with a stop keep a boolean mask `ended`: where it is True, the token is the "
        "stop, and 0 is added to log_prob and entropy (torch.where). Update the mask after using "
        "it: the stop itself is still a decision that counts.",
    ),
    basic="frequencies match probabilities",
    seconds=40.0,
)
