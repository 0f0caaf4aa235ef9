"""Text sources become the same notebook every time, with ids that outlive edits elsewhere."""

from pathlib import Path

import nbformat
import pytest

from course_lib.teach.build.sources import read_source, to_bytes


def _source(course: Path) -> Path:
    return course / "solutions/lab90_tiny/lab90_tiny.py"


def test_reading_twice_gives_the_same_bytes_of_a_valid_notebook(course):
    first, second = (to_bytes(read_source(_source(course))) for _ in range(2))
    assert first == second
    nbformat.validate(nbformat.reads(first.decode(), as_version=4))


def test_ids_are_unique_even_of_equal_cells(course):
    _source(course).write_text(
        "# %%\nx = 1\n\n# %%\nx = 1\n\n# %% [markdown]\n# x = 1\n", encoding="utf-8"
    )
    ids = [cell.id for cell in read_source(_source(course)).cells]
    assert len(set(ids)) == 3


def test_an_edit_changes_no_other_cells_id_and_a_graded_cell_keeps_its_own(course):
    path = _source(course)
    before = {cell.source: cell.id for cell in read_source(path).cells}
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace("import math", "import cmath")
        .replace("x + x", "2*x"),
        encoding="utf-8",
    )
    after = {cell.source: cell.id for cell in read_source(path).cells}
    same = before.keys() & after.keys()
    assert len(same) == len(before) - 2
    assert all(before[source] == after[source] for source in same)
    graded = next(source for source in after if "def double" in source)
    assert after[graded] in before.values()


def test_no_trace_of_the_text_format_remains(course):
    path = _source(course)
    path.write_text(
        "# ---\n# jupyter:\n#   jupytext:\n#     x: 1\n# ---\n\n\n"
        + path.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    text = to_bytes(read_source(path)).decode()
    assert "jupytext" not in text
    assert "lines_to_next_cell" not in text


def test_one_name_for_two_cells_is_refused(course):
    path = _source(course)
    path.write_text(
        path.read_text(encoding="utf-8").replace('"double_test"', '"double"'), encoding="utf-8"
    )
    with pytest.raises(ValueError, match="grade_id double is used by more than one cell"):
        read_source(path)


def test_a_script_without_cells_is_refused(course):
    _source(course).write_text("print(1)\n", encoding="utf-8")
    with pytest.raises(ValueError, match="expected a py:percent source"):
        read_source(_source(course))


def test_a_collapsed_cell_stays_collapsed(course):
    _source(course).write_text(
        '# %% jupyter={"source_hidden": true}\nx = 1\n\n# %%\nx\n', encoding="utf-8"
    )
    first, second = read_source(_source(course)).cells
    assert first.metadata == {"jupyter": {"source_hidden": True}}
    assert second.metadata == {}
