"""Fast weights: the task's rules, the recurrence on paper, memory that a fixed net lacks."""

from functools import partial
from math import log as ln

import pytest
import torch
from torch.optim import Adam

from course_lib.core import make_rng
from course_lib.core.meta_train import meta_train
from course_lib.meta.fast_weights import (
    KEYS,
    VALUES,
    episodes,
    fixed,
    outer_product,
    recall_objective,
    recalled,
    run,
    slow_network,
)


def test_every_question_has_been_answered_before_and_once() -> None:
    task = episodes(make_rng(0), count=30, pairs=4, distractors=6)
    assert task.x.shape == (30, 14, KEYS + VALUES + 2)
    for x, y in zip(task.x, task.y, strict=True):
        store, ask = x[:, -2].bool(), x[:, -1].bool()
        assert store.sum() == 4
        assert not store[10:].any()
        assert ask.tolist() == [False] * 10 + [True] * 4
        stored = {tuple(row[:KEYS].tolist()): row[KEYS:-2].tolist() for row in x[store]}
        assert len(stored) == 4
        questions = [tuple(row.tolist()) for row in x[ask][:, :KEYS]]
        assert sorted(questions) == sorted(stored)
        assert [stored[key] for key in questions] == y.tolist()
        assert (x[ask][:, KEYS:-2] == 0).all()


def test_values_are_fair_coins_that_keys_say_nothing_about() -> None:
    """Chance is one half: each correlation of a key's bit with a value's bit is noise."""
    task = episodes(make_rng(0), count=4000, pairs=1, distractors=0)
    key, value = task.x[:, 0, :KEYS], task.y[:, 0]
    assert (key.T @ value / 4000).abs().max() < 5 / 4000**0.5


def test_one_stored_pair_is_the_outer_product_under_tanh() -> None:
    fast, to, from_ = torch.randn(2, 3), torch.tensor([0.5, -1.0]), torch.tensor([1.0, 0.0, 2.0])
    after = outer_product(fast, to, from_)
    for i in range(2):
        for j in range(3):
            assert after[i, j] == pytest.approx(float(torch.tanh(fast[i, j] + to[i] * from_[j])))
    assert fixed(fast, to, from_) is fast


def test_a_run_is_the_recurrence_step_by_step() -> None:
    theta = slow_network(make_rng(0), hidden=5, units=3)
    theta["bias"] = torch.randn(5, generator=make_rng(2))
    x = episodes(make_rng(1), count=4, pairs=2, distractors=1).x
    answers, history = run(theta, x)
    for row, answer, seen in zip(x, answers, history, strict=True):
        fast = theta["fast"]
        for t, one in enumerate(row):
            hidden = torch.tanh(one @ theta["hidden"] + theta["bias"])
            from_, to = torch.tanh(hidden @ theta["from"]), torch.tanh(hidden @ theta["to"])
            torch.testing.assert_close(answer[t], fast @ from_)
            fast = torch.tanh(fast + torch.outer(to, from_))
            torch.testing.assert_close(seen[t], fast)
    assert history.abs().max() < 1


def test_answers_depend_on_the_past_through_the_fast_weights_alone() -> None:
    theta = slow_network(make_rng(0))
    x = episodes(make_rng(1), count=2, pairs=2).x
    other = x.clone()
    other[:, 0, 0] *= -1
    assert not torch.allclose(run(theta, x)[0][:, -1], run(theta, other)[0][:, -1])
    theta["fast"] = torch.randn(theta["fast"].shape, generator=make_rng(2))
    kept = [run(theta, seen, fixed)[0][:, 1:] for seen in (x, other)]
    torch.testing.assert_close(*kept)


def test_trained_it_recalls_what_a_fixed_network_cannot() -> None:
    def trained(write):
        theta, log = meta_train(
            slow_network(make_rng(0), hidden=16),
            partial(recall_objective, write=write),
            lambda rng: episodes(rng, count=32, pairs=1, distractors=2),
            make_rng(1),
            steps=150,
            optimizer=partial(Adam, lr=0.02),
        )
        test = episodes(make_rng(2), count=500, pairs=1, distractors=2)
        return recalled(theta, test, write).mean().item(), log["loss"][-20:].mean()

    right, loss = trained(outer_product)
    assert right > 0.9
    assert loss < 0.4
    right, loss = trained(fixed)
    assert right == pytest.approx(0.5, abs=0.05)  # 2,000 bits: five standard errors
    assert loss > ln(2) - 0.02


@pytest.mark.parametrize(("pairs", "distractors"), [(0, 1), (65, 1), (1, -1)])
def test_episodes_that_cannot_be_are_refused(pairs: int, distractors: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 64 pairs"):
        episodes(make_rng(0), count=1, pairs=pairs, distractors=distractors)
