"""What a hall sees of a lecture: algorithms in the open, code of pictures collapsed, sources."""

import ast
import re
from pathlib import Path

import pytest
from nbformat import NotebookNode

from course_lib.teach.build.sources import read_source

LECTURES = sorted((Path(__file__).parents[1] / "lectures").glob("*.py"))
LINES, SHARE = 220, 0.5
CITED = re.compile(r"\(([A-Z]\w+)[^()]*?, ((?:19|20)\d\d)\)")
DRAWN = {"picture", "pictures", "claim"}

each_lecture = pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)


def code(path: Path) -> list[NotebookNode]:
    return [cell for cell in read_source(path).cells if cell.cell_type == "code"]


def collapsed(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def lines(cells: list[NotebookNode]) -> int:
    return sum(bool(line.strip()) for cell in cells for line in cell.source.splitlines())


@each_lecture
def test_at_most_half_of_the_code_is_in_the_open(path: Path) -> None:
    cells = code(path)
    seen = lines([cell for cell in cells if not collapsed(cell)])
    assert 0 < seen <= LINES
    assert seen <= SHARE * lines(cells)


@each_lecture
def test_what_draws_is_collapsed(path: Path) -> None:
    for cell in code(path):
        nodes = list(ast.walk(ast.parse(cell.source)))
        called = {getattr(node.func, "id", "") for node in nodes if isinstance(node, ast.Call)}
        modules = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
        draws = called & DRAWN or any(name.startswith("course_lib.show") for name in modules)
        assert collapsed(cell) or not draws, cell.source[:200]


@each_lecture
def test_what_is_defined_for_the_lesson_is_in_the_open(path: Path) -> None:
    for cell in filter(collapsed, code(path)):
        nodes = ast.walk(ast.parse(cell.source))
        assert not [node.name for node in nodes if isinstance(node, ast.FunctionDef)]


@each_lecture
def test_it_ends_with_the_sources_of_what_it_cites(path: Path) -> None:
    prose = [cell.source for cell in read_source(path).cells if cell.cell_type == "markdown"]
    _, _, sources = prose[-1].partition("**Sources.** ")
    assert "Atlas Wang" in sources
    for name, year in CITED.findall("\n".join(prose)):
        work = rf"\b{name}\b[^*]*\*[^*]*\*[^*]*(?:and \*[^*]*\*[^*]*)?\b{year}\b"
        assert re.search(work, sources), (name, year)
