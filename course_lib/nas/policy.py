"""A recurrent policy that writes architectures token by token (Zoph and Le 2017)."""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Generator, Tensor, nn

from course_lib.core import Space, module_rng

State = tuple[Tensor, Tensor]
"""Hidden and cell state of the LSTM, (batch, hidden) each."""


class Controller(nn.Module):
    """An LSTM that says, token by token, how likely each choice of the next decision is.

    p(a_1, ..., a_n) = prod_i softmax(head_i(h_i))[a_i]
    h_i = LSTM(embedding_{i-1}(a_{i-1}), h_{i-1})

    Every decision has its own embedding and its own softmax head; the LSTM is shared. It drives
    any space. All weights start uniform in [-0.08, 0.08], so the first policy is nearly uniform.

    Source: Zoph and Le 2017, sec. 3.1 (the string), sec. 4.1 (the initial weights).
    """

    def __init__(self, space: Space, rng: Generator, *, hidden: int = 32) -> None:
        super().__init__()
        if hidden < 1:
            raise ValueError(f"hidden must be at least 1, got {hidden}")
        self.choices = space.choices
        self.stop = space.stop
        with module_rng(rng):
            self.first = nn.Parameter(torch.empty(hidden))
            self.embeddings = nn.ModuleList(nn.Embedding(n, hidden) for n in self.choices[:-1])
            self.lstm = nn.LSTMCell(hidden, hidden)
            self.heads = nn.ModuleList(nn.Linear(hidden, n) for n in self.choices)
        for weights in self.parameters():
            nn.init.uniform_(weights, -0.08, 0.08, generator=rng)

    def start(self, batch: int) -> State:
        """The state before the first token."""
        zeros = self.first.new_zeros(batch, len(self.first))
        return zeros, zeros

    def step(self, position: int, previous: Tensor | None, state: State) -> tuple[Tensor, State]:
        """Logits (batch, choices[position]) of one decision, and the state after it.

        previous: the tokens (batch,) of decision `position - 1`; None at position 0.
        """
        if position == 0:
            word = self.first.expand_as(state[0])
        else:
            word = self.embeddings[position - 1](tokens_before(position, previous, len(state[0])))
        state = self.lstm(word, state)
        return self.heads[position](state[0]), state


def tokens_before(position: int, previous: Tensor | None, batch: int) -> Tensor:
    """The tokens that a step needs, (batch,); ValueError says what is wrong with them."""
    if previous is None:
        raise ValueError(f"step at position {position} needs the previous tokens, got None")
    if tuple(previous.shape) != (batch,):
        raise ValueError(
            f"previous must have shape (batch,) = ({batch},), got {tuple(previous.shape)}"
            + (": `torch.multinomial` returns a column, take [:, 0]" if previous.ndim == 2 else "")
        )
    return previous


class SampleStrings(Protocol):
    """Draws strings from a controller: tokens, log-probabilities, entropies."""

    def __call__(
        self, controller: Controller, batch: int, rng: Generator, /
    ) -> tuple[Tensor, Tensor, Tensor]: ...


def sample_strings(
    controller: Controller, batch: int, rng: Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw strings token by token, each token given those before it.

    log p(a) = sum_i log p(a_i | a_1, ..., a_{i-1})
    entropy  = sum_i H(p(. | a_1, ..., a_{i-1})), whose mean over strings is that of the policy

    Returns tokens (batch, decisions) int64, log_prob (batch,), entropy (batch,). After a stop
    only stops follow, at log-probability 0 and entropy 0. Gradients reach the controller through
    log_prob and entropy.
    """
    if batch < 1:
        raise ValueError(f"batch must be at least 1, got {batch}")

    def draw(_: int, log_probs: Tensor) -> Tensor:
        return torch.multinomial(log_probs.detach().exp(), 1, generator=rng)[:, 0]

    tokens, conditionals = _unroll(controller, batch, draw)
    return (tokens, *_score(tokens, conditionals))


def score_strings(controller: Controller, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """log_prob (batch,) and entropy (batch,) of given strings, tokens (batch, decisions)."""
    return _score(*_unroll(controller, len(tokens), lambda position, _: tokens[:, position]))


@torch.no_grad()
def choice_probabilities(controller: Controller, tokens: Tensor) -> Tensor:
    """How likely each choice of each decision is, (decisions, max choices), rows sum to 1.

    The conditional probabilities p(a_i | a_1, ..., a_{i-1}), averaged over the given strings,
    tokens (batch, decisions); choices that a decision does not have get 0.
    """
    _, conditionals = _unroll(controller, len(tokens), lambda position, _: tokens[:, position])
    table = tokens.new_zeros(
        len(controller.choices), max(controller.choices), dtype=controller.first.dtype
    )
    for row, log_probs in zip(table, conditionals, strict=True):
        row[: log_probs.shape[1]] = log_probs.exp().mean(0)
    return table


def _unroll(
    controller: Controller, batch: int, choose: Callable[[int, Tensor], Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Tokens (batch, decisions) and, per decision, the log-probabilities of all its choices."""
    state, previous = controller.start(batch), None
    tokens: list[Tensor] = []
    conditionals: list[Tensor] = []
    ended = torch.zeros(batch, dtype=torch.bool)
    for position in range(len(controller.choices)):
        logits, state = controller.step(position, previous, state)
        if controller.stop is not None and position > 0:
            ended = ended | (tokens[-1] == controller.stop)
            logits = _only_stop(logits, ended, controller.stop)
        conditionals.append(logits.log_softmax(-1))
        previous = choose(position, conditionals[-1])
        tokens.append(previous)
    return torch.stack(tokens, 1), conditionals


def _only_stop(logits: Tensor, ended: Tensor, stop: int) -> Tensor:
    """Logits under which a string that has ended can only go on with stop, surely."""
    impossible = ended[:, None] & (torch.arange(logits.shape[1]) != stop)
    return logits.masked_fill(impossible, -torch.inf)


def _score(tokens: Tensor, conditionals: list[Tensor]) -> tuple[Tensor, Tensor]:
    log_prob = torch.stack(
        [logs.gather(1, tokens[:, [i]])[:, 0] for i, logs in enumerate(conditionals)]
    )
    # p log p -> 0 as p -> 0; an impossible choice has log-probability -inf
    entropy = torch.stack([-(logs.exp() * logs.clamp(min=-1e4)).sum(1) for logs in conditionals])
    return log_prob.sum(0), entropy.sum(0)
