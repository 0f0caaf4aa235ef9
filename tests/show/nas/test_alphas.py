"""Weights and entropies over a search: what is drawn is what the log holds."""

import numpy as np
import pytest
import torch

from course_lib.core import Log, make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.show.figure import picture
from course_lib.show.nas.alphas import alphas_info, plot_alphas, undecided_info
from course_lib.show.nas.names import edge_names

CELLS, DARTS = CellSpace(), DartsSpace()


def random_log(space, entries: int = 8, seed: int = 0) -> Log:
    rng, log = make_rng(seed), Log()
    alpha = torch.zeros(space.edges, len(space.operations))
    for entry in range(entries):
        alpha = alpha + torch.randn(alpha.shape, generator=rng)
        log.append(epoch=(entry + 1) / 2, alpha=alpha)
    return log


@pytest.mark.parametrize("space", [CELLS, DARTS])
def test_weights_are_a_distribution_on_every_edge(space) -> None:
    info = alphas_info(space, random_log(space))
    assert info.weights.shape == (8, space.edges, len(space.operations))
    np.testing.assert_allclose(info.weights.sum(-1), 1)
    assert picture(plot_alphas, info).alt == info.describe()


def test_words_name_the_favourite_and_the_entropy() -> None:
    log = Log()
    log.append(epoch=1, alpha=torch.zeros(6, 5))
    alpha = torch.zeros(6, 5)
    alpha[:, 3] = 50.0
    log.append(epoch=2, alpha=alpha)
    words = alphas_info(CELLS, log).describe()
    assert "from 1.61 to 0.00 nats" in words
    assert words.count("conv 3×3 1.00") == 6


def test_some_rows_can_be_chosen_and_a_wrong_space_is_refused() -> None:
    info = alphas_info(DARTS, random_log(DARTS), edges=[0, 9])
    assert info.edges == (edge_names(DARTS)[0], edge_names(DARTS)[9])
    assert info.weights.shape[1] == 2
    with pytest.raises(ValueError, match=r"the log has 6 edges, the space"):
        alphas_info(DARTS, random_log(CELLS))


def test_undecided_edges_stand_below_the_even_mixture() -> None:
    weights = torch.rand(4, 6, 5, generator=make_rng(0), dtype=torch.float64).softmax(-1)
    entropies = torch.distributions.Categorical(weights).entropy()
    info = undecided_info([1, 2, 3, 4], entropies, edge_names(CELLS), 5)
    assert list(info.lines) == ["0→1", "0→2", "1→2", "0→3", "1→3", "2→3"]
    np.testing.assert_array_equal(list(info.lines.values()), entropies.T)
    even = torch.distributions.Categorical(torch.ones(5)).entropy()
    assert info.marks == {"even mixture": pytest.approx(float(even), rel=1e-6), "decided": 0}
    assert f"even mixture: {even:.3g}" in info.describe()


@pytest.mark.parametrize("shape", [(4, 3), (3, 2), (8,)])
def test_entropies_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one column per edge"):
        undecided_info([1, 2, 3, 4], np.zeros(shape), ("a", "b"), 3)
