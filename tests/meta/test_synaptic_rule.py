"""The rule with sixteen parameters: which rules it holds, its gradient, and that it learns."""

from functools import partial
from itertools import combinations
from math import prod

import pytest
import torch
from torch.optim import Adam

from course_lib.core import make_rng
from course_lib.core.meta_train import meta_train
from course_lib.meta.neuron import (
    delta_rule,
    errors,
    hebb_rule,
    learn,
    presentations,
    threshold_functions,
)
from course_lib.meta.synaptic_rule import (
    TERMS,
    VARIABLES,
    coefficients,
    rule_objective,
    synaptic_rule,
)

LOCAL = tuple(torch.randn(5, 3, generator=make_rng(k)) for k in range(4))


def test_the_terms_are_all_subsets_of_the_variables() -> None:
    subsets = [set(some) for n in range(5) for some in combinations(VARIABLES, n)]
    named = [set(name.split()) - {"1"} for name in TERMS]
    assert len(TERMS) == 16
    assert all(some in named for some in subsets)


@pytest.mark.parametrize("name", TERMS)
def test_each_coefficient_weighs_the_product_that_its_name_says(name: str) -> None:
    values = dict(zip(VARIABLES, LOCAL, strict=True))
    product = prod((values[word] for word in name.split() if word != "1"), start=torch.ones(5, 3))
    torch.testing.assert_close(synaptic_rule(coefficients({name: -0.7}))(*LOCAL), -0.7 * product)


def test_hebb_and_delta_are_among_these_rules() -> None:
    hebb, delta = {"pre teacher": 0.4}, {"pre teacher": 0.2, "pre post": -0.2}
    torch.testing.assert_close(synaptic_rule(coefficients(hebb))(*LOCAL), hebb_rule(0.4)(*LOCAL))
    torch.testing.assert_close(synaptic_rule(coefficients(delta))(*LOCAL), delta_rule(0.2)(*LOCAL))


def test_the_gradient_through_all_learning_is_that_of_finite_differences() -> None:
    tasks = presentations(*threshold_functions(2), make_rng(0), tasks=3)
    tasks = type(tasks)(*(part.double() for part in tasks))
    theta = 0.1 * torch.randn(16, generator=make_rng(1), dtype=torch.float64)
    theta.requires_grad_()
    assert torch.autograd.gradcheck(lambda t: rule_objective({"rule": t}, tasks)[0], (theta,))


def test_a_learnt_rule_teaches_functions_that_it_never_saw_better_than_hebb() -> None:
    patterns, functions = threshold_functions(3)
    order = torch.randperm(len(functions), generator=make_rng(0))
    seen, unseen = functions[order[:52]], functions[order[52:]]
    theta, log = meta_train(
        {"rule": 0.01 * torch.randn(16, generator=make_rng(1))},
        rule_objective,
        lambda rng: presentations(patterns, seen, rng, tasks=16),
        make_rng(2),
        steps=60,
        optimizer=partial(Adam, lr=0.03),
    )
    assert log["loss"][-5:].mean() < 0.7 * log["loss"][0]
    tasks = presentations(patterns, unseen, make_rng(3), tasks=200)

    def wrong(rule) -> float:
        return errors(learn(rule, tasks.support_x, tasks.support_y)[-1:], tasks).mean().item()

    assert wrong(synaptic_rule(theta["rule"])) < min(wrong(hebb_rule(r)) for r in (0.1, 1.0)) / 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: synaptic_rule(torch.zeros(7)), r"\(16,\), got \(7,\)"),
        (lambda: coefficients({"post pre": 1.0}), "no term post pre; there are 1, pre"),
    ],
)
def test_what_is_no_coefficient_is_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
