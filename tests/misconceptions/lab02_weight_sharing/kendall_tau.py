"""Answers to `kendall_tau`."""

import numpy as np
import scipy.stats
import torch

from tests.misconceptions.lab02_weight_sharing.in_parts import both, ends, ranker, signs, tau_b


def _pairs(x, y, rule):
    found = [
        rule(np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])) for i in range(len(x)) for j in range(i)
    ]
    return sum(found), len(found)


def tau_a(x, y):
    return (signs(x) * signs(y)).sum() / (len(x) * (len(x) - 1))


def gamma(x, y):
    return (signs(x) * signs(y)).sum() / np.abs(signs(x) * signs(y)).sum()


def one_side(x, y):
    return (signs(x) * signs(y)).sum() / np.abs(signs(x)).sum()


def ties_agree(x, y):
    total, count = _pairs(x, y, lambda sign: 1 if sign >= 0 else -1)
    return total / count


def share(x, y):
    total, count = _pairs(x, y, lambda sign: sign > 0)
    return total / count


def neighbours(x, y):
    return np.mean(np.sign(np.diff(x)) * np.sign(np.diff(y)))


def halved(x, y):
    return np.triu(signs(x) * signs(y)).sum() / np.sqrt(
        np.abs(signs(x)).sum() * np.abs(signs(y)).sum()
    )


def with_itself(x, y):
    return (signs(x) * signs(y)).sum() / len(x) ** 2


def _apart(x, rng):
    return both(x, rng)[0], both(x, rng)[0]


def _permuted(x, rng):
    index = torch.randperm(len(x), generator=rng).numpy()
    return index, index


def _numpys(x, rng):
    index = np.random.randint(0, len(x), len(x))
    return index, index


def _torchs(x, rng):
    index = torch.randint(len(x), (len(x),)).numpy()
    return index, index


class _Seeded:
    """A generator of its own, made anew in every call of the answer."""

    def __call__(self, x, y, rng, *, level=0.95, resamples=1000):
        own = torch.Generator().manual_seed(0)
        return ranker()(x, y, own, level=level, resamples=resamples)


def _full_tails(taus, level, tau):
    return np.quantile(taus, [1 - level, level])


def _crossed(taus, level, tau):
    return np.quantile(taus, [(1 + level) / 2, (1 - level) / 2])


def _normal(taus, level, tau):
    reach = scipy.stats.norm.ppf((1 + level) / 2) * taus.std() * 1.5
    return tau - reach, tau + reach


def tau_sorts_in_place(x, y, rng, *, level=0.95, resamples=1000):
    found = ranker()(x, y, rng, level=level, resamples=resamples)
    x.sort()
    return found


def tau_only(x, y, rng, *, level=0.95, resamples=1000):
    return tau_b(x, y)


def tau_with_scipy(x, y, rng, *, level=0.95, resamples=1000):
    """Right, if it were not slow: only for few resamples."""
    return ranker(tau=lambda x, y: scipy.stats.kendalltau(x, y).statistic)(
        x, y, rng, level=level, resamples=resamples
    )


def tau_all_at_once(x, y, rng, *, level=0.95, resamples=1000):
    """Right: all resamples as one array, numpy numbers, a list."""
    index = torch.randint(len(x), (resamples, len(x)), generator=rng).numpy()
    in_x = np.sign(x[index][:, :, None] - x[index][:, None, :])
    in_y = np.sign(y[index][:, :, None] - y[index][:, None, :])
    below = np.sqrt((in_x**2).sum((1, 2)) * (in_y**2).sum((1, 2)))
    taus = np.sort((in_x * in_y).sum((1, 2)) / below)
    cut = (1 - level) / 2
    return [tau_b(x, y), taus[int(cut * resamples)], taus[int((1 - cut) * resamples) - 1]]


def tau_in_torch(x, y, rng, *, level=0.95, resamples=1000):
    """Right: loops over pairs where n is small, torch tensors of shape ()."""

    def tau(x, y):
        sign_x, sign_y = (torch.sign(v[:, None] - v) for v in (x, y))
        concordant = ((sign_x * sign_y) > 0).sum()
        discordant = ((sign_x * sign_y) < 0).sum()
        return (concordant - discordant) / ((sign_x != 0).sum() * (sign_y != 0).sum()).sqrt()

    x, y = torch.tensor(x), torch.tensor(y)
    index = [torch.randint(len(x), (len(x),), generator=rng) for _ in range(resamples)]
    taus = torch.stack([tau(x[i], y[i]) for i in index])
    return tau(x, y), taus.quantile((1 - level) / 2), taus.quantile((1 + level) / 2)


