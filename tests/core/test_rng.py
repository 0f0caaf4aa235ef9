"""Laws of randomness: draws come from the generator that was given, never from the global one."""

import pytest
import torch
from scipy.stats import chisquare, kstest
from torch import nn

from course_lib.core import make_rng, module_rng, randint, uniform


def test_same_seed_same_draws_other_seed_other_draws():
    def draw(seed):
        rng = make_rng(seed)
        return [randint(rng, 10**6), uniform(rng), randint(rng, 10**6)]

    assert draw(3) == draw(3) != draw(4)


def test_draws_have_the_distribution_they_promise():
    rng = make_rng(0)
    integers = torch.bincount(torch.tensor([randint(rng, 5) for _ in range(2000)]), minlength=5)
    # false alarm 1e-4 each, and the seed is fixed
    assert chisquare(integers).pvalue > 1e-4
    assert kstest([uniform(rng) for _ in range(2000)], "uniform").pvalue > 1e-4


def test_modules_are_made_from_the_generator_and_the_global_state_is_restored():
    def weights(seed):
        with module_rng(make_rng(seed)):
            return nn.Linear(3, 3).weight

    before = torch.get_rng_state()
    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(ZeroDivisionError), module_rng(make_rng(0)):
        torch.rand(1).item() / 0
    assert torch.equal(before, torch.get_rng_state())
