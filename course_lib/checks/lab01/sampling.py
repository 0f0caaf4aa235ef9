"""Laws of `sample_strings`: what it draws, and the probability that it states for it."""

import math
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab01.enumerated import TablePolicy, padded
from course_lib.checks.lab01.sampling_mistakes import (
    BATCH_SOFTMAX,
    DETACHED,
    ENTROPY_DETACHED,
    GLOBAL_RNG,
    GREEDY,
    KNOWN_ENTROPY,
    KNOWN_LOG_PROB,
    SHARED,
    STATE,
    UNIFORM,
    WRITES_ON,
    Formula,
    batch_softmax,
)
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch, Space, make_rng
from course_lib.nas.controller import Controller


class Drawn:
    """One call of the answer, its types and shapes tested."""

    def __init__(
        self, ask: Ask, policy: TablePolicy | Controller, batch: int, rng: torch.Generator
    ) -> None:
        if isinstance(policy, TablePolicy):
            policy.calls.clear()
        answer = ask(policy, batch, rng)
        if type(answer) not in (tuple, list) or len(answer) != 3:
            raise Wrong(
                "expected the three tensors (tokens, log_prob, entropy), got something else"
            )
        shape = (batch, len(policy.choices))
        self.tokens = tensor(answer[0], shape, "tokens", integers=True)
        self.log_prob = tensor(answer[1], (batch,), "log_prob")
        self.entropy = tensor(answer[2], (batch,), "entropy")
        self.archs: list[Arch] = [tuple(row) for row in self.tokens.tolist()]
        for arch in self.archs:
            if not all(0 <= c < n for c, n in zip(arch, policy.choices, strict=True)):
                raise Wrong(f"the string {arch} is outside the choices {policy.choices}")
            if policy.stop is not None and not padded(arch, policy.stop):
                raise Wrong(f"the string {arch} goes on after the stop {policy.stop}", WRITES_ON)


def _policy(variant: int, *, stop: bool = False) -> TablePolicy:
    choices = ((2, 3, 2), (3, 2, 2), (2, 2, 3))[variant % 3]
    return TablePolicy(Space(choices, stop=variant % 2 if stop else None), seeded(variant))


def _require(
    drawn: Drawn, policy: TablePolicy, found: Tensor, what: str, known: dict[Misconception, Formula]
) -> None:
    """log_prob or entropy of every drawn string equals the enumerated one."""
    oracle: Formula = TablePolicy.log_prob if what == "log_prob" else TablePolicy.entropy
    truth = {arch: oracle(policy, arch) for arch in set(drawn.archs)}
    expected = torch.stack([truth[arch] for arch in drawn.archs])
    if same(found, expected, scale=10):
        return
    worst = int((found.detach() - expected.detach()).abs().argmax())
    raise Wrong(
        f"the string {drawn.archs[worst]} has {what} {float(expected[worst]):.5g} "
        f"by enumeration; yours is {float(found[worst]):.5g}",
        _recognise(drawn, policy, found, known),
    )


def _recognise(
    drawn: Drawn, policy: TablePolicy, found: Tensor, known: dict[Misconception, Formula]
) -> Misconception | None:
    if known is KNOWN_LOG_PROB and _over_batch(drawn, policy):
        return BATCH_SOFTMAX
    for mistake, formula in known.items():
        values = {arch: formula(policy, arch) for arch in set(drawn.archs)}
        predicted = torch.stack([values[arch] for arch in drawn.archs])
        if same(found, predicted, scale=10):
            return mistake
    return None if policy.handed_on(drawn.tokens) else STATE


def _over_batch(drawn: Drawn, policy: TablePolicy) -> bool:
    return same(drawn.log_prob, batch_softmax(policy, drawn.tokens), scale=10)


def log_probability(ask: Ask, variant: int) -> None:
    """log_prob of every drawn string is the enumerated one."""
    policy = _policy(variant)
    for batch in (1, 5, 400):
        drawn = Drawn(ask, policy, batch, seeded(variant, batch))
        _require(drawn, policy, drawn.log_prob, "log_prob", KNOWN_LOG_PROB)


def frequencies(ask: Ask, variant: int) -> None:
    """Strings come as often as their probability says."""
    policy = _policy(variant)
    _require_frequencies(ask, policy, Drawn(ask, policy, 2000, seeded(variant, 1)), variant)


def _require_frequencies(ask: Ask, policy: TablePolicy, drawn: Drawn, variant: int) -> None:
    """A G-test of the drawn strings; right draws fail it once in 100,000 times."""
    counts, batch = Counter(drawn.archs), len(drawn.archs)
    statistic = 2 * sum(
        count * (math.log(count / batch) - float(policy.log_prob(arch)))
        for arch, count in counts.items()
    )
    if statistic > _bound(policy):
        often, count = counts.most_common(1)[0]
        raise Wrong(
            f"of {batch} strings {count} were {often}, whose probability is "
            f"{float(policy.log_prob(often).exp()):.3g}; {len(counts)} of {policy.space.size} "
            "strings were drawn at all",
            _how_drawn(ask, policy, drawn, variant),
        )


