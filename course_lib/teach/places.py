"""Where the course's files are, and how hand-ins are named."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import course_lib

STUDENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
"""An id of a student, which is also a file name."""
NAME_TIME = "%Y%m%dT%H%M%SZ"
"""The time of a hand-in, in UTC, in its file's name."""
STAMP = "%Y-%m-%d %H:%M:%S UTC\n"
"""The content of timestamp.txt, which nbgrader reads."""
MINUTES = "minutes.json"
"""In a hand-in, what a student chose to tell of the time that it took."""
SETTINGS = "work/.jupyter"
"""Where JupyterLab's settings for this course lie, below the course folder."""
HOME_FOLDERS = ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "IPYTHONDIR")
"""What Jupyter and IPython write below the home folder, as the variables that say where."""


@dataclass(frozen=True)
class Lab:
    """The files of one lab: text source and notebook with answers, and the release."""

    root: Path
    name: str

    @property
    def source(self) -> Path:
        return self.root / "solutions" / self.name / f"{self.name}.py"

    @property
    def solution(self) -> Path:
        return self.source.with_suffix(".ipynb")

    @property
    def release(self) -> Path:
        """The folder that students receive."""
        return self.root / "labs" / self.name


@dataclass(frozen=True)
class Lecture:
    """The files of one lecture: text source and executed notebook."""

    root: Path
    name: str

    @property
    def source(self) -> Path:
        return self.root / "lectures" / f"{self.name}.py"

    @property
    def notebook(self) -> Path:
        return self.source.with_suffix(".ipynb")


def labs(root: Path) -> list[Lab]:
    """All labs that have a source, in the order of their numbers."""
    found = sorted((root / "solutions").glob("lab*/lab*.py"))
    return [Lab(root, path.stem) for path in found if path.stem == path.parent.name]


def lectures(root: Path) -> list[Lecture]:
    """All lectures that have a source, in the order of their numbers."""
    return [Lecture(root, path.stem) for path in sorted((root / "lectures").glob("[0-9]*_*.py"))]


def course_folder(start: Path | None = None) -> Path:
    """The folder that holds pyproject.toml and course_lib/: start or the nearest one above it.

    start: the working directory by default; then the folder of this very course_lib counts too.
    Raises ValueError where there is none.
    """
    here = (start or Path.cwd()).resolve()
    candidates = [here, *here.parents]
    if start is None:
        candidates.append(Path(course_lib.__file__).resolve().parents[1])
    for folder in candidates:
        if (folder / "pyproject.toml").is_file() and (folder / "course_lib").is_dir():
            return folder
    raise ValueError(
        f"no course folder at {here} or above it (expected one that holds pyproject.toml and "
        "course_lib/): change into the folder that you cloned or unpacked and try again"
    )


def lab_notebook(course: Path, lab: str, *, folder: str = "work") -> Path:
    """The path of a lab's notebook in work/ or labs/; ValueError lists the labs there are."""
    path = course / folder / lab / f"{lab}.ipynb"
    if Path(lab).name != lab or not path.is_file():
        found = sorted(path.stem for path in (course / folder).glob("*/*.ipynb"))
        known = ", ".join(name for name in found if (course / folder / name).is_dir()) or "none yet"
        raise ValueError(
            f"no notebook {folder}/{lab}/{lab}.ipynb; labs in {folder}/: {known}. "
            "`python -m course_lib.teach lab --no-open` brings new labs into work/"
        )
    return path


def shun_read_only_home(course: Path) -> None:
    """Let Jupyter and IPython write into work/.jupyter if the home folder cannot be written."""
    if not os.access(Path.home(), os.W_OK):
        for variable in HOME_FOLDERS:
            os.environ.setdefault(variable, str(course / SETTINGS / variable.lower()))
