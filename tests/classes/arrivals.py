"""How a hand-in comes into the inbox: as `submit` writes it, or as platforms and people leave it.

Files are named by their paths; below NAME.zip/ they lie in an archive.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from course_lib.teach.places import NAME_TIME, STAMP
from tests.teach.zips import zipped

Files = dict[str, bytes]
"""Contents by paths below the inbox."""


@dataclass(frozen=True)
class Person:
    """A student; number: the platform's."""

    id: str
    name: str
    number: int

    @property
    def canvas(self) -> str:
        """The name as Canvas writes it before a file: last name first, in one small word."""
        first, _, last = self.name.partition(" ")
        return f"{last}{first}".lower().replace(" ", "")


@dataclass(frozen=True)
class Parcel:
    """What one person hands in for a lab, and when. beside: files beside the notebook."""

    lab: str
    person: Person
    time: datetime
    notebook: bytes
    beside: Files = field(default_factory=dict)

    @property
    def stamped(self) -> str:
        """LAB-STUDENT-TIME"""
        return f"{self.lab}-{self.person.id}-{self.time:{NAME_TIME}}"

    @property
    def plain(self) -> Files:
        """The files by their own names."""
        return {f"{self.lab}.ipynb": self.notebook, **self.beside}

    @property
    def zipped(self) -> bytes:
        """The file that `submit` writes."""
        return zipped({**self.plain, "timestamp.txt": f"{self.time:{STAMP}}".encode()})


def _below(folder: str, files: Files) -> Files:
    return {f"{folder}/{name}": content for name, content in files.items()}


def _moodle(parcel: Parcel) -> str:
    return f"{parcel.person.name}_{parcel.person.number}_assignsubmission_file_"


TIMELESS = "noticed: no time stamp, so it counts as in time"


@dataclass(frozen=True)
class Arrival:
    """The files in the inbox. timed: whether they say when; note: what grading says, a pattern."""

    files: Callable[[Parcel], Files]
    timed: bool = True
    note: str = ""


ARRIVALS = {
    "submit": Arrival(lambda p: {f"{p.stamped}.zip": p.zipped}),
    "second download": Arrival(lambda p: {f"{p.stamped} (1).zip": p.zipped}),
    "unpacked": Arrival(
        lambda p: _below(p.stamped, {**p.plain, "timestamp.txt": f"{p.time:{STAMP}}".encode()})
    ),
    "Moodle": Arrival(lambda p: {f"moodle/{_moodle(p)}/{p.stamped}.zip": p.zipped}),
    "Moodle, by name": Arrival(lambda p: _below(f"moodle/{_moodle(p)}", p.plain), timed=False),
    "Canvas": Arrival(
        lambda p: {
            f"canvas.zip/{p.person.canvas}_{p.person.number}_{900000 + p.person.number}_"
            f"{p.stamped}.zip": p.zipped
        }
    ),
    "archive of archives": Arrival(lambda p: {f"by mail.zip/{p.stamped}.zip": p.zipped}),
    "folder": Arrival(lambda p: _below(p.person.id, p.plain), timed=False),
    "renamed": Arrival(
        lambda p: {
            f"{p.stamped}.zip": zipped(
                {f"{p.lab} (1).ipynb": p.notebook, **p.beside, "notes.txt": b"done at last"}
            )
        },
        note=r"repaired: {lab} \(1\)\.ipynb was taken for {lab}\.ipynb; noticed: left out "
        r"notes\.txt",
    ),
}


def into_archives(files: Files) -> Files:
    """Paths below NAME.zip/ become one file NAME.zip."""
    inside: dict[str, Files] = {}
    plain: Files = {}
    for path, content in files.items():
        folder, found, name = path.partition(".zip/")
        if found:
            inside.setdefault(f"{folder}.zip", {})[name] = content
        else:
            plain[path] = content
    return plain | {name: zipped(members) for name, members in inside.items()}
