"""Transitions and target networks, and the targets worked out one by one."""

import torch
from torch import Generator, Tensor, nn

from course_lib.checks.ask import Ask
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, same, shown, tensor
from course_lib.checks.wrong import Wrong
from course_lib.core import module_rng


class Actor(nn.Module):
    """state (n, d) -> action (n, 1) in (0, 1)."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.layer = nn.Linear(d, 1)

    def forward(self, state: Tensor) -> Tensor:
        if state.ndim != 2:
            raise ValueError(f"actor(state) expects states (n, d), got {tuple(state.shape)}")
        return torch.as_tensor(torch.sigmoid(self.layer(state)))


class Critic(nn.Module):
    """state (n, d), action (n, 1) -> value (n,), bent in the action."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.d, self.hidden, self.head = d, nn.Linear(d + 1, 6), nn.Linear(6, 1)

    def forward(self, state: Tensor, action: Tensor) -> Tensor:
        shapes = tuple(state.shape), tuple(action.shape)
        if shapes != ((len(state), self.d), (len(state), 1)):
            raise ValueError(
                f"critic(state, action) expects shapes (n, {self.d}) and (n, 1), got {shapes[0]} "
                f"and {shapes[1]}"
            )
        hidden = torch.tanh(self.hidden(torch.cat([state, 3 * action], 1)))
        return 2 + 3 * torch.as_tensor(self.head(hidden)).squeeze(1)


class Batch:
    """Transitions, target networks, and what their critic says of each next state by itself."""

    def __init__(self, rng: Generator, ends: list[bool], d: int = 3) -> None:
        with module_rng(rng):
            self.actor, self.critic = Actor(d), Critic(d)
        self.reward = torch.randn(len(ends), generator=rng)
        self.next_state = torch.randn(len(ends), d, generator=rng)
        self.done = torch.tensor(ends)

    def later(self) -> list[float]:
        with torch.no_grad():
            return [float(self.critic(s[None], self.actor(s[None]))) for s in self.next_state]

    def expected(self, discount: float) -> Tensor:
        rows = zip(self.reward.tolist(), self.done.tolist(), self.later(), strict=True)
        return torch.tensor([r if end else r + discount * later for r, end, later in rows])

    def asked(self, ask: Ask, discount: float) -> Tensor:
        given = [self.reward.clone(), self.next_state.clone(), self.done.clone()]
        answer = ask(*given, self.actor, self.critic, discount=discount)
        before = (self.reward, self.next_state, self.done)
        for name, now, then in zip(("reward", "next_state", "done"), given, before, strict=True):
            if not torch.equal(now, then):
                raise Wrong(f"{name} is not the same after the call", CHANGED)
        return tensor(answer, tuple(self.reward.shape), "the answer")

    def require(self, ask: Ask, discount: float) -> None:
        found, expected = self.asked(ask, discount), self.expected(discount)
        if not same(found, expected, scale=10):
            right, wrong = apart(expected, found, 4)
            raise Wrong(
                f"rewards {shown(self.reward, 4)}, done {self.done.tolist()[:4]}, discount "
                f"{discount:g}, critic at the actor's actions "
                f"{shown(torch.tensor(self.later()), 4)}: the targets are {wrong}, expected {right}"
            )
