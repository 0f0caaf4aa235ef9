"""What `sample_strings` drew: types, frequencies, and what a whole batch tells about its making."""

from collections import Counter

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import fits
from course_lib.checks.lab01_rl_nas.enumerated import TablePolicy, padded
from course_lib.checks.laws import gradients
from course_lib.checks.values import same, shown, tensor, tuple_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch
from course_lib.nas.controller import Controller

DETACHED = Misconception(
    "log_prob has no gradient",
    "The loss will be descended through log_prob: keep it attached. Only the drawing of a token "
    "needs no gradient.",
)
ENTROPY_DETACHED = Misconception(
    "the entropy has no gradient",
    "An entropy bonus is descended through, too: compute it from the attached log-probabilities.",
)
GREEDY = Misconception(
    "the most likely choice is taken instead of drawing one",
    "A search that always writes the same string learns nothing: draw from softmax(logits).",
)
UNIFORM = Misconception(
    "the choices are drawn uniformly",
    "Draw from softmax(logits), not over the range of choices.",
)
SHARED = Misconception(
    "one draw serves the whole batch",
    "Every string of the batch draws its own tokens.",
)
BATCH_SOFTMAX = Misconception(
    "softmax over the batch instead of the choices",
    "logits are (batch, choices): in each row the probabilities of the choices sum to 1, so the "
    "softmax runs over the last dimension.",
)
STATE = Misconception(
    "state or previous token is not handed on",
    "step returns the state for the next call, and wants the tokens that were just drawn.",
)
WRITES_ON = Misconception(
    "the string goes on after a stop",
    "Once a string has drawn `controller.stop`, all its later tokens are `controller.stop`.",
)


class Drawn:
    """One call of the answer, its types and shapes tested."""

    def __init__(
        self, ask: Ask, policy: TablePolicy | Controller, batch: int, rng: Generator
    ) -> None:
        if isinstance(policy, TablePolicy):
            policy.calls.clear()
        answer = tuple_of(ask(policy, batch, rng), "tokens", "log_prob", "entropy")
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

    def enumerated(self, policy: TablePolicy, what: str) -> Tensor:
        """The policy's own log_prob or entropy of every drawn string: (batch,)."""
        oracle = {"log_prob": policy.log_prob, "entropy": policy.entropy}[what]
        known = {arch: oracle(arch) for arch in set(self.archs)}
        return torch.stack([known[arch] for arch in self.archs])


def batch_softmax(policy: TablePolicy, tokens: Tensor) -> Tensor:
    """log_prob (batch,) of strings drawn in one go, if each softmax runs over the batch."""
    prefix = torch.zeros(len(tokens), dtype=torch.int64)
    total = torch.zeros(len(tokens), dtype=torch.float64)
    for table, drawn, count in zip(policy.tables, tokens.T, policy.choices, strict=True):
        log_p = table.detach()[prefix].log_softmax(0)
        total += log_p.gather(1, drawn[:, None])[:, 0]
        prefix = prefix * count + drawn
    return total


def seen(drawn: Drawn, policy: TablePolicy) -> Misconception | None:
    """What the batch as a whole, or the policy that was asked, tells."""
    if len(drawn.archs) > 1 and same(drawn.log_prob, batch_softmax(policy, drawn.tokens), scale=10):
        return BATCH_SOFTMAX
    return None if policy.stop is not None or policy.handed_on(drawn.tokens) else STATE


def require_frequencies(ask: Ask, policy: TablePolicy, drawn: Drawn, variant: int) -> None:
    """The drawn strings come as often as their probability says."""
    archs = list(policy.space)
    often = Counter(drawn.archs)
    counts = torch.tensor([often[arch] for arch in archs])
    p = torch.stack([policy.log_prob(arch) for arch in archs]).exp()
    if not fits(counts, p):
        k = int(counts.argmax())
        raise Wrong(
            f"of {len(drawn.archs)} strings {int(counts[k])} were {archs[k]}, whose probability is "
            f"{float(p[k]):.3g}; {int((counts > 0).sum())} of {policy.space.size} strings were "
            "drawn at all",
            _how_drawn(ask, policy, drawn, counts, variant),
        )


def _how_drawn(
    ask: Ask, policy: TablePolicy, drawn: Drawn, counts: Tensor, variant: int
) -> Misconception | None:
    if int((counts > 0).sum()) == 1:
        again = {Drawn(ask, policy, 1, seeded(variant, salt)).archs[0] for salt in range(20)}
        return GREEDY if len(again) == 1 else SHARED
    even = torch.tensor([policy.even(arch) for arch in policy.space], dtype=torch.float64)
    return UNIFORM if fits(counts, even) else seen(drawn, policy)


def require_gradients(drawn: Drawn, policy: TablePolicy) -> None:
    """log_prob and entropy are attached; where their values are right, so are their gradients."""
    parameters = list(policy.parameters())
    for what, cut in (("log_prob", DETACHED), ("entropy", ENTROPY_DETACHED)):
        found, expected = getattr(drawn, what), drawn.enumerated(policy, what)
        mine = gradients(found.sum(), parameters, what, cut)
        if not any(bool(slope.any()) for slope in mine):
            raise Wrong(f"{what} has the gradient 0 in all parameters", cut)
        if not same(found, expected, scale=10):
            continue
        for position, right in enumerate(gradients(expected.sum(), parameters, what)):
            if not same(mine[position], right, scale=50):
                raise Wrong(
                    f"the gradient of {what} in the logits of decision {position} is "
                    f"{shown(mine[position])}, by enumeration {shown(right)}"
                )
