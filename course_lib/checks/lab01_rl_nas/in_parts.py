"""A decoder, a sampler and an acceptance rule in parts: exchange one, and it makes that mistake."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.lab01_rl_nas.written_strings import Shape
from course_lib.core import Arch
from course_lib.nas.strings import Layer, StringSpace

Decoder = Callable[[StringSpace, Arch, Shape], list[tuple[Layer, Shape]]]


def exchanged_decoder(
    *,
    side: Callable[[int, int, int], int] = lambda n, k, s: (n - 1) // s + 1,
    merge: Callable[[list[int]], int] = max,
    order: Sequence[int] = range(5),
    values: bool = True,
    start: Callable[[int], int] = lambda number: 5 * number + number * (number - 1) // 2,
    inputs: Callable[[list[int], int], tuple[int, ...]] = lambda fed, number: tuple(fed),
    reads: Callable[[list[int], int], Sequence[int]] = lambda fed, number: fed,
    turned: bool = False,
    shape: Callable[[Shape, int], Shape] = lambda out, channels: out,
) -> Decoder:
    """A decoder with one part exchanged.

    start: where a layer's decisions begin. inputs: what the layer is said to read; reads: what
    gives its size. turned: the strides of rows and columns, in the shape alone.
    """

    def decode(space: StringSpace, arch: Arch, image: Shape = (1, 12, 12)) -> Any:
        found: list[tuple[Layer, Shape]] = []
        for number in range(space.layers):
            chosen = arch[start(number) : start(number) + 5]
            lists = space.options.values()
            read = [v[c] for v, c in zip(lists, chosen, strict=True)] if values else chosen
            h, w, down, across, count = (read[i] for i in order)
            anchors = arch[5 * number + number * (number - 1) // 2 + 5 :][:number]
            fed = [earlier for earlier, yes in enumerate(anchors) if yes]
            sources = [found[i][1] for i in reads(fed, number)] or [image]
            rows, columns = merge([s[1] for s in sources]), merge([s[2] for s in sources])
            below, beside = (across, down) if turned else (down, across)
            out = (count, side(rows, h, max(below, 1)), side(columns, w, max(beside, 1)))
            layer = Layer(h, w, down, across, count, inputs(fed, number))
            found.append((layer, shape(out, sum(s[0] for s in sources))))
        return found

    return decode


Terms = list[Tensor]
Sampler = Callable[[Any, int, Generator], tuple[Tensor, Tensor, Tensor]]


def _draw(p: Tensor, rng: Generator) -> Tensor:
    return torch.multinomial(p, 1, generator=rng)[:, 0]


def _entropy(log_p: Tensor) -> Tensor:
    return -(log_p.exp() * log_p).sum(1)


def exchanged_sampler(
    *,
    draw: Callable[[Tensor, Generator], Tensor] = _draw,
    scores: Callable[[Tensor], Tensor] = lambda logits: logits.log_softmax(1),
    picked: Callable[[Tensor, Tensor], Tensor] = lambda s, token: s.gather(1, token[:, None])[:, 0],
    total: Callable[[Terms], Any] = lambda terms: torch.stack(terms).sum(0),
    spread: Callable[[Tensor], Tensor] = _entropy,
    spread_total: Callable[[Terms], Any] = lambda terms: torch.stack(terms).sum(0),
    state_kept: bool = True,
    token_fed: bool = True,
    counts: Callable[[Tensor, Tensor], Tensor] = lambda before, after: before,
) -> Sampler:
    """A sampler with one part exchanged.

    scores: what is taken for log-probabilities. counts: of the masks (batch,) of strings that go
    on before and after a token, the one that says whether the token counts.
    """

    def sample_strings(controller: Any, batch: int, rng: Generator) -> tuple[Tensor, ...]:
        state, previous = controller.start(batch), None
        going = torch.ones(batch, dtype=torch.bool)
        columns, terms, spreads = [], [], []
        for position in range(len(controller.choices)):
            logits, after = controller.step(position, previous, state)
            log_p = logits.log_softmax(1)
            token = draw(log_p.detach().exp(), rng)
            before = going
            if controller.stop is not None:
                token = torch.where(going, token, controller.stop)
                going = going & (token != controller.stop)
            counting = counts(before, going)
            terms.append(counting * picked(scores(logits), token))
            spreads.append(counting * spread(log_p))
            columns.append(token)
            state = after if state_kept else controller.start(batch)
            previous = token if token_fed else torch.zeros_like(token)
        return torch.stack(columns, 1), total(terms), spread_total(spreads)

    return sample_strings  # type: ignore[return-value]


def exchanged_rule(
    rule: Callable[[float, float], float] = lambda r, q: min(1.0, r * q),
    gain: Callable[[float, float], float] = lambda difference, t: difference / t,
) -> Callable[..., float]:
    """An acceptance rule with one part exchanged.

    rule: of r = exp(gain) and q = backward / forward.
    """

    def acceptance(
        value: float,
        proposed: float,
        *,
        temperature: float,
        forward: float = 1.0,
        backward: float = 1.0,
    ) -> float:
        return rule(math.exp(gain(proposed - value, temperature)), backward / forward)

    return acceptance
