"""Answers to `sample_strings`."""

import torch

from tests.misconceptions.lab01_rl_nas.samplers import over_the_batch, sampler


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

    tokens, log_prob, entropy = sampler(draw=draw)(controller, batch, rng)
    return tokens, log_prob.float(), entropy.float()


def sample_global(controller, batch, rng):
    return sampler(draw=lambda p, rng: torch.multinomial(p, 1)[:, 0])(controller, batch, rng)


def sample_reseeds(controller, batch, rng):
    rng.manual_seed(0)
    return sampler()(controller, batch, rng)


def sample_without_gradient(controller, batch, rng):
    with torch.no_grad():
        return sampler()(controller, batch, rng)


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


def sample_by_inversion(controller, batch, rng):
    """Right: one uniform number per token, torch.distributions for log-probability and entropy."""

    def draw(p, rng):
        u = torch.rand(len(p), 1, generator=rng, dtype=torch.float64)
        return (p.cumsum(1) < u).sum(1).clamp(max=p.shape[1] - 1)

    return sampler(
        draw=draw,
        pick=lambda log_p, token, logits: torch.distributions.Categorical(logits=logits).log_prob(
            token
        ),
        spread=lambda log_p: torch.distributions.Categorical(logits=log_p).entropy(),
    )(controller, batch, rng)


def sample_by_logsumexp(controller, batch, rng):
    """Right: log p as logit - logsumexp, entropy as logsumexp - expected logit."""
    state, previous = controller.start(batch), None
    tokens, log_prob, entropy = [], 0.0, 0.0
    going = torch.ones(batch, dtype=torch.bool)
    for position, choices in enumerate(controller.choices):
        logits, state = controller.step(position, previous, state)
        norm, p = logits.logsumexp(1), logits.softmax(1)
        token = torch.multinomial(p.detach(), 1, generator=rng).squeeze(1)
        chosen = (torch.nn.functional.one_hot(token, choices) * logits).sum(1)
        log_prob = log_prob + (chosen - norm) * going
        entropy = entropy + (norm - (p * logits).sum(1)) * going
        if controller.stop is not None:
            token = token.masked_fill(~going, controller.stop)
            going = going & (token != controller.stop)
        previous = token
        tokens.append(token)
    return torch.stack(tokens).T, log_prob, entropy


def sample_naive_softmax(controller, batch, rng):
    """exp of the logits overflows where they are large."""

    class Naive:
        choices, stop, start = controller.choices, controller.stop, controller.start

        def step(self, position, previous, state):
            logits, state = controller.step(position, previous, state)
            return (logits.exp() / logits.exp().sum(1, keepdim=True)).log(), state

    return sampler()(Naive(), batch, rng)


def sample_log_of_softmax(controller, batch, rng):
    """0 log 0 is nan where a choice is certain."""
    spread = lambda log_p: -(log_p.softmax(1) * log_p.softmax(1).log()).sum(1)  # noqa: E731
    return sampler(spread=spread)(controller, batch, rng)


