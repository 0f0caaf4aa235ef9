"""A graded notebook as a page for others to read: what is taken out, and what is said of points."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from traitlets.config import Config

from course_lib.teach.build.leaks import leaks, needles
from course_lib.teach.build.markers import Block, Split
from course_lib.teach.grade.formulas import FormulaRenderer
from course_lib.teach.grade.safe_html import clean, safe_output
from course_lib.teach.grade.scores import waits

_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[^\n]*END HIDDEN TESTS[^\n]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
_NOTE = "# (further cases, which are not shown, are tested here)\n"
_NOTEBOOK_METADATA = {"kernelspec", "language_info"}


class FeedbackPage(HTMLExporter):
    """A graded notebook as one file that loads nothing from elsewhere."""

    @property
    def default_config(self) -> Config:
        """The template in `pages/feedback_page`."""
        own = {
            "template_name": "feedback_page",
            "extra_template_basedirs": [str(Path(__file__).parent / "pages")],
        }
        config = Config({"FeedbackPage": own})
        config.merge(super().default_config)
        return config


class Points(GetGrades):  # type: ignore[misc]
    """Points and comments from the gradebook, and which answers still wait for a person."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with `exercise` and `waits` in the cells' metadata."""
        nb, resources = super().preprocess(nb, resources)
        own = [cell.metadata["nbgrader"] for cell in nb.cells if "nbgrader" in cell.metadata]
        for part in own:
            part["exercise"] = str(part.get("grade_id", "")).removesuffix("_test")
        resources["nbgrader"]["waits"] = any(part.get("waits") for part in own)
        return nb, resources

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        place = (self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(cell.metadata["nbgrader"]["grade_id"], *place)
        cell.metadata["nbgrader"]["waits"] = waits(grade)


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Take hidden tests out of the sources, and out of the outputs that would quote them.

    In a test cell an error keeps its name and message without the traceback, which quotes source
    lines, and what the tested function printed goes, because it may print the hidden cases. In
    any other cell an output that contains a hidden line goes as a whole.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook without its hidden tests."""
        graded = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        secret = [
            Block("HIDDEN TESTS", tuple(region.splitlines()))
            for cell in graded
            for region in _HIDDEN.findall(cell.source)
        ]
        for cell in graded:
            if _HIDDEN.search(cell.source):
                cell.source = _HIDDEN.sub(_NOTE, cell.source)
                cell.outputs = [kept for output in cell.outputs if (kept := _shown(output))]
        public = tuple(line for cell in graded for line in cell.source.splitlines())
        wanted = needles(Split(public, tuple(secret)))
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = [
                    o for o in cell.outputs if not leaks(wanted, json.dumps(o).encode())
                ]
        return nb, resources


class SafeNotebook(NbGraderPreprocessor):  # type: ignore[misc]
    """Keep what cannot act in the reader's browser: no scripts, widgets or foreign images."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with safe outputs and without metadata that a page does not need."""
        nb.metadata = {key: nb.metadata[key] for key in _NOTEBOOK_METADATA & nb.metadata.keys()}
        for cell in nb.cells:
            cell.metadata = {key: cell.metadata[key] for key in {"nbgrader"} & cell.metadata.keys()}
            if cell.cell_type == "code":
                cell.outputs = [safe_output(output) for output in cell.outputs]
        return nb, resources


@pass_context
def safe_markdown(context: Any, source: str) -> str:
    """Markdown rendered as everywhere else, then reduced to harmless tags (a jinja2 filter)."""
    return markdown_html(source, context.get("cell", {}).get("attachments", {}))


def markdown_html(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Markdown as harmless HTML, its formulas drawn. attachments: pictures of its cell."""
    renderer = FormulaRenderer(escape=False, attachments=dict(attachments or {}))
    return clean(MarkdownWithMath(renderer=renderer).render(source))


def _shown(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "stream":
        return None
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output
