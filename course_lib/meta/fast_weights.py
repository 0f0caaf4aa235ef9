"""A slow network that writes the weights of a fast one, and a task that needs this memory."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from course_lib.core.meta_train import Parameters

Write = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(fast, to, from_) -> fast: the fast weights (..., values, units) after one step."""
KEYS, VALUES = 6, 4


@dataclass(frozen=True)
class Episodes:
    """Sequences in which pairs are stored, distractors pass, and keys are asked for.

    x: (episodes, steps, KEYS + VALUES + 2): the bits of a key and of its value as -1 and 1, then
        two flags, "store" and "ask". Where a key is asked for the value is 0; where both flags are
        off, key and value are noise.
    y: (episodes, pairs, VALUES), the bits that the last `pairs` steps ask for, as -1 and 1.
    """

    x: Tensor
    y: Tensor


def episodes(rng: Generator, *, count: int, pairs: int = 3, distractors: int = 5) -> Episodes:
    """Draw keys without repetition, values, when each is stored, and the order of the questions.

    An episode has `pairs + distractors` steps in an unknown order, then `pairs` questions.
    """
    if not 1 <= pairs <= 2**KEYS or distractors < 0:
        raise ValueError(f"expected 1 to {2**KEYS} pairs and no negative number of distractors, "
                         f"got {pairs} and {distractors}")  # fmt: skip
    shown = pairs + distractors
    codes = torch.rand(count, 2**KEYS, generator=rng).argsort(-1)[:, :pairs]
    keys = (codes[..., None] >> torch.arange(KEYS) & 1) * 2.0 - 1
    values = _bits(rng, count, pairs, VALUES)
    events = torch.cat([_bits(rng, count, shown, KEYS + VALUES), torch.zeros(count, shown, 2)], -1)
    events[:, :pairs] = torch.cat([keys, values, _flags(keys, 1.0, 0.0)], -1)
    asked = torch.cat([keys, torch.zeros_like(values), _flags(keys, 0.0, 1.0)], -1)
    when, which = (torch.rand(count, n, generator=rng).argsort(-1) for n in (shown, pairs))
    return Episodes(
        torch.cat([_taken(events, when), _taken(asked, which)], 1), _taken(values, which)
    )


def slow_network(rng: Generator, *, hidden: int = 64, units: int = 16) -> Parameters:
    """Random weights of a slow network with one hidden layer, and the first fast weights, zero."""

    def layer(inputs: int, outputs: int) -> Tensor:
        return torch.randn(inputs, outputs, generator=rng) / math.sqrt(inputs)

    return {
        "hidden": layer(KEYS + VALUES + 2, hidden),
        "bias": torch.zeros(hidden),
        "from": layer(hidden, units),
        "to": layer(hidden, VALUES),
        "fast": torch.zeros(VALUES, units),
    }


def outer_product(fast: Tensor, to: Tensor, from_: Tensor) -> Tensor:
    """W <- tanh(W + to from^T): every weight moves by the product of the units at its two ends.

    tanh keeps the weights bounded, as the logistic function of the paper does between 0 and 1.
    Source: Schmidhuber 1992 (the interface with FROM and TO units).
    """
    return (fast + to[..., :, None] * from_[..., None, :]).tanh()


def fixed(fast: Tensor, to: Tensor, from_: Tensor) -> Tensor:
    """W <- W: a network without memory, to compare with."""
    return fast


def run(theta: Parameters, x: Tensor, write: Write = outer_product) -> tuple[Tensor, Tensor]:
    """At every step the slow network sees x_t and emits FROM and TO; the fast one answers W FROM.

    h_t = tanh(x_t A + a),  from_t = tanh(h_t B),  to_t = tanh(h_t C),
    y_t = W_{t-1} from_t,  W_t = write(W_{t-1}, to_t, from_t).

    x: (episodes, steps, features). Returns y (episodes, steps, VALUES), the logits of the bits, and
    W (episodes, steps, VALUES, units), after each step. The slow network has no feedback: what is
    remembered is remembered in W. In the paper the fast network reads the environment by
    itself; here it reads FROM, so that the slow one also chooses how to ask.
    """
    hidden = (x @ theta["hidden"] + theta["bias"]).tanh()
    from_, to = (hidden @ theta["from"]).tanh(), (hidden @ theta["to"]).tanh()
    fast = theta["fast"].expand(len(x), -1, -1)
    answers, history = [], []
    for key, value in zip(from_.unbind(1), to.unbind(1), strict=True):
        answers.append((fast @ key[..., None]).squeeze(-1))
        fast = write(fast, value, key)
        history.append(fast)
    return torch.stack(answers, 1), torch.stack(history, 1)


def recall_objective(
    theta: Parameters,
    task: Episodes,
    rng: Generator | None = None,
    carry: Any = None,
    *,
    write: Write = outer_product,
) -> tuple[Tensor, Any]:
    """The mean cross-entropy of the bits that are asked for, in nats; chance has ln 2 = 0.69."""
    asked = run(theta, task.x, write)[0][:, -task.y.shape[1] :]
    return F.binary_cross_entropy_with_logits(asked, (task.y + 1) / 2), carry


def recalled(theta: Parameters, task: Episodes, write: Write = outer_product) -> Tensor:
    """Which bits are recalled rightly: (episodes, pairs, VALUES) of 0 and 1."""
    with torch.no_grad():
        asked = run(theta, task.x, write)[0][:, -task.y.shape[1] :]
    return ((asked > 0) == (task.y > 0)).float()


def _bits(rng: Generator, *shape: int) -> Tensor:
    return torch.randint(2, shape, generator=rng) * 2.0 - 1


def _flags(like: Tensor, store: float, ask: float) -> Tensor:
    return torch.tensor([store, ask]).expand(*like.shape[:-1], 2)


def _taken(rows: Tensor, order: Tensor) -> Tensor:
    return rows.gather(1, order[..., None].expand(-1, -1, rows.shape[-1]))
