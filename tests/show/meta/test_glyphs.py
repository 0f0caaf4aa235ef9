"""Pictures of glyphs and of an episode: they hold what the images hold, and say so."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course_lib.core import make_rng
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import GlyphSplits
from course_lib.meta.prototypes import nearest_neighbour
from course_lib.show.figure import picture
from course_lib.show.meta.glyphs import episode_info, glyphs_info, plot_episode, plot_glyphs

SCRIPTS = ("One", "One", "Two", "Three", "Three", "Three")


def few(labels: range) -> FewShotImages:
    """Three images of each class, all pixels label / 10."""
    own = torch.tensor([label for label in labels for _ in range(3)])
    return FewShotImages((own / 10).float()[:, None, None].expand(-1, 4, 4), own)


@pytest.fixture(scope="module")
def splits() -> GlyphSplits:
    return GlyphSplits(few(range(2)), few(range(2, 3)), few(range(3, 6)), tuple("abcdef"), SCRIPTS)


def test_a_sheet_holds_the_characters_of_each_script(splits):
    info = glyphs_info(splits, make_rng(0), columns=2)
    assert info.scripts == ("One", "Two", "Three")
    assert info.splits == ("train", "valid", "test")
    assert info.sizes == (2, 1, 3)
    assert [row.shape for row in info.pictures] == [(2, 4, 4), (1, 4, 4), (2, 4, 4)]
    seen = [{round(10 * float(image[0, 0])) for image in row} for row in info.pictures]
    assert seen[0] == {0, 1}
    assert seen[1] == {2}
    assert seen[2] < {3, 4, 5}
    said = info.describe()
    assert "train: One (2); valid: Two (1); test: Three (3)" in said
    assert picture(plot_glyphs, info).png


def test_an_episode_holds_the_answers_of_its_method(splits):
    def always_two(theta, support_x, support_y, query_x):
        return F.one_hot(torch.full((len(query_x),), 2), 3).float()

    info = episode_info(
        always_two,
        {},
        splits.test,
        make_rng(1),
        ways=3,
        queries=2,
        method="A stubborn one",
        name=lambda label: splits.characters[label],
    )
    assert info.support.shape == (3, 1, 4, 4)
    assert info.query.shape == (3, 2, 4, 4)
    assert (info.answers == 2).all()
    assert info.right.sum() == 2
    assert info.right[2].all()
    for row, name in enumerate(info.names):
        label = splits.characters.index(name)
        np.testing.assert_allclose(info.support[row], label / 10)
        np.testing.assert_allclose(info.query[row], label / 10)
    said = info.describe()
    assert "A stubborn one classifies 2 of 6 queries rightly" in said
    assert said.count("called 2") == 4
    ax = plot_episode(info)
    marks = [text.get_text() for text in ax.texts]
    assert marks.count("2?") == 4


def test_a_method_that_is_right_has_nothing_framed(splits):
    info = episode_info(nearest_neighbour(3), {}, splits.test, make_rng(2), ways=3, queries=2)
    assert info.right.all()
    assert info.names == ()
    assert "wrong" not in info.describe()
    assert not plot_episode(info).patches
