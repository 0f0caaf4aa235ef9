"""Laws of `sample_strings`: what it draws, and the probability that it states for it."""

import math
from collections import Counter

import torch
from torch import Tensor

from course_lib.checks.guard import Ask, seeded
from course_lib.checks.lab01.enumerated import TablePolicy, padded
from course_lib.checks.lab01.sampling_mistakes import (
    DETACHED,
    GLOBAL_RNG,
    GREEDY,
    KNOWN_ENTROPY,
    KNOWN_LOG_PROB,
    SHARED,
    STATE,
    UNIFORM,
    WRITES_ON,
    Formula,
)
from course_lib.checks.values import same, shown, tensor
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
        if not self.log_prob.requires_grad:
            raise Wrong("log_prob does not depend on the controller's parameters", DETACHED)


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
    for mistake, formula in known.items():
        values = {arch: formula(policy, arch) for arch in set(drawn.archs)}
        predicted = torch.stack([values[arch] for arch in drawn.archs])
        if same(found, predicted, scale=10):
            return mistake
    return None if policy.handed_on(drawn.tokens) else STATE


def log_probability(ask: Ask, variant: int) -> None:
    """log_prob is the enumerated one; once all strings are seen, their probabilities sum to 1."""
    policy = _policy(variant)
    for batch in (1, 5, 400):
        drawn = Drawn(ask, policy, batch, seeded(variant, batch))
        _require(drawn, policy, drawn.log_prob, "log_prob", KNOWN_LOG_PROB)
    _require_frequencies(ask, policy, drawn, variant)
    total = sum(
        dict(zip(drawn.archs, drawn.log_prob.detach().exp().tolist(), strict=True)).values()
    )
    if len(set(drawn.archs)) == policy.space.size and abs(total - 1) > 1e-5:
        raise Wrong(f"the probabilities of all strings sum to {total:.5g}, expected 1")


def frequencies(ask: Ask, variant: int) -> None:
    """Strings come as often as their probability says, with and without a stop."""
    for ends in (False, True):
        policy = _policy(variant, stop=ends)
        drawn = Drawn(ask, policy, 2000, seeded(variant, 1))
        _require_frequencies(ask, policy, drawn, variant)


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
            _how_drawn(ask, policy, counts, variant),
        )


def _bound(policy: TablePolicy) -> float:
    """What the G-statistic of right draws exceeds once in 100,000 times."""
    from scipy.stats import chi2

    return float(chi2.ppf(1 - 1e-5, policy.space.size - 1))


def _how_drawn(
    ask: Ask, policy: TablePolicy, counts: Counter[Arch], variant: int
) -> Misconception | None:
    if len(counts) == 1:
        again = {Drawn(ask, policy, 1, seeded(variant, salt)).archs[0] for salt in range(20)}
        return GREEDY if len(again) == 1 else SHARED
    uniform = {arch: math.prod(1 / len(r) for r in policy.conditionals(arch)) for arch in counts}
    drawn = sum(counts.values())
    statistic = 2 * sum(c * math.log(c / drawn / uniform[arch]) for arch, c in counts.items())
    return UNIFORM if statistic < _bound(policy) else None


def entropy(ask: Ask, variant: int) -> None:
    """Entropy adds up along the string; its mean over all strings is that of the policy."""
    policy = _policy(variant)
    drawn = Drawn(ask, policy, 500, seeded(variant, 2))
    _require(drawn, policy, drawn.log_prob, "log_prob", KNOWN_LOG_PROB)
    _require(drawn, policy, drawn.entropy, "entropy", KNOWN_ENTROPY)
    _require_frequencies(ask, policy, drawn, variant)


def stop(ask: Ask, variant: int) -> None:
    """After a stop only stops, at log-probability 0 and entropy 0."""
    policy = _policy(variant, stop=True)
    drawn = Drawn(ask, policy, 1000, seeded(variant, 3))
    _require(drawn, policy, drawn.log_prob, "log_prob", KNOWN_LOG_PROB)
    _require(drawn, policy, drawn.entropy, "entropy", KNOWN_ENTROPY)
    _require_frequencies(ask, policy, drawn, variant)


def gradient(ask: Ask, variant: int) -> None:
    """Gradients of log_prob and entropy in the policy's parameters are the enumerated ones."""
    for policy in (_policy(variant), _policy(variant, stop=True)):
        drawn = Drawn(ask, policy, 50, seeded(variant, 4))
        if not drawn.entropy.requires_grad:
            raise Wrong("entropy does not depend on the controller's parameters", DETACHED)
        truth = torch.stack([policy.log_prob(a) + 0.5 * policy.entropy(a) for a in drawn.archs])
        parameters = list(policy.parameters())
        expected = torch.autograd.grad(truth.sum(), parameters, allow_unused=True)
        value = (drawn.log_prob + 0.5 * drawn.entropy).sum()
        found = torch.autograd.grad(value, parameters, allow_unused=True)
        for position, (mine, right) in enumerate(zip(found, expected, strict=True)):
            zeros = torch.zeros_like(parameters[position])
            mine, right = (zeros if g is None else g for g in (mine, right))
            if not same(mine, right, scale=50):
                mistake = DETACHED if not bool(mine.any()) else None
                raise Wrong(
                    f"the gradient in the logits of decision {position} is {shown(mine)}, by "
                    f"enumeration {shown(right)}",
                    mistake or _recognise(drawn, policy, drawn.log_prob, KNOWN_LOG_PROB),
                )


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
    "log-probability of what was drawn": log_probability,
    "frequencies match probabilities": frequencies,
    "entropy of each decision, added up": entropy,
    "nothing after a stop": stop,
    "gradients reach the controller": gradient,
    "all draws come from rng": generator,
}
