import pytest
from matplotlib.text import Annotation

from course_lib.core import make_rng
from course_lib.nas.cells import OPERATIONS, CellSpace
from course_lib.show.nas.cells import cell_info, plot_cell, short_name

SPACE = CellSpace()


@pytest.mark.parametrize("seed", range(3))
def test_each_edge_carries_its_operation_in_words_colour_and_line(seed: int) -> None:
    arch = SPACE.sample(make_rng(seed))
    info = cell_info(SPACE, arch)
    ax = plot_cell(info)
    arrows = [text for text in ax.texts if isinstance(text, Annotation)]
    labels = [text.get_text() for text in ax.texts]
    assert len(arrows) == 6
    for operation in OPERATIONS:
        assert labels.count(short_name(operation)) == info.operations.count(operation)
    looks = {(a.arrow_patch.get_edgecolor(), a.arrow_patch.get_linestyle()) for a in arrows}
    assert len(looks) == len(set(info.operations))


def test_description_names_every_edge() -> None:
    info = cell_info(SPACE, (0, 1, 2, 3, 4, 3))
    assert "0 to 1: zero, 0 to 2: skip, 1 to 2: conv 1×1, 0 to 3: conv 3×3" in info.describe()
    assert info.text == SPACE.describe((0, 1, 2, 3, 4, 3))
