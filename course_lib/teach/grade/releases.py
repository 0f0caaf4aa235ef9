"""The lab as students have received it: a hand-in may have been made from an earlier release.

Every release that hand-ins are graded against is kept as grading/releases/LAB/HASH.ipynb.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id, to_bytes
from course_lib.teach.files import write_atomically
from course_lib.teach.grade.reading import squeezed


@dataclass(frozen=True)
class Releases:
    """Today's notebook and the earlier ones."""

    today: NotebookNode
    earlier: tuple[NotebookNode, ...] = ()

    @cached_property
    def named(self) -> dict[str, NotebookNode]:
        """Today's cells that nbgrader knows, by their names."""
        return {name: cell for cell in self.today.cells if (name := grade_id(cell)) is not None}

    @cached_property
    def texts(self) -> dict[str, set[str]]:
        """What the cell of a name said in any release, without white space."""
        found: dict[str, set[str]] = {name: set() for name in self.named}
        for cell in self.cells:
            found.setdefault(grade_id(cell) or "", set()).add(squeezed(cell.source))
        return found

    @cached_property
    def released(self) -> set[str]:
        """What any cell said in any release, without white space."""
        return {squeezed(cell.source) for cell in self.cells}

    def is_new(self, name: str) -> bool:
        """Whether some earlier release had no cell of that name."""
        return any(name not in map(grade_id, notebook.cells) for notebook in self.earlier)

    @property
    def cells(self) -> list[NotebookNode]:
        """The cells of all releases, today's first."""
        return [cell for notebook in (self.today, *self.earlier) for cell in notebook.cells]


def kept_releases(folder: Path, today: NotebookNode, handed_out: Path | None = None) -> Releases:
    """Keep today's release in the folder, and return it with those kept there earlier.

    handed_out: the notebook in labs/, which may be older than the source; kept, too.
    A kept file that is no notebook is passed over.
    """
    _keep(folder, to_bytes(today))
    if handed_out and handed_out.is_file():
        _keep(folder, handed_out.read_bytes())
    own = _file(folder, to_bytes(today))
    others = [path for path in sorted(folder.glob("*.ipynb")) if path != own]
    return Releases(today, tuple(notebook for path in others if (notebook := _read(path))))


def _keep(folder: Path, content: bytes) -> None:
    path = _file(folder, content)
    if not path.exists():
        write_atomically(path, content)


def _file(folder: Path, content: bytes) -> Path:
    return folder / f"{hashlib.sha256(content).hexdigest()[:12]}.ipynb"


def _read(path: Path) -> NotebookNode | None:
    try:
        notebook: NotebookNode = nbformat.reads(path.read_text("utf-8"), nbformat.NO_CONVERT)
        nbformat.validate(notebook)
    except Exception:  # whatever an edited file leads to: it helps nobody
        return None
    return notebook
