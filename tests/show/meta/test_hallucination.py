"""The pictures of hallucinated examples: they hold what was drawn, and say so."""

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.hallucinate import accuracies, nearest_mean
from course_lib.show.figure import picture
from course_lib.show.lines import plot_lines
from course_lib.show.meta.hallucination import hallucination_info, plot_hallucination, shots_info


@pytest.fixture(scope="module")
def features() -> FewShotImages:
    """Ten classes on a plane in eight dimensions, with a little noise."""
    rng = make_rng(0)
    plane = torch.linalg.qr(torch.randn(8, 2, generator=rng)).Q.T
    places = 5 * torch.randn(10, 1, 2, generator=rng) @ plane
    x = 30 + places + 0.1 * torch.randn(10, 20, 8, generator=rng)
    labels = torch.arange(10).repeat_interleave(20)
    return FewShotImages(x.flatten(0, 1)[:, None], labels)


def beside(examples: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    return examples + 0.5 * torch.randn(examples.shape, generator=rng)


def test_an_episode_in_the_plane_of_its_queries(features):
    info = hallucination_info(features, beside, make_rng(1), method="blur", shots=2, queries=8)
    assert info.real.shape == (5, 2, 2)
    assert info.hallucinated.shape == (5, 8, 2)
    assert info.queries.shape == (5, 8, 2)
    assert info.share > 0.99, "the classes lie on a plane"
    np.testing.assert_allclose(info.queries.mean((0, 1)), 0, atol=1e-9)
    between = np.linalg.norm(info.queries[:, 0] - info.real[:, 0], axis=1)
    assert between.max() < 1, "the projection keeps what is near near"
    hallucinated, queries = info.spread
    assert hallucinated == pytest.approx(0.5 * np.sqrt(8), rel=0.25)
    assert queries == pytest.approx(0.1 * np.sqrt(8), rel=0.25)
    said = info.describe()
    for words in ("5 classes", "2 real", "8 hallucinated (blur)", f"{info.accuracy[1]:.0%}"):
        assert words in said
    assert picture(plot_hallucination, info).png
    ax = plot_hallucination(info)
    drawn = [tuple(line.get_xdata()) for line in ax.lines]
    for row in (*info.real, *info.hallucinated, *info.queries):
        assert tuple(row[:, 0]) in drawn


def test_accuracy_against_shots_is_that_of_the_same_episodes(features):
    info = shots_info(features, {"blur": beside}, make_rng(2), episodes=20, shots=(1, 2), total=4)
    assert set(info.lines) == {"real", "blur"}
    rng = make_rng(2)
    for place, shots in enumerate((1, 2)):
        found = accuracies(
            features, {"blur": beside}, rng, solve=nearest_mean(), episodes=20, shots=shots, total=4
        )
        for name, line in info.lines.items():
            assert line[place] == pytest.approx(100 * float(found[name].mean()), abs=1e-4)
            low, high = (edge[place] for edge in info.bands[name])
            assert low <= line[place] <= high
    assert "20 episodes" in info.describe()
    assert picture(plot_lines, info).png


def test_what_cannot_be_drawn_is_refused(features):
    for wrong in ({"shots": 10}, {"ways": 6}, {"ways": 1}):
        with pytest.raises(ValueError, match="expected shots < total and 2 to 5 ways"):
            hallucination_info(features, beside, make_rng(0), method="blur", **wrong)
