"""Where the course's files are."""

from dataclasses import dataclass
from pathlib import Path


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
