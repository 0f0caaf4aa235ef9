"""Progressive search grows level by level, and trains what the surrogate puts first."""

import math
from itertools import product

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.nas.progressive import one_hot, progressive_search, ridge

SPACE = Space((3, 4, 2, 3))


def additive(seed: int):
    """Every choice adds its own; all sums differ."""
    draws = np.random.default_rng(seed).uniform(size=(4, 4))

    def measure(arch, fidelity=1):
        return Trial(arch, float(sum(draws[i, choice] for i, choice in enumerate(arch))))

    return measure


def exact(space, trained, candidates):
    return ridge(space, trained, candidates, penalty=1e-7)


def size(arch, start):
    return sum(a != b for a, b in zip(arch, start, strict=True))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("start", [(0, 0, 0, 0), (2, 1, 1, 0)])
def test_on_an_additive_measure_each_level_trains_its_best(seed, start):
    measure = additive(seed)
    history = progressive_search(
        SPACE, Oracle(measure, 40), make_rng(seed), beam=5, simple=start, predict=exact
    )
    archs = [trial.arch for trial in history]
    everything = list(product(*map(range, SPACE.choices)))
    assert archs[0] == start
    assert set(archs[1:9]) == {arch for arch in everything if size(arch, start) == 1}
    parents, done = archs[1:9], 9
    for level in (2, 3, 4):
        # a child changes one decision more and keeps all that its parent changed
        children = [
            arch
            for arch in everything
            if size(arch, start) == level and any(size(arch, parent) == 1 for parent in parents)
        ]
        parents = sorted(children, key=lambda arch: -measure(arch).value)[:5]
        assert archs[done : done + len(parents)] == parents
        done += len(parents)


def test_ridge_is_the_one_of_scikit_learn():
    rng = make_rng(0)
    archs = [SPACE.sample(rng) for _ in range(30)]
    values = np.random.default_rng(0).normal(size=30)
    trained = [Trial(arch, value) for arch, value in zip(archs[:20], values, strict=False)]
    x = [
        [float(a == k) for i, a in enumerate(arch) for k in range(SPACE.choices[i])]
        for arch in archs
    ]
    np.testing.assert_array_equal(one_hot(SPACE, archs), x)
    y = values[:20] - values[:20].mean()
    peer = Ridge(alpha=0.3, fit_intercept=False).fit(x[:20], y).predict(x[20:])
    ours = ridge(SPACE, trained, archs[20:], penalty=0.3)
    np.testing.assert_allclose(ours, values[:20].mean() + peer, rtol=1e-9)


def test_strings_grow_from_the_empty_one():
    space = Space((3, 3, 3, 3), stop=1)
    oracle = Oracle(lambda arch, fidelity=1: Trial(arch, float(arch.count(2))), 12)
    archs = [trial.arch for trial in progressive_search(space, oracle, make_rng(0), beam=3)]
    lengths = [len(arch) - arch.count(1) for arch in archs]
    assert lengths == [0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_no_architecture_is_asked_twice_while_one_grows():
    history = progressive_search(SPACE, Oracle(additive(0), 60), make_rng(0), beam=3)
    archs = [trial.arch for trial in history]
    starts = [i for i, arch in enumerate(archs) if arch in archs[:i]]
    fresh = [arch for i, arch in enumerate(archs) if i not in starts]
    assert len(set(fresh)) == len(fresh)
    assert len(starts) < 10, "only random starts may repeat"


def test_the_surrogate_is_refitted_on_everything_so_far():
    seen = []

    def mine(space, trained, candidates):
        seen.append(len(trained))
        return np.zeros(len(candidates))

    progressive_search(SPACE, Oracle(additive(0), 22), make_rng(0), beam=5, predict=mine)
    assert seen == [9, 14, 19], "the start and its 8 neighbours, then 5 more per level"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"beam": 0}, "beam must be at least 1, got 0"),
        ({"simple": (0, 0)}, "expected a tuple of 4 choice indices"),
    ],
)
def test_senseless_settings_cost_nothing(settings, said):
    oracle = Oracle(additive(0), 50)
    with pytest.raises(ValueError, match=said):
        progressive_search(SPACE, oracle, make_rng(0), **settings)
    assert oracle.spent == 0


@pytest.mark.parametrize("answer", [0.5, [1.0, 2.0], [math.nan] * 23])
def test_a_surrogate_that_does_not_answer_is_named(answer):
    def mine(space, trained, candidates):
        return answer

    with pytest.raises(ValueError, match=r"predict=mine returned (.|\n)*, expected one finite"):
        progressive_search(SPACE, Oracle(additive(0), 50), make_rng(0), predict=mine)


def test_a_penalty_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="penalty must be positive, got 0"):
        ridge(SPACE, [Trial((0, 0, 0, 0), 1.0)], [(0, 0, 0, 1)], penalty=0)
