"""How `sample_strings` goes wrong, and what the known mistakes say about a string."""

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from course_lib.checks.lab01.enumerated import TablePolicy
from course_lib.checks.wrong import Misconception
from course_lib.core import Arch

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
GLOBAL_RNG = Misconception(
    "the draws do not come from rng alone",
    "Give `generator=rng` to the function that draws; `Categorical.sample` cannot take one, "
    "`torch.multinomial` can. And do not seed anything yourself.",
)
OF_GREEDY = Misconception(
    "the log-probability of the most likely choice instead of the drawn one",
    "Pick log p at the token that was drawn (`gather`), not the maximum.",
)
LAST = Misconception(
    "the last token is missing from the log-probability",
    "n decisions give n factors.",
)
FIRST = Misconception(
    "the first token is missing from the log-probability",
    "n decisions give n factors: the first token is drawn, too.",
)
PROBABILITY = Misconception(
    "the probability instead of its logarithm",
    "log p of a string is the sum of its tokens' log p.",
)
AVERAGE = Misconception(
    "the mean over the tokens instead of the sum",
    "The probability of a string is a product, so its logarithm is a sum.",
)
LOGITS = Misconception(
    "logits are taken for log-probabilities",
    "Logits become log-probabilities through log_softmax.",
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
PADDING = Misconception(
    "padding after the stop is counted",
    "A string ends with its stop. What follows is certain: log-probability 0, entropy 0.",
)
STOP_LOST = Misconception(
    "the stop itself is not counted",
    "The stop is a decision like any other and counts; only what follows it is padding. Update the "
    "mask of ended strings after adding.",
)
WRITES_ON = Misconception(
    "the string goes on after a stop",
    "Once a string has drawn `controller.stop`, all its later tokens are `controller.stop`.",
)
ENTROPY_SAMPLE = Misconception(
    "-log_prob instead of the entropy",
    "Its mean is right, but entropy is known exactly at each decision: -sum_a p(a) log p(a).",
)
ENTROPY_LAST = Misconception(
    "the entropy of the last decision only",
    "Add up the entropies of all decisions.",
)
ENTROPY_SIGN = Misconception(
    "the sign of the entropy",
    "Entropy is not negative: -sum_a p(a) log p(a).",
)
ENTROPY_MEAN = Misconception(
    "the mean of the decisions' entropies instead of the sum",
    "Entropies of successive decisions add up (chain rule).",
)

Formula = Callable[[TablePolicy, Arch], Tensor]


def _picked(policy: TablePolicy, arch: Arch) -> Tensor:
    rows = policy.conditionals(arch)
    return torch.stack([row[choice] for row, choice in zip(rows, arch, strict=False)])


def _entropies(policy: TablePolicy, arch: Arch) -> Tensor:
    return torch.stack([-(row.exp() * row).sum() for row in policy.conditionals(arch)])


def _greedy(policy: TablePolicy, arch: Arch) -> Tensor:
    return torch.stack([row.max() for row in policy.conditionals(arch)]).sum()


def _through(policy: TablePolicy, arch: Arch) -> Iterator[tuple[Tensor, int]]:
    """Rows and tokens as if a stop did not end the string."""
    prefix = 0
    for position, count in enumerate(policy.choices):
        yield policy.tables[position][prefix].log_softmax(0), arch[position]
        prefix = prefix * count + arch[position]


def _before_stop(policy: TablePolicy, arch: Arch) -> Iterator[tuple[Tensor, int]]:
    """Rows and tokens of the decisions that are not the stop."""
    for row, choice in zip(policy.conditionals(arch), arch, strict=False):
        if choice != policy.stop:
            yield row, choice


def _sum(terms: Iterable[Tensor]) -> Tensor:
    return sum(terms, torch.zeros((), dtype=torch.float64))


def batch_softmax(policy: TablePolicy, tokens: Tensor) -> Tensor:
    """log_prob (batch,) of strings drawn in one go, if each softmax runs over the batch."""
    prefix = torch.zeros(len(tokens), dtype=torch.int64)
    total = torch.zeros(len(tokens), dtype=torch.float64)
    for table, drawn, count in zip(policy.tables, tokens.T, policy.choices, strict=True):
        log_p = table.detach()[prefix].log_softmax(0)
        total += log_p.gather(1, drawn[:, None])[:, 0]
        prefix = prefix * count + drawn
    return total


def _logits(policy: TablePolicy, arch: Arch) -> Tensor:
    prefix, total = 0, torch.zeros((), dtype=torch.float64)
    for position, count in enumerate(policy.choices):
        total = total + policy.tables[position][prefix, arch[position]]
        prefix = prefix * count + arch[position]
    return total


KNOWN_LOG_PROB: dict[Misconception, Formula] = {
    LAST: lambda policy, arch: _picked(policy, arch)[:-1].sum(),
    FIRST: lambda policy, arch: _picked(policy, arch)[1:].sum(),
    PROBABILITY: lambda policy, arch: _picked(policy, arch).sum().exp(),
    AVERAGE: lambda policy, arch: _picked(policy, arch).sum() / len(arch),
    OF_GREEDY: _greedy,
    LOGITS: _logits,
    PADDING: lambda policy, arch: _sum(r[c] for r, c in _through(policy, arch)),
    STOP_LOST: lambda policy, arch: _sum(r[c] for r, c in _before_stop(policy, arch)),
}
KNOWN_ENTROPY: dict[Misconception, Formula] = {
    ENTROPY_SAMPLE: lambda policy, arch: -policy.log_prob(arch),
    ENTROPY_LAST: lambda policy, arch: _entropies(policy, arch)[-1],
    ENTROPY_SIGN: lambda policy, arch: -policy.entropy(arch),
    ENTROPY_MEAN: lambda policy, arch: policy.entropy(arch) / len(arch),
    PADDING: lambda policy, arch: _sum(-(r.exp() * r).sum() for r, _ in _through(policy, arch)),
    STOP_LOST: lambda policy, arch: _sum(
        -(r.exp() * r).sum() for r, _ in _before_stop(policy, arch)
    ),
}
