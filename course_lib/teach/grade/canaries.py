"""Two cells at the end of every graded notebook that show whether its kernel still tells the truth.

Code in a hand-in can patch the machinery that reports errors and values, so that every test seems
to pass. The first canary must fail and the second must print 0.0; a kernel where they do not has
been tampered with. They carry no points and are taken out of the feedback.
"""

from typing import Any

import nbformat
from nbformat import NotebookNode

_FAILS = ("canary-fails", "raise AssertionError('this cell has to fail')  # added by grading")
_ZERO = ("canary-zero", "0.0  # added by grading")
IDS = frozenset({_FAILS[0], _ZERO[0]})


def add_canaries(notebook: NotebookNode) -> None:
    """Append the two cells."""
    for identity, source in (_FAILS, _ZERO):
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "id": identity,
            "metadata": {},
        }
        notebook.cells.append(nbformat.from_dict({**cell, "outputs": [], "source": source}))


def deaf(notebook: NotebookNode) -> list[str]:
    """What the canaries of an executed notebook betray; empty when all is well."""
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.id in IDS}
    found = []
    if not any(output.output_type == "error" for output in outputs.get(_FAILS[0], [])):
        found.append("tampered: an error is not reported as one")
    shown = [output.get("data", {}).get("text/plain") for output in outputs.get(_ZERO[0], [])]
    if shown != ["0.0"]:
        found.append("tampered: the value 0.0 is not shown as 0.0")
    return found
