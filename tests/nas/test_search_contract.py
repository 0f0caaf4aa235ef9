"""What every search promises: one table, one row per search and kind of space."""

from collections.abc import Mapping
from functools import partial

import pytest
import torch

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.nas.controller import reinforce
from course_lib.nas.progressive import progressive_search
from course_lib.nas.q_learning import q_learning
from course_lib.nas.search import (
    local_search,
    metropolis,
    random_search,
    regularized_evolution,
    successive_halving,
)
from course_lib.nas.uniform_paths import random_search_weight_sharing

PLAIN = Space((3, 2, 4))
STOPPING = Space((3, 4, 3, 3), stop=0)


def loop_backup(reward, next_q, terminal, *, discount):
    """As a beginner writes it: one element after the other."""
    return torch.stack(
        [
            r if end else r + discount * max(q)
            for r, q, end in zip(reward, next_q, terminal, strict=True)
        ]
    )


def inherited(arch: tuple[int, ...], fidelity: int = 1) -> Trial:
    """The cheap answers of shared weights: never the measure's own."""
    return Trial(arch, value=(sum(arch) * 3 % 7) / 7, info=Sealed())


SEARCHES = {
    "random": random_search,
    "metropolis": metropolis,
    "evolution": partial(regularized_evolution, population=5, tournament=3),
    "local": local_search,
    "halving": partial(successive_halving, candidates=6, fidelities=(1, 3), eta=3),
    "progressive": partial(progressive_search, beam=3),
    "weight sharing": partial(random_search_weight_sharing, inherited=inherited, paths=6, keep=2),
    "reinforce": partial(reinforce, batch=4, hidden=4),
    "q_learning": partial(q_learning, replay=5),
    "q_learning, loop": partial(q_learning, replay=5, backup=loop_backup),
}

every_search = pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
every_space = pytest.mark.parametrize("space", [PLAIN, STOPPING], ids=["plain", "stop"])


class Sealed(Mapping[str, float]):
    """An `info` that no search may open."""

    def refuse(self, *_):
        raise AssertionError("a search read info, which is for reports only")

    __getitem__ = __iter__ = __len__ = __contains__ = __eq__ = __bool__ = refuse
    get = keys = values = items = refuse
    __hash__ = None


def measure(arch: tuple[int, ...], fidelity: int = 1) -> Trial:
    """Uneven costs that grow with the fidelity; values with ties."""
    cost = fidelity * (0.7 + 0.1 * (sum(arch) % 3))
    return Trial(arch, value=(sum(arch) * 7 % 5) / 5, cost=cost, info=Sealed())


def asked(search, space: Space, seed: int, budget: float = 23.0) -> list[tuple]:
    history = search(space, Oracle(measure, budget), make_rng(seed))
    return [(trial.arch, trial.value, trial.cost) for trial in history]


@every_search
@every_space
def test_same_seed_same_history_and_another_seed_another(search, space):
    assert asked(search, space, seed=1) == asked(search, space, seed=1)
    assert len({str(asked(search, space, seed)) for seed in range(3)}) == 3


@every_search
@every_space
def test_spends_the_budget_to_the_last_answer_it_pays(search, space):
    questions = []

    def recorded(arch, fidelity=1):
        questions.append(measure(arch, fidelity))
        return questions[-1]

    for budget in (0.5, 5.0, 23.0):  # none, or at least what every row needs to begin
        questions.clear()
        oracle = Oracle(recorded, budget)
        history = search(space, oracle, make_rng(0))
        assert history is oracle.history
        assert oracle.spent <= budget
        assert not oracle.open
        # it stopped because what was left did not pay one more answer, not of its own accord
        assert len(questions) == len(history) + 1 or oracle.spent == budget


@every_search
@every_space
def test_asks_only_for_architectures_of_the_space(search, space):
    for seed in range(3):
        assert all(arch in space for arch, _, _ in asked(search, space, seed))


@every_search
@every_space
def test_global_random_state_is_left_alone(search, space):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    history = asked(search, space, seed=0)
    assert torch.equal(before, torch.get_rng_state())
    torch.rand(3)
    assert asked(search, space, seed=0) == history, "the global state must not matter"


@every_search
def test_goes_on_after_the_whole_space_is_known(search):
    tiny = Space((2, 1, 2))
    oracle = Oracle(lambda arch, fidelity=1: Trial(arch, 0.0, cost=float(fidelity)), 60)
    history = search(tiny, oracle, make_rng(0))
    assert len({trial.arch for trial in history}) == tiny.size
    assert not oracle.open


def test_the_sealed_info_would_be_noticed():
    def peeking(space, oracle, rng):
        with oracle:
            while True:
                dict(oracle(space.sample(rng)).info)

    with pytest.raises(AssertionError, match="read info"):
        asked(peeking, PLAIN, seed=0)
