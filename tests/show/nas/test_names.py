import pytest

from course_lib.core import Space
from course_lib.nas.cells import OPERATIONS, CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.strings import StringSpace
from course_lib.show.nas.dag_layout import dag_layout
from course_lib.show.nas.names import choice_names, edge_names


@pytest.mark.parametrize("space", [StringSpace(layers=4), StringSpace(layers=3, skips=False)])
def test_names_fit_the_decisions(space: StringSpace) -> None:
    decisions, choices = choice_names(space)
    assert [len(names) for names in choices] == list(space.choices)
    assert len(decisions) == len(set(decisions)) == len(space.choices)


def test_names_of_cells_and_of_numbered_spaces() -> None:
    decisions, choices = choice_names(CellSpace(OPERATIONS[1:3]))
    assert decisions == ["0→1", "0→2", "1→2", "0→3", "1→3", "2→3"]
    assert choices == [["skip", "conv 1×1"]] * 6
    assert choice_names(Space([2, 3])) == (["1", "2"], [["0", "1"], ["0", "1", "2"]])


@pytest.mark.parametrize("space", [CellSpace(), DartsSpace()])
def test_every_edge_of_the_graph_has_a_name_of_its_own(space: CellSpace | DartsSpace) -> None:
    names = edge_names(space)
    assert len(set(names)) == space.edges
    assert names == [edge.name for edge in dag_layout(space).edges]