def _always(count):
    def kendall_tau(x, y, rng, *, level=0.95, resamples=1000):
        return ranker()(x, y, rng, level=level, resamples=count)

    return kendall_tau


def tau_of_at_most_200(x, y, rng, *, level=0.95, resamples=1000):
    return ranker()(x, y, rng, level=level, resamples=min(resamples, 200))


def tau_at_level_95(x, y, rng, *, level=0.95, resamples=1000):
    return ranker()(x, y, rng, resamples=resamples)


def _mirrored(taus, level, tau):
    """The basic bootstrap."""
    low, high = ends(taus, level, tau)
    return 2 * tau - high, 2 * tau - low


def nearly_tied(x, y):
    return tau_b(np.round(x, 6), np.round(y, 6))


def tau_by_loops(x, y, rng, *, level=0.95, resamples=1000):
    """Right: pairs by combinations of a matrix's triangle, statistics.quantiles by sorting."""

    def tau(x, y):
        i, j = np.triu_indices(len(x), 1)
        a, b = np.sign(x[i] - x[j]), np.sign(y[i] - y[j])
        c, d = (a * b > 0).sum(), (a * b < 0).sum()
        return (c - d) / (np.count_nonzero(a) * np.count_nonzero(b)) ** 0.5

    with np.errstate(invalid="ignore"):
        taus = sorted(
            tau(x[index], y[index])
            for index in (
                torch.randint(0, len(x), (len(x),), generator=rng).tolist()
                for _ in range(resamples)
            )
        )
    cut = (1 - level) / 2
    ends = (taus[round(q * (resamples - 1))] for q in (cut, 1 - cut))
    return (float(tau(x, y)), *ends)


WRONG = [
    (ranker(tau=tau_a), "tau-a"),
    (ranker(tau=gamma), "gamma"),
    (ranker(tau=one_side), "one side only"),
    (ranker(tau=lambda x, y: one_side(y, x)), "one side only"),
    (ranker(tau=ties_agree), "ties count as agreement"),
    (ranker(tau=lambda x, y: -tau_b(x, y)), "sign is flipped"),
    (ranker(tau=lambda x, y: np.corrcoef(x, y)[0, 1]), "Pearson"),
    (ranker(tau=lambda x, y: scipy.stats.spearmanr(x, y).statistic), "Spearman"),
    (ranker(tau=share), "share of concordant pairs"),
    (ranker(tau=neighbours), "only neighbours"),
    (ranker(tau=halved), "once above the line and twice below"),
    (ranker(tau=with_itself), "compared with itself"),
    (ranker(resampled=tau_a), "ties are ignored in the resamples"),
    (ranker(resampled=gamma), "expected about"),
    (ranker(index=_apart), "resampled independently"),
    (ranker(index=_permuted), "all the same sample"),
    (ranker(index=_numpys), "do not come from rng alone"),
    (ranker(index=_torchs), "do not come from rng alone"),
    (_Seeded(), "seed of their own"),
    (ranker(ends=_full_tails), "each end cuts off"),
    (ranker(ends=_crossed), "exchanged"),
    (ranker(ends=_normal), "plus and minus something"),
    (tau_sorts_in_place, "arguments are changed"),
    (tau_only, "expected the tuple (tau, low, high)"),
    (_always(200), "number of resamples"),
    (_always(1000), "number of resamples"),
    (tau_of_at_most_200, "the interval resamples pairs"),
    (tau_at_level_95, "level 0.6"),
    (ranker(ends=_mirrored), "expected about"),
    (ranker(tau=nearly_tied), "tau-b is"),
]
RIGHT = [tau_all_at_once, tau_in_torch, tau_by_loops]
POINTLESS = (lambda *_, **__: (0.0, -1.0, 1.0),)
PARTICULAR = {
    "arguments are changed": {"x and y stay as they are"},
    "resampled independently": {"the interval resamples pairs"},
    "number of resamples": {"the interval resamples pairs"},
}
EQUIVALENT = {
    "line 8: torch.randint(len(x), (len(x),), generator=rng).numpy() -> tor"
    "ch.randint(len(x), (len(x),), generator=rng)": ("numpy takes a tensor as an index"),
    "line 9: tau_b(x[index], y[index]) -> tau_b(y[index], x[index])": ("tau is symmetric"),
    "line 11: tau_b(x, y) -> tau_b(y, x)": ("tau is symmetric"),
}
