"""MetaQNN: a network is written layer by layer by an agent that learns Q-values (Baker 2017)."""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Generator, Tensor

from course_lib.core import Arch, History, Oracle, Space, Trial, randint, uniform
from course_lib.core.seam import expect_shape, named
from course_lib.core.threads import one_thread

_STAGES = (
    (1.0, 1500),
    (0.9, 100),
    (0.8, 100),
    (0.7, 100),
    (0.6, 150),
    (0.5, 150),
    (0.4, 150),
    (0.3, 150),
    (0.2, 150),
    (0.1, 150),
)
"""Epsilon, and how many networks MetaQNN trained at it."""


def metaqnn_epsilon(progress: float) -> float:
    """Probability of exploring, once the share `progress` in [0, 1] of the budget is spent.

    It falls in stages from 1 to 0.1. Source: Baker et al. 2017, table 2, as shares of the whole.
    """
    networks = progress * sum(count for _, count in _STAGES)
    for epsilon, count in _STAGES:
        networks -= count
        if networks < 0:
            return epsilon
    return _STAGES[-1][0]


class Backup(Protocol):
    """The value that an action should have had."""

    def __call__(
        self, reward: Tensor, next_q: Tensor, terminal: Tensor, /, *, discount: float
    ) -> Tensor: ...


def q_backup(reward: Tensor, next_q: Tensor, terminal: Tensor, *, discount: float = 1.0) -> Tensor:
    """Targets of Q-learning, (batch,).

    target = reward                                  where the string has ended
             reward + discount * max_a next_q[a]     elsewhere

    reward (batch,); next_q (batch, choices), the Q-values of the next state; terminal (batch,)
    bool. Source: Watkins 1989; Baker et al. 2017.
    """
    return torch.where(terminal, reward, reward + discount * next_q.amax(1))


class QTable:
    """Q-values of every action, a state being (decision, token before it).

    values: (decisions, tokens, choices) float64; actions that a decision does not have hold -inf.
    """

    def __init__(self, space: Space, initial: float = 0.5) -> None:
        most = max(space.choices)
        self.space = space
        self.values = torch.full((len(space.choices), most, most), initial, dtype=torch.float64)
        for position, count in enumerate(space.choices):
            self.values[position, :, count:] = -torch.inf

    def draw(self, rng: Generator, *, epsilon: float) -> Arch:
        """Write a string, each token greedy with probability 1 - epsilon, else uniform."""
        tokens: list[int] = []
        for position, count in enumerate(self.space.choices):
            if tokens and tokens[-1] == self.space.stop:
                tokens.append(tokens[-1])
            elif uniform(rng) < epsilon:
                tokens.append(randint(rng, count))
            else:
                tokens.append(self._greedy(position, tokens[-1] if tokens else 0, rng))
        return tuple(tokens)

    def _greedy(self, position: int, previous: int, rng: Generator) -> int:
        row = self.values[position, previous].tolist()
        best = [action for action, value in enumerate(row) if value == max(row)]
        return best[randint(rng, len(best))]

    def learn(
        self,
        archs: Sequence[Arch],
        rewards: Sequence[float],
        *,
        learning_rate: float,
        discount: float = 1.0,
        backup: Backup = q_backup,
    ) -> None:
        """Move Q towards the targets of these strings, from their last tokens to their first.

        Q(s, a) <- (1 - learning_rate) Q(s, a) + learning_rate target,  once for every visit of
        (s, a); several visits at once move towards the mean of their targets. The reward falls
        due at the string's end.
        """
        actions = torch.tensor(archs)
        before = torch.cat([torch.zeros_like(actions[:, :1]), actions[:, :-1]], 1)
        ends = self._ends(actions)
        final = torch.tensor(rewards, dtype=self.values.dtype)
        for position in reversed(range(actions.shape[1])):
            here = position <= ends
            if not here.any():
                continue
            action, terminal = actions[here, position], ends[here] == position
            target = _targets(
                backup,
                torch.where(terminal, final[here], 0.0),
                self._next(position, action),
                terminal,
                discount,
            )
            self._move(position, before[here, position], action, target, learning_rate)

    def _ends(self, actions: Tensor) -> Tensor:
        """Position of each string's last token, the first stop where there is one."""
        last = torch.full((len(actions),), actions.shape[1] - 1)
        if self.space.stop is None:
            return last
        stopped = actions == self.space.stop
        return torch.where(stopped.any(1), stopped.int().argmax(1), last)

    def _next(self, position: int, action: Tensor) -> Tensor:
        if position + 1 == len(self.values):
            return torch.zeros(len(action), self.values.shape[2], dtype=self.values.dtype)
        return self.values[position + 1, action]

    def _move(
        self, position: int, previous: Tensor, action: Tensor, target: Tensor, rate: float
    ) -> None:
        shape = self.values[position].shape
        pair = previous * shape[1] + action
        visits = torch.bincount(pair, minlength=shape.numel()).reshape(shape)
        total = torch.bincount(pair, weights=target, minlength=shape.numel()).reshape(shape)
        kept = (1 - rate) ** visits
        moved = kept * self.values[position] + (1 - kept) * total / visits
        self.values[position] = torch.where(visits > 0, moved, self.values[position])


def q_learning(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    backup: Backup = q_backup,
    epsilon: Callable[[float], float] = metaqnn_epsilon,
    replay: int = 100,
    learning_rate: float = 0.01,
    discount: float = 1.0,
) -> History:
    """Write strings epsilon-greedily and learn from a memory of all of them; repeat.

    epsilon: probability of a random token, as a function of the share of the budget spent.
    replay: how many remembered strings, drawn with replacement, are learned from per new one.
    Source: Baker et al. 2017, algorithm 1 (the loop, the reversed backups, the replay).
    """
    if replay < 1 or not 0 < learning_rate <= 1:
        raise ValueError(
            f"expected replay >= 1 and 0 < learning_rate <= 1, got {replay} and {learning_rate}"
        )
    table = QTable(space)
    memory: list[Trial] = []
    with oracle:
        while True:
            explore = epsilon(oracle.spent / oracle.budget)
            memory.append(oracle(table.draw(rng, epsilon=explore)))
            picks = torch.randint(len(memory), (replay,), generator=rng).tolist()
            with one_thread():
                table.learn(
                    [memory[i].arch for i in picks],
                    [memory[i].value for i in picks],
                    learning_rate=learning_rate,
                    discount=discount,
                    backup=backup,
                )
    return oracle.history


def _targets(
    backup: Backup, reward: Tensor, next_q: Tensor, terminal: Tensor, discount: float
) -> Tensor:
    return expect_shape(
        named("backup", backup),
        backup(reward, next_q, terminal, discount=discount),
        tuple(reward.shape),
        "was the maximum taken over the wrong axis?",
    )