def _bound(policy: TablePolicy) -> float:
    """What the G-statistic of right draws exceeds once in 100,000 times."""
    from scipy.stats import chi2

    return float(chi2.ppf(1 - 1e-5, policy.space.size - 1))


def _how_drawn(ask: Ask, policy: TablePolicy, found: Drawn, variant: int) -> Misconception | None:
    if _over_batch(found, policy):
        return BATCH_SOFTMAX
    counts = Counter(found.archs)
    if len(counts) == 1:
        again = {Drawn(ask, policy, 1, seeded(variant, salt)).archs[0] for salt in range(20)}
        return GREEDY if len(again) == 1 else SHARED
    uniform = {arch: math.prod(1 / len(r) for r in policy.conditionals(arch)) for arch in counts}
    drawn = sum(counts.values())
    statistic = 2 * sum(c * math.log(c / drawn / uniform[arch]) for arch, c in counts.items())
    if statistic < _bound(policy):
        return UNIFORM
    return None if policy.handed_on(found.tokens) else STATE


def entropy(ask: Ask, variant: int) -> None:
    """The entropies that the prefixes of a string leave add up to its entropy."""
    policy = _policy(variant)
    drawn = Drawn(ask, policy, 500, seeded(variant, 2))
    _require(drawn, policy, drawn.entropy, "entropy", KNOWN_ENTROPY)


def stop(ask: Ask, variant: int) -> None:
    """After a stop only stops, at log-probability 0 and entropy 0, and without a gradient."""
    policy = _policy(variant, stop=True)
    drawn = Drawn(ask, policy, 1000, seeded(variant, 3))
    _require(drawn, policy, drawn.log_prob, "log_prob", KNOWN_LOG_PROB)
    _require(drawn, policy, drawn.entropy, "entropy", KNOWN_ENTROPY)
    _require_frequencies(ask, policy, drawn, variant)
    if drawn.log_prob.requires_grad and drawn.entropy.requires_grad:
        _require_gradients(drawn, policy)


def gradient(ask: Ask, variant: int) -> None:
    """log_prob and entropy are attached; where their values are right, so are their gradients."""
    policy = _policy(variant)
    _require_gradients(Drawn(ask, policy, 50, seeded(variant, 4)), policy)


def _require_gradients(drawn: Drawn, policy: TablePolicy) -> None:
    parameters = list(policy.parameters())
    for what, found, oracle, detached in (
        ("log_prob", drawn.log_prob, TablePolicy.log_prob, DETACHED),
        ("entropy", drawn.entropy, TablePolicy.entropy, ENTROPY_DETACHED),
    ):
        expected = torch.stack([oracle(policy, arch) for arch in drawn.archs])
        if not found.requires_grad:
            raise Wrong(f"{what} does not depend on the controller's parameters", detached)
        mine = _gradients(found, parameters)
        if not any(bool(gradient.any()) for gradient in mine):
            raise Wrong(f"{what} has the gradient 0 in all parameters", detached)
        if not same(found, expected, scale=10):
            continue
        for position, right in enumerate(_gradients(expected, parameters)):
            if not same(mine[position], right, scale=50):
                raise Wrong(
                    f"the gradient of {what} in the logits of decision {position} is "
                    f"{shown(mine[position])}, by enumeration {shown(right)}"
                )


def _gradients(values: Tensor, parameters: Sequence[Tensor]) -> list[Tensor]:
    found = torch.autograd.grad(values.sum(), parameters, allow_unused=True, retain_graph=True)
    return [
        torch.zeros_like(parameter) if gradient is None else gradient
        for parameter, gradient in zip(parameters, found, strict=True)
    ]


def generator(ask: Ask, variant: int) -> None:
    """On a real controller: the same rng gives the same strings, and nothing else has a say."""
    space = Space((4, 3, 4, 2, 3), stop=None)
    controller = Controller(space, seeded(variant, 5), hidden=8)

    def draw(seed: int, outside: int) -> list[Arch]:
        torch.default_generator.manual_seed(outside)
        return Drawn(ask, controller, 30, make_rng(seed)).archs

    if len(set(draw(1, 10) + draw(2, 10))) == 1:
        raise Wrong("60 strings are all the same", GREEDY)
    if draw(1, 10) != draw(1, 11):
        raise Wrong("the same rng gave different strings", GLOBAL_RNG)
    if draw(1, 10) == draw(2, 10):
        raise Wrong("two different rngs gave the same 30 strings", GLOBAL_RNG)
    before = torch.get_rng_state()
    rng = make_rng(3)
    first = Drawn(ask, controller, 30, rng).archs
    if not torch.equal(before, torch.get_rng_state()):
        raise Wrong("torch's global generator was used or seeded", GLOBAL_RNG)
    if first == Drawn(ask, controller, 30, rng).archs:
        raise Wrong("two calls in a row gave the same 30 strings", GLOBAL_RNG)


LAWS = {
    "frequencies match probabilities": frequencies,
    "log-probability of what was drawn": log_probability,
    "entropy of each decision, added up": entropy,
    "nothing after a stop": stop,
    "gradients reach the controller": gradient,
    "all draws come from rng": generator,
}
