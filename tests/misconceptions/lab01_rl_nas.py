"""Lab 01: plausible wrong answers with the words that the check must answer, and other right ones.

WRONG: exercise -> pairs (answer, words). RIGHT: exercise -> answers that must get all points.
"""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.nas.strings import Layer, decode

# --- decode ----------------------------------------------------------------------------------


def _decoder(
    *,
    shape: Callable[..., tuple[int, ...]] | None = None,
    side: Callable[[int, int, int], int] = lambda n, k, s: (n + k // 2 * 2 - k) // s + 1,
    merge: Callable[[list[int]], int] = max,
    order: tuple[int, ...] = (0, 1, 2, 3, 4),
    value: bool = True,
    inputs: Callable[[list[int], int], list[int]] = lambda anchors, number: [
        i for i, yes in enumerate(anchors) if yes
    ],
) -> Callable[..., Any]:
    """A right decoder unless a part is exchanged."""

    def decode(space, arch, image=(1, 12, 12)):
        result, place = [], 0
        for number in range(space.layers):
            lists = space.options.values()
            chosen = arch[place : place + 5]
            plain = [v[c] if value else c for v, c in zip(lists, chosen, strict=True)]
            fields = [plain[i] for i in order]
            anchors = list(arch[place + 5 : place + 5 + number])
            place += 5 + number
            feeding = inputs(anchors, number)
            sources = [result[i][1] for i in feeding if i < number] or [image]
            rows, columns = (merge([s[axis] for s in sources]) for axis in (1, 2))
            h, w, down, across, count = fields
            out = (count, side(rows, h, max(down, 1)), side(columns, w, max(across, 1)))
            if shape is not None:
                out = shape(out, sources, fields)
            result.append((Layer(*fields, tuple(feeding)), out))
        return result

    return decode


def decode_by_torch(space, arch, image=(1, 12, 12)):
    """Right: runs real convolutions and reads off their shapes; torch.Size and a list."""
    tokens, layers, maps = list(arch), [], []
    for number in range(space.layers):
        lists = space.options.values()
        fields = [values[tokens.pop(0)] for values in lists]
        anchors = [tokens.pop(0) for _ in range(number)]
        inputs = tuple(np.flatnonzero(anchors).tolist())
        sources = [maps[i] for i in inputs] or [torch.zeros(1, *image)]
        height, width = (max(m.shape[axis] for m in sources) for axis in (2, 3))
        stack = torch.zeros(1, sum(m.shape[1] for m in sources), height, width)
        start = 0
        for m in sources:
            stack[:, start : start + m.shape[1], : m.shape[2], : m.shape[3]] = m
            start += m.shape[1]
        h, w, down, across, count = fields
        conv = torch.nn.Conv2d(stack.shape[1], count, (h, w), (down, across), (h // 2, w // 2))
        maps.append(conv(stack).detach())
        layers.append((Layer(*fields, inputs), maps[-1].shape[1:]))
    return tuple(layers)


def decode_with_numpy(space, arch, image=(1, 12, 12)):
    """Right: numpy integers everywhere, rounding up instead of the formula."""
    right = _decoder(side=lambda n, k, s: np.int64(math.ceil(n / s)))
    return [(layer, np.array(shape).tolist()) for layer, shape in right(space, arch, image)]


def decode_forgets_return(space, arch, image=(1, 12, 12)):
    layers = []
    layers.append((Layer(1, 1, 1, 1, 1, ()), image))


def decode_steps_not_over_anchors(space, arch, image=(1, 12, 12)):
    """Layer number n is read from place 5 n on, as if there were no anchors."""
    right, layers = _decoder()(space, arch, image), []
    for number, (layer, shape) in enumerate(right):
        chosen = arch[5 * number : 5 * number + 5]
        fields = [v[c] for v, c in zip(space.options.values(), chosen, strict=True)]
        layers.append((Layer(*fields, layer.inputs), shape))
    return layers


def decode_runs_off_the_string(space, arch, image=(1, 12, 12)):
    """The anchors of every layer are read as if it had as many as there are layers."""
    decisions = iter(arch)
    for _ in range(space.layers):
        fields = [arch[next(decisions)] for _ in range(5)]
        anchors = [next(decisions) for _ in range(space.layers)]
    return fields, anchors


def decode_calls_library(space, arch, image=(1, 12, 12)):
    return decode(space, arch, image)


def decode_asks_space(space, arch, image=(1, 12, 12)):
    right = _decoder()(space, arch, image)
    return [(layer, shape) for layer, (_, shape) in zip(space.layers_of(arch), right, strict=True)]


def decode_builds_network(space, arch, image=(1, 12, 12)):
    space.build(arch, rng=torch.Generator(), image=image)
    return _decoder()(space, arch, image)


DECODE_WRONG = [
    (_decoder(side=lambda n, k, s: (n - k) // s + 1), "padding is left out"),
    (_decoder(side=lambda n, k, s: n // s), "rounded down"),
    (_decoder(side=lambda n, k, s: n), "strides do not reach the shape"),
    (_decoder(order=(1, 0, 2, 3, 4)), "filter height and width are exchanged"),
    (_decoder(order=(0, 1, 3, 2, 4)), "strides of rows and columns are exchanged"),
    (_decoder(value=False), "index of a choice instead of its value"),
    (_decoder(merge=min), "cropped to the smallest"),
    (_decoder(merge=lambda sizes: sizes[0]), "only one of the maps"),
    (_decoder(merge=lambda sizes: sizes[-1]), "only one of the maps"),
    (_decoder(shape=lambda out, *_: (out[1], out[2], out[0])), "channels come last"),
    (
        _decoder(shape=lambda out, sources, _: (sum(s[0] for s in sources), *out[1:])),
        "channels of the input",
    ),
    (
        _decoder(
            inputs=lambda anchors, n: (
                [i for i, yes in enumerate(anchors) if yes] or [n - 1] * (n > 0)
            )
        ),
        "without anchors reads the previous layer",
    ),
    (
        _decoder(inputs=lambda anchors, n: [i for i, yes in enumerate(reversed(anchors)) if yes]),
        "anchors are read in reverse",
    ),
    (
        _decoder(inputs=lambda anchors, n: [i + 1 for i, yes in enumerate(anchors) if yes]),
        "counted from 1",
    ),
    (decode_forgets_return, "`return` missing"),
    (decode_steps_not_over_anchors, "Did you step over the anchors"),
    (decode_runs_off_the_string, "Did you step over the anchors"),
    (decode_calls_library, "library's function is called"),
    (decode_asks_space, "library's function is called"),
    (decode_builds_network, "library's function is called"),
]
DECODE_RIGHT = [_decoder(), decode_by_torch, decode_with_numpy]

# --- sample_strings --------------------------------------------------------------------------


def _sampler(
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


def sample_one_by_one(controller, batch, rng):
    """Right: one string after the other, with numpy-like bookkeeping and inverse-CDF draws."""
    rows = []
    for _ in range(batch):
        state, previous, string = controller.start(1), None, []
        log_prob = entropy = torch.zeros((), dtype=next(controller.parameters()).dtype)
        for position in range(len(controller.choices)):
            if controller.stop is not None and string and string[-1] == controller.stop:
                string.append(controller.stop)
                continue
            logits, state = controller.step(position, previous, state)
            p = logits[0].softmax(0)
            u = torch.rand((), generator=rng, dtype=torch.float64)
            token = min(int((p.double().cumsum(0) < u).sum()), len(p) - 1)
            log_prob = log_prob + p[token].log()
            entropy = entropy + torch.distributions.Categorical(probs=p).entropy()
            previous = torch.tensor([token])
            string.append(token)
        rows.append((string, log_prob, entropy))
    strings, log_probs, entropies = zip(*rows, strict=True)
    return torch.tensor(strings), torch.stack(log_probs), torch.stack(entropies)


def sample_by_gumbel(controller, batch, rng):
    """Right: argmax of logits plus Gumbel noise, single precision results."""

    def draw(p, rng):
        noise = torch.empty_like(p).exponential_(generator=rng)
        return (p / noise).argmax(1)

    tokens, log_prob, entropy = _sampler(draw=draw)(controller, batch, rng)
    return tokens, log_prob.float(), entropy.float()


def sample_global(controller, batch, rng):
    return _sampler(draw=lambda p, rng: torch.multinomial(p, 1)[:, 0])(controller, batch, rng)


def sample_reseeds(controller, batch, rng):
    rng.manual_seed(0)
    return _sampler()(controller, batch, rng)


def sample_without_gradient(controller, batch, rng):
    with torch.no_grad():
        return _sampler()(controller, batch, rng)


def sample_by_column(controller, batch, rng):
    state, previous = controller.start(batch), None
    tokens, log_prob, entropy = [], 0.0, 0.0
    for position in range(len(controller.choices)):
        logits, state = controller.step(position, previous, state)
        log_p = logits.log_softmax(1)
        previous = torch.multinomial(log_p.detach().exp(), 1, generator=rng)
        log_prob = log_prob + log_p.gather(1, previous)
        entropy = entropy - (log_p.exp() * log_p).sum(1)
        tokens.append(previous)
    return torch.cat(tokens, 1), log_prob, entropy


def sample_stop_lost(controller, batch, rng):
    """Like the right one, but the mask of ended strings is updated before adding."""
    state, previous = controller.start(batch), None
    tokens, log_prob, entropy = [], 0.0, 0.0
    going = torch.ones(batch, dtype=torch.bool)
    for position in range(len(controller.choices)):
        logits, state = controller.step(position, previous, state)
        log_p = logits.log_softmax(1)
        previous = torch.multinomial(log_p.detach().exp(), 1, generator=rng)[:, 0]
        if controller.stop is not None:
            previous = torch.where(going, previous, controller.stop)
            going = going & (previous != controller.stop)
        log_prob = log_prob + going * log_p.gather(1, previous[:, None])[:, 0]
        entropy = entropy + going * -(log_p.exp() * log_p).sum(1)
        tokens.append(previous)
    return torch.stack(tokens, 1), log_prob, entropy


def _over_the_batch(**parts):
    """Softmax over the wrong axis, in drawing and in log_prob."""

    class Turned:
        def __init__(self, controller):
            self.inner, self.choices, self.stop = controller, controller.choices, controller.stop
            self.start = controller.start

        def step(self, position, previous, state):
            logits, state = self.inner.step(position, previous, state)
            return logits.log_softmax(0), state

    sample = _sampler(
        pick=lambda log_p, token, logits: logits.gather(1, token[:, None])[:, 0],
        **parts,
    )
    return lambda controller, batch, rng: sample(Turned(controller), batch, rng)


SAMPLE_WRONG = [
    (_sampler(draw=lambda p, rng: p.argmax(1)), "most likely choice is taken"),
    (
        _sampler(draw=lambda p, rng: torch.multinomial(torch.ones_like(p), 1, generator=rng)[:, 0]),
        "drawn uniformly",
    ),
    (
        _sampler(
            draw=lambda p, rng: torch.multinomial(p[0], 1, generator=rng).expand(len(p)).clone()
        ),
        "one draw serves the whole batch",
    ),
    (_sampler(pick=lambda log_p, token, logits: log_p.amax(1)), "most likely choice instead"),
    (_sampler(total=lambda parts: sum(parts[:-1])), "last token is missing"),
    (_sampler(total=lambda parts: sum(parts[1:])), "first token is missing"),
    (_sampler(total=lambda parts: sum(parts).exp()), "probability instead of its logarithm"),
    (_sampler(total=lambda parts: sum(parts) / len(parts)), "mean over the tokens"),
    (
        _sampler(pick=lambda log_p, token, logits: logits.gather(1, token[:, None])[:, 0]),
        "logits are taken for log-probabilities",
    ),
    (_sampler(remember=False), "state or previous token is not handed on"),
    (_sampler(feed=False), "state or previous token is not handed on"),
    (_sampler(mask=False), "padding after the stop is counted"),
    (_sampler(pad=False), "goes on after a stop"),
    (_sampler(finish=lambda t, lp, e: (t, lp.detach(), e)), "log_prob has no gradient"),
    (_sampler(finish=lambda t, lp, e: (t, lp, e.detach())), "the entropy has no gradient"),
    (sample_by_column, "`torch.multinomial` returns a column, take [:, 0]"),
    (sample_stop_lost, "the stop itself is not counted"),
    (_over_the_batch(), "softmax over the batch"),
    (_over_the_batch(pad=False, mask=False), "softmax over the batch"),
    (sample_without_gradient, "log_prob has no gradient"),
    (_sampler(finish=lambda t, lp, e: (t, lp, -lp)), "-log_prob instead of the entropy"),
    (_sampler(spread_total=lambda parts: parts[-1]), "entropy of the last decision only"),
    (_sampler(spread=lambda log_p: (log_p.exp() * log_p).sum(1)), "sign of the entropy"),
    (_sampler(spread_total=lambda parts: sum(parts) / len(parts)), "mean of the decisions"),
    (_sampler(finish=lambda t, lp, e: (t.float(), lp, e)), "expected torch.int64"),
    (_sampler(finish=lambda t, lp, e: (t.T, lp, e)), "tokens has shape"),
    (_sampler(finish=lambda t, lp, e: (t, lp)), "three tensors"),
    (sample_global, "do not come from rng alone"),
    (sample_reseeds, "do not come from rng alone"),
]
SAMPLE_RIGHT = [_sampler(), sample_one_by_one, sample_by_gumbel]

# --- reinforce_loss --------------------------------------------------------------------------


def loss_flipped(log_prob, reward, baseline):
    return ((reward - baseline) * log_prob).mean()


def loss_sum(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob).sum()


def loss_each(log_prob, reward, baseline):
    return -(reward - baseline) * log_prob


def loss_without_baseline(log_prob, reward, baseline):
    return -(reward * log_prob).mean()


def loss_own_mean(log_prob, reward, baseline):
    return -((reward - reward.mean()) * log_prob).mean()


def loss_moves_baseline_first(log_prob, reward, baseline):
    baseline = 0.9 * baseline + 0.1 * reward.mean()
    return -((reward - baseline) * log_prob).mean()


def loss_normalised(log_prob, reward, baseline):
    advantage = reward - baseline
    return -(advantage / (advantage.std(unbiased=False) + 1e-8) * log_prob).mean()


def loss_probability(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob.exp()).mean()


def loss_log_detached(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob.detach()).mean()


def loss_float(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob).mean().item()


def loss_reward_attached(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob).mean()


def loss_in_place(log_prob, reward, baseline):
    reward -= baseline
    return -(reward.detach() * log_prob).mean()


def loss_added(log_prob, reward, baseline):
    return -((reward + baseline) * log_prob).mean()


def loss_baseline_outside(log_prob, reward, baseline):
    return -(reward.detach() * log_prob - baseline).mean()


def loss_squared(log_prob, reward, baseline):
    return ((reward.detach() - baseline) ** 2 * -log_prob).mean()


def loss_clipped(log_prob, reward, baseline):
    return -((reward.detach() - baseline).clamp(min=0) * log_prob).mean()


def loss_misspelt(log_prob, reward, baseline):
    return -((reward - basline) * log_prob).mean()  # noqa: F821


class Liar:
    """Equal to everything, with every attribute: passes checks that compare before they look."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **named):
        return self


def loss_liar(log_prob, reward, baseline):
    return Liar()


def loss_loop(log_prob, reward, baseline):
    """Right: a Python loop over the batch."""
    total = 0.0
    for one, value in zip(log_prob, reward.tolist(), strict=True):
        total = total - (value - baseline) * one
    return total / len(log_prob)


def loss_dot(log_prob, reward, baseline):
    """Right: a dot product in single precision."""
    advantage = torch.tensor([float(r) - baseline for r in reward], dtype=torch.float32)
    return torch.dot(-advantage, log_prob.float()) / log_prob.numel()


LOSS_WRONG = [
    (loss_flipped, "sign is flipped"),
    (loss_sum, "sum over the batch"),
    (loss_each, "one loss per string"),
    (loss_without_baseline, "baseline is not used"),
    (loss_own_mean, "made from the current batch"),
    (loss_moves_baseline_first, "made from the current batch"),
    (loss_normalised, "rescaled by their own spread"),
    (loss_probability, "gradient of p instead"),
    (loss_log_detached, "log_prob has lost its gradient"),
    (loss_float, "log_prob has lost its gradient"),
    (loss_reward_attached, "reward is not detached"),
    (loss_in_place, "reward is changed in place"),
    (loss_added, "added instead of subtracted"),
    (loss_baseline_outside, "subtracted from the log-probability or from the product"),
    (loss_squared, "mean gradient"),
    (loss_clipped, "mean gradient"),
    (loss_misspelt, "NameError"),
    (loss_liar, "expected a tensor"),
]
LOSS_RIGHT = [loss_loop, loss_dot]

# --- q_backup --------------------------------------------------------------------------------


def backup_bootstraps(reward, next_q, terminal, *, discount=1.0):
    return reward + discount * next_q.amax(1)


def backup_inverted(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward + discount * next_q.amax(1), reward)


def backup_wrong_axis(reward, next_q, terminal, *, discount=1.0):
    best = next_q.amax(0)
    best = torch.cat([best, best, best, best])[: len(reward)]
    return torch.where(terminal, reward, reward + discount * best)


def backup_axis_zero(reward, next_q, terminal, *, discount=1.0):
    return reward.mean() + discount * next_q.amax(0)


def backup_global_max(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.max())


def backup_mean(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.mean(1))


def backup_undiscounted(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + next_q.amax(1))


def backup_discounts_reward(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, discount * (reward + next_q.amax(1)))


def backup_drops_reward(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, discount * next_q.amax(1))


def backup_argmax(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.argmax(1))


def backup_minimum(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.amin(1))


def backup_in_place(reward, next_q, terminal, *, discount=1.0):
    next_q[terminal] = 0.0
    return reward + discount * next_q.amax(1)


def backup_returns_max_object(reward, next_q, terminal, *, discount=1.0):
    return next_q.max(1)


def backup_absolute(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + discount * next_q.amax(1).abs().clamp(max=1.0))


def backup_loop(reward, next_q, terminal, *, discount=1.0):
    """Right: a Python loop."""
    targets = []
    for r, row, end in zip(reward.tolist(), next_q.tolist(), terminal.tolist(), strict=True):
        targets.append(r if end else r + discount * max(row))
    return torch.tensor(targets, dtype=torch.float64)


def backup_masked(reward, next_q, terminal, discount=1.0):
    """Right: a mask as a factor, single precision."""
    best, _ = torch.sort(next_q.float(), dim=1, descending=True)
    return reward.float() + discount * (1 - terminal.float()) * best[:, 0]


BACKUP_WRONG = [
    (backup_bootstraps, "finished string is bootstrapped"),
    (backup_inverted, "terminal is read the wrong way round"),
    (backup_wrong_axis, "wrong axis"),
    (backup_axis_zero, "wrong axis"),
    (backup_global_max, "maximum runs over the whole batch"),
    (backup_mean, "mean over the next choices"),
    (backup_undiscounted, "discount is left out"),
    (backup_discounts_reward, "reward is discounted too"),
    (backup_drops_reward, "reward of an unfinished step is dropped"),
    (backup_argmax, "index of the best choice"),
    (backup_minimum, "minimum instead of the maximum"),
    (backup_in_place, "changes its arguments"),
    (backup_returns_max_object, "expected a tensor"),
    (backup_absolute, "best next choice"),
]
BACKUP_RIGHT = [backup_loop, backup_masked]

# --- acceptance ------------------------------------------------------------------------------


def _ratio(value, proposed, temperature, forward, backward):
    return math.exp((proposed - value) / temperature) * backward / forward


def accept_always(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 1.0


def accept_greedy(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 1.0 if proposed >= value else 0.0


def accept_symmetric(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return math.exp(min(0.0, (proposed - value) / temperature))


def accept_exchanged(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, _ratio(value, proposed, temperature, backward, forward))


def accept_downhill(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, _ratio(proposed, value, temperature, forward, backward))


def accept_barker(value, proposed, *, temperature, forward=1.0, backward=1.0):
    exponent = (proposed - value) / temperature
    up, down = backward * math.exp(min(0.0, exponent)), forward * math.exp(min(0.0, -exponent))
    return up / (up + down)


def accept_uncapped(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return _ratio(value, proposed, temperature, forward, backward)


def accept_logarithm(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(0.0, (proposed - value) / temperature + math.log(backward / forward))


def accept_hot(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, math.exp(proposed - value) * backward / forward)


def accept_multiplies(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, math.exp((proposed - value) * temperature) * backward / forward)


def accept_downhill_symmetric(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return math.exp(min(0.0, (value - proposed) / temperature))


def accept_better_surely(value, proposed, *, temperature, forward=1.0, backward=1.0):
    if proposed >= value:
        return 1.0
    return min(1.0, _ratio(value, proposed, temperature, forward, backward))


def accept_caps_only_value(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return math.exp(min(0.0, (proposed - value) / temperature)) * backward / forward


def accept_never(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 0.0


def accept_half(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 0.5 * accept_with_torch(
        value, proposed, temperature=temperature, forward=forward, backward=backward
    )


def accept_decides(value, proposed, *, temperature, forward=1.0, backward=1.0):
    if proposed >= value:
        return True
    return random.random() < _ratio(value, proposed, temperature, forward, backward)


def accept_overflows(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, _ratio(value, proposed, temperature, forward, backward))


def accept_no_return(value, proposed, *, temperature, forward=1.0, backward=1.0):
    ratio = backward / forward if backward > 0 else 1.0
    return min(1.0, math.exp(min(50.0, (proposed - value) / temperature)) * ratio)


def accept_caps_too_early(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, math.exp(min(0.0, (proposed - value) / temperature)) * backward / forward)


def accept_forgets_return(value, proposed, *, temperature, forward=1.0, backward=1.0):
    ratio = math.exp(min(50.0, (proposed - value) / temperature)) * backward / forward
    probability = min(1.0, ratio)  # noqa: F841


def accept_with_torch(value, proposed, *, temperature, forward=1.0, backward=1.0):
    """Right: a tensor of shape ()."""
    step = torch.tensor((proposed - value) / temperature, dtype=torch.float64)
    return (step.exp() * backward / forward).clamp(max=1.0)


def accept_by_cases(value, proposed, temperature, forward=1.0, backward=1.0):
    """Right: weights of both sides, a numpy scalar."""
    exponent = (proposed - value) / temperature
    there = forward * math.exp(min(0.0, -exponent))
    back = backward * math.exp(min(0.0, exponent))
    return np.float64(1.0) if back >= there else np.float64(back / there)


ACCEPT_WRONG = [
    (accept_always, "every proposal is accepted"),
    (accept_greedy, "worse proposal is never accepted"),
    (accept_symmetric, "taken to be symmetric"),
    (accept_exchanged, "forward and backward are exchanged"),
    (accept_downhill, "sign of the difference is flipped"),
    (accept_barker, "Barker"),
    (accept_uncapped, "not capped at 1"),
    (accept_logarithm, "logarithm of the probability"),
    (accept_hot, "temperature does not divide"),
    (accept_multiplies, "multiplied by the temperature"),
    (accept_downhill_symmetric, "sign of the difference is flipped"),
    (accept_better_surely, "every better proposal is accepted surely"),
    (accept_caps_only_value, "stands outside the cap"),
    (accept_never, "no proposal is ever accepted"),
    (accept_half, "slower than it needs to be"),
    (accept_decides, "a decision instead of a probability"),
    (accept_overflows, "exp overflows"),
    (accept_no_return, "no way back"),
    (accept_caps_too_early, "stands outside the cap"),
    (accept_forgets_return, "`return` missing"),
]
ACCEPT_RIGHT = [accept_with_torch, accept_by_cases]

WRONG: dict[str, list[tuple[Callable[..., Any], str]]] = {
    "decode": DECODE_WRONG,
    "sample_strings": SAMPLE_WRONG,
    "reinforce_loss": LOSS_WRONG,
    "q_backup": BACKUP_WRONG,
    "acceptance": ACCEPT_WRONG,
}
RIGHT: dict[str, list[Callable[..., Any]]] = {
    "decode": DECODE_RIGHT,
    "sample_strings": SAMPLE_RIGHT,
    "reinforce_loss": LOSS_RIGHT,
    "q_backup": BACKUP_RIGHT,
    "acceptance": ACCEPT_RIGHT,
}
