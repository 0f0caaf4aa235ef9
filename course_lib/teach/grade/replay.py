"""nbgrader's Autograde without its own execution: it scores a notebook that has been executed."""

from copy import deepcopy
from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Unicode
from traitlets.config import Config

from course_lib.teach.grade.database import disk_may_be_full
from course_lib.teach.grade.nbgrading import NbgraderError, convert


class Replay(NbGraderPreprocessor):  # type: ignore[misc]
    """Put in the outputs of the executed notebook, cell by cell."""

    executed = Unicode(help="the executed notebook's JSON").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with outputs; ValueError if another one was executed."""
        executed = nbformat.reads(self.executed, as_version=4)
        if [cell.source for cell in nb.cells] != [cell.source for cell in executed.cells]:
            raise ValueError("what was executed is not what was handed in: run the command again")
        for cell, ran in zip(nb.cells, executed.cells, strict=True):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        return nb, resources


def replaying(config: Config, executed: str) -> None:
    """Let Autograde score this notebook; `nbgrader autograde` itself still executes."""
    config.Replay.executed = executed
    config.Autograde.force = True
    config.Autograde.autograde_preprocessors = [
        Replay,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]


def score(config: Config, lab: str, student: str, notebook: str) -> str:
    """Let nbgrader enter the scores of an executed notebook; '' or why it could not.

    OSError: there is no room for them.
    """
    config = deepcopy(config)
    replaying(config, notebook)
    try:
        with disk_may_be_full():
            convert(Autograde, config, lab=lab, student=student)
    except NbgraderError as error:
        return f"could not be graded: {error}"
    return ""