def sample_antithetic(controller, batch, rng):
    """The second half of the batch draws with the mirrored numbers of the first."""

    def draw(p, rng):
        u = torch.rand((len(p) + 1) // 2, 1, generator=rng, dtype=torch.float64)
        u = torch.cat([u, 1 - u])[: len(p)]
        return (p.cumsum(1) < u).sum(1).clamp(max=p.shape[1] - 1)

    return sampler(draw=draw)(controller, batch, rng)


def sample_sorted(controller, batch, rng):
    """The numbers that the batch draws with are sorted at every decision."""

    def draw(p, rng):
        u = torch.rand(len(p), 1, generator=rng, dtype=torch.float64).sort(0).values
        return (p.cumsum(1) < u).sum(1).clamp(max=p.shape[1] - 1)

    return sampler(draw=draw)(controller, batch, rng)


def _warm(p, rng):
    return torch.multinomial(p ** (1 / 0.85), 1, generator=rng)[:, 0]


def _some_uniform(p, rng):
    return torch.multinomial(0.9 * p + 0.1 / p.shape[1], 1, generator=rng)[:, 0]


def _normal_noise(p, rng):
    return (p.log() + torch.randn(p.shape, generator=rng, dtype=p.dtype)).argmax(1)


def all_zeros(controller, batch, rng):
    tokens = torch.zeros(batch, len(controller.choices), dtype=torch.int64)
    return tokens, torch.zeros(batch), torch.zeros(batch)


WRONG = [
    (sampler(draw=lambda p, rng: p.argmax(1)), "most likely choice is taken"),
    (
        sampler(draw=lambda p, rng: torch.multinomial(torch.ones_like(p), 1, generator=rng)[:, 0]),
        "drawn uniformly",
    ),
    (
        sampler(
            draw=lambda p, rng: torch.multinomial(p[0], 1, generator=rng).expand(len(p)).clone()
        ),
        "one draw serves the whole batch",
    ),
    (sampler(pick=lambda log_p, token, logits: log_p.amax(1)), "most likely choice instead"),
    (sampler(total=lambda parts: sum(parts[:-1])), "last token is missing"),
    (sampler(total=lambda parts: sum(parts[1:])), "first token is missing"),
    (sampler(total=lambda parts: sum(parts).exp()), "probability instead of its logarithm"),
    (sampler(total=lambda parts: sum(parts) / len(parts)), "mean over the tokens"),
    (
        sampler(pick=lambda log_p, token, logits: logits.gather(1, token[:, None])[:, 0]),
        "logits are taken for log-probabilities",
    ),
    (sampler(remember=False), "state or previous token is not handed on"),
    (sampler(feed=False), "state or previous token is not handed on"),
    (sampler(mask=False), "padding after the stop is counted"),
    (sampler(pad=False), "goes on after a stop"),
    (sampler(finish=lambda t, lp, e: (t, lp.detach(), e)), "log_prob has no gradient"),
    (sampler(finish=lambda t, lp, e: (t, lp, e.detach())), "the entropy has no gradient"),
    (sample_by_column, "`torch.multinomial` returns a column, take [:, 0]"),
    (sample_stop_lost, "the stop itself is not counted"),
    (over_the_batch(), "softmax over the batch"),
    (over_the_batch(pad=False, mask=False), "softmax over the batch"),
    (sample_without_gradient, "log_prob has no gradient"),
    (sampler(finish=lambda t, lp, e: (t, lp, -lp)), "-log_prob instead of the entropy"),
    (sampler(spread_total=lambda parts: parts[-1]), "entropy of the last decision only"),
    (sampler(spread=lambda log_p: (log_p.exp() * log_p).sum(1)), "sign of the entropy"),
    (sampler(spread_total=lambda parts: sum(parts) / len(parts)), "mean of the decisions"),
    (sampler(finish=lambda t, lp, e: (t.float(), lp, e)), "expected torch.int64"),
    (sampler(finish=lambda t, lp, e: (t.T, lp, e)), "tokens has shape"),
    (sampler(finish=lambda t, lp, e: (t, lp)), "expected the tuple (tokens, log_prob, entropy)"),
    (sample_global, "do not come from rng alone"),
    (sample_reseeds, "do not come from rng alone"),
    (sample_naive_softmax, "sample_strings"),
    (sample_log_of_softmax, "nan or infinite"),
    (sample_antithetic, "depend on those of other strings"),
    (sample_sorted, "strings were drawn at all"),
    (sampler(draw=_warm), "whose probability is"),
    (sampler(draw=_some_uniform), "whose probability is"),
    (sampler(draw=_normal_noise), "whose probability is"),
]
RIGHT = [sampler(), sample_one_by_one, sample_by_gumbel, sample_by_inversion, sample_by_logsumexp]
POINTLESS = (all_zeros,)
PARTICULAR = {
    "stop itself": {"nothing after a stop"},
    "entropy has no gradient": {"gradients reach the controller"},
    "depend on those of other strings": {"frequencies match probabilities"},
}
EQUIVALENT = {
    "line 9: p.detach() -> p": "torch.multinomial is not differentiable: no gradient flows through "
    "the probabilities that it draws from"
}
