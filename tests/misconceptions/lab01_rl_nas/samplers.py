"""A right sampler, unless a part is exchanged."""

from collections.abc import Callable
from typing import Any

import torch


def sampler(
    *,
    draw: Callable[..., Any] = lambda p, rng: torch.multinomial(p, 1, generator=rng)[:, 0],
    pick: Callable[..., Any] = lambda log_p, token, logits: log_p.gather(1, token[:, None])[:, 0],
    spread: Callable[..., Any] = lambda log_p: -(log_p.exp() * log_p).sum(1),
    total: Callable[..., Any] = lambda parts: sum(parts),
    spread_total: Callable[..., Any] | None = None,
    finish: Callable[..., Any] = lambda tokens, log_prob, entropy: (tokens, log_prob, entropy),
    remember: bool = True,
    feed: bool = True,
    pad: bool = True,
    mask: bool = True,
) -> Callable[..., Any]:
    """A right sampler unless a part is exchanged."""

    def sample_strings(controller, batch, rng):
        state, previous = controller.start(batch), None
        tokens, picked, spreads = [], [], []
        going = torch.ones(batch, dtype=torch.bool)
        for position in range(len(controller.choices)):
            logits, new = controller.step(position, previous, state)
            state = new if remember else controller.start(batch)
            log_p = torch.log_softmax(logits, 1)
            token = draw(log_p.detach().exp(), rng)
            weight = going.to(log_p.dtype) if mask else torch.ones(batch, dtype=log_p.dtype)
            if controller.stop is not None and pad:
                token = torch.where(going, token, torch.full_like(token, controller.stop))
            picked.append(weight * pick(log_p, token, logits))
            spreads.append(weight * spread(log_p))
            if controller.stop is not None:
                going = going & (token != controller.stop)
            tokens.append(token)
            previous = token if feed else torch.zeros_like(token)
        entropy = (spread_total or sum)(spreads)
        return finish(torch.stack(tokens, 1), total(picked), entropy)

    return sample_strings


def over_the_batch(**parts):
    """Softmax over the wrong axis, in drawing and in log_prob."""

    class Turned:
        def __init__(self, controller):
            self.inner, self.choices, self.stop = controller, controller.choices, controller.stop
            self.start = controller.start

        def step(self, position, previous, state):
            logits, state = self.inner.step(position, previous, state)
            return logits.log_softmax(0), state

    sample = sampler(
        pick=lambda log_p, token, logits: logits.gather(1, token[:, None])[:, 0],
        **parts,
    )
    return lambda controller, batch, rng: sample(Turned(controller), batch, rng)
