"""Answers to `kendall_tau`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats
import torch


def _signs(x):
    return np.sign(x[:, None] - x[None, :])


def tau_b(x, y):
    return (_signs(x) * _signs(y)).sum() / np.sqrt(
        np.abs(_signs(x)).sum() * np.abs(_signs(y)).sum()
    )


def _both(x, rng):
    index = torch.randint(len(x), (len(x),), generator=rng).numpy()
    return index, index


def _ends(taus, level, tau):
    return np.quantile(taus, [(1 - level) / 2, (1 + level) / 2])


def _ranker(
    *,
    tau: Callable[..., Any] = tau_b,
    resampled: Callable[..., Any] | None = None,
    index: Callable[..., Any] = _both,
    ends: Callable[..., Any] = _ends,
) -> Callable[..., Any]:
    """A right tau and interval unless a part is exchanged."""

    def kendall_tau(x, y, rng, *, level=0.95, resamples=1000):
        taus = []
        for _ in range(resamples):
            one, two = index(x, rng)
            taus.append((resampled or tau)(x[one], y[two]))
        low, high = ends(np.array(taus), level, tau(x, y))
        return tau(x, y), low, high

    return kendall_tau


def _pairs(x, y, rule):
    found = [
        rule(np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])) for i in range(len(x)) for j in range(i)
    ]
    return sum(found), len(found)


def tau_a(x, y):
    return (_signs(x) * _signs(y)).sum() / (len(x) * (len(x) - 1))


def gamma(x, y):
    return (_signs(x) * _signs(y)).sum() / np.abs(_signs(x) * _signs(y)).sum()


def one_side(x, y):
    return (_signs(x) * _signs(y)).sum() / np.abs(_signs(x)).sum()


def ties_agree(x, y):
    total, count = _pairs(x, y, lambda sign: 1 if sign >= 0 else -1)
    return total / count


def share(x, y):
    total, count = _pairs(x, y, lambda sign: sign > 0)
    return total / count


def neighbours(x, y):
    return np.mean(np.sign(np.diff(x)) * np.sign(np.diff(y)))


def halved(x, y):
    return np.triu(_signs(x) * _signs(y)).sum() / np.sqrt(
        np.abs(_signs(x)).sum() * np.abs(_signs(y)).sum()
    )


def with_itself(x, y):
    return (_signs(x) * _signs(y)).sum() / len(x) ** 2


def _apart(x, rng):
    return _both(x, rng)[0], _both(x, rng)[0]


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
        return _ranker()(x, y, own, level=level, resamples=resamples)


def _full_tails(taus, level, tau):
    return np.quantile(taus, [1 - level, level])


def _crossed(taus, level, tau):
    return np.quantile(taus, [(1 + level) / 2, (1 - level) / 2])


def _normal(taus, level, tau):
    reach = scipy.stats.norm.ppf((1 + level) / 2) * taus.std() * 1.5
    return tau - reach, tau + reach


def tau_sorts_in_place(x, y, rng, *, level=0.95, resamples=1000):
    found = _ranker()(x, y, rng, level=level, resamples=resamples)
    x.sort()
    return found


def tau_only(x, y, rng, *, level=0.95, resamples=1000):
    return tau_b(x, y)


def tau_with_scipy(x, y, rng, *, level=0.95, resamples=1000):
    """Right, if it were not slow: only for few resamples."""
    return _ranker(tau=lambda x, y: scipy.stats.kendalltau(x, y).statistic)(
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
        return _ranker()(x, y, rng, level=level, resamples=count)

    return kendall_tau


def tau_of_at_most_200(x, y, rng, *, level=0.95, resamples=1000):
    return _ranker()(x, y, rng, level=level, resamples=min(resamples, 200))


def tau_at_level_95(x, y, rng, *, level=0.95, resamples=1000):
    return _ranker()(x, y, rng, resamples=resamples)


def _mirrored(taus, level, tau):
    """The basic bootstrap."""
    low, high = _ends(taus, level, tau)
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
    (_ranker(tau=tau_a), "tau-a"),
    (_ranker(tau=gamma), "gamma"),
    (_ranker(tau=one_side), "one side only"),
    (_ranker(tau=lambda x, y: one_side(y, x)), "one side only"),
    (_ranker(tau=ties_agree), "ties count as agreement"),
    (_ranker(tau=lambda x, y: -tau_b(x, y)), "sign is flipped"),
    (_ranker(tau=lambda x, y: np.corrcoef(x, y)[0, 1]), "Pearson"),
    (_ranker(tau=lambda x, y: scipy.stats.spearmanr(x, y).statistic), "Spearman"),
    (_ranker(tau=share), "share of concordant pairs"),
    (_ranker(tau=neighbours), "only neighbours"),
    (_ranker(tau=halved), "once above the line and twice below"),
    (_ranker(tau=with_itself), "compared with itself"),
    (_ranker(resampled=tau_a), "ties are ignored in the resamples"),
    (_ranker(index=_apart), "resampled independently"),
    (_ranker(index=_permuted), "all the same sample"),
    (_ranker(index=_numpys), "do not come from rng alone"),
    (_ranker(index=_torchs), "do not come from rng alone"),
    (_Seeded(), "seed of their own"),
    (_ranker(ends=_full_tails), "each end cuts off"),
    (_ranker(ends=_crossed), "exchanged"),
    (_ranker(ends=_normal), "plus and minus something"),
    (tau_sorts_in_place, "arguments are changed"),
    (tau_only, "expected the tuple (tau, low, high)"),
    (_always(200), "number of resamples"),
    (_always(1000), "number of resamples"),
    (tau_of_at_most_200, "the interval resamples pairs"),
    (tau_at_level_95, "level 0.6"),
    (_ranker(ends=_mirrored), "expected about"),
    (_ranker(tau=nearly_tied), "tau-b is"),
]
RIGHT = [tau_all_at_once, tau_in_torch, tau_by_loops]
POINTLESS = (lambda *_, **__: (0.0, -1.0, 1.0),)
PARTICULAR = {
    "resampled independently": {"the interval resamples pairs"},
    "number of resamples": {"the interval resamples pairs"},
}
EQUIVALENT = {
    "line 8: torch.randint(len(x), (len(x),), generator=rng).numpy() -> tor"
    "ch.randint(len(x), (len(x),), generator=rng)": ("numpy takes a tensor as an index"),
    "line 9: tau_b(x[index], y[index]) -> tau_b(y[index], x[index])": ("tau is symmetric"),
    "line 11: tau_b(x, y) -> tau_b(y, x)": ("tau is symmetric"),
}
