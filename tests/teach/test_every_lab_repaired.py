"""Repair on the course's own labs: an honest notebook is left alone, a bare one is read in full."""

import copy

import nbformat
import pytest

from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.reading import Unreadable
from course_lib.teach.grade.releases import Releases
from course_lib.teach.grade.repair import repair
from course_lib.teach.places import labs
from tests.teach.tiny_release import dump, sources
from tests.teach.whole_class import ROOT, solution

RELEASES = {
    lab.name: Releases(nbformat.read(lab.release / f"{lab.name}.ipynb", as_version=4))
    for lab in labs(ROOT)
}
TEXT = "The mean of many numbers says little about the largest of them."


def _answered(lab: str):
    """The release with the solution in it."""
    answers = solution(lab) | {"written": TEXT}
    notebook = copy.deepcopy(RELEASES[lab].today)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell) or "", cell.source)
    return notebook


def _bare(notebook, *, ids: bool):
    for number, cell in enumerate(notebook.cells):
        cell.metadata.clear()
        cell.id = cell.id if ids else f"new{number}"
    return notebook


@pytest.mark.parametrize("lab", RELEASES)
def test_the_solution_is_left_as_it_is(lab):
    notebook = _answered(lab)
    repaired = repair(dump(notebook), RELEASES[lab])
    assert repaired.notes == []
    assert [c.source for c in repaired.notebook.cells] == [c.source for c in notebook.cells]


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("lab", RELEASES)
def test_without_any_metadata_every_cell_is_found(lab, ids):
    whole = repair(dump(_answered(lab)), RELEASES[lab])
    bare = repair(dump(_bare(_answered(lab), ids=ids)), RELEASES[lab])
    assert sources(bare) == sources(whole)


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("lab", RELEASES)
def test_no_lab_is_taken_for_another(lab, bare):
    notebook = _bare(_answered(lab), ids=True) if bare else _answered(lab)
    for other in RELEASES.keys() - {lab}:
        with pytest.raises(Unreadable, match="another notebook"):
            repair(dump(notebook), RELEASES[other])
