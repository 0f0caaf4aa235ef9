"""What is taken out of a graded notebook before it becomes a page for others to read."""

import json
import re
from typing import Any

from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course_lib.teach.build.leaks import leaks, needles
from course_lib.teach.build.markers import Block, Split
from course_lib.teach.grade.safe_html import clean, safe_output

_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[^\n]*END HIDDEN TESTS[^\n]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
_NOTE = "# (further cases, which are not shown, are tested here)\n"
_NOTEBOOK_METADATA = {"kernelspec", "language_info"}


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
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return clean(MarkdownWithMath(renderer=renderer).render(source))


def _shown(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "stream":
        return None
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output
