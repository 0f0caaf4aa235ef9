"""`bundle`: the students' zip: lectures, released labs, library, data, environment, no answers.

What goes in is named here, so that nothing enters by being there. Before it is written its
contents are searched for what only instructors may see.
"""

import argparse
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import course_lib
from course_lib.teach.build.leaks import leak_report, leaks, needles
from course_lib.teach.build.markers import REGIONS, Split, split
from course_lib.teach.build.sources import read_source
from course_lib.teach.files import write_atomically
from course_lib.teach.places import course_folder, labs

ROOT_FILES = (
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "constraints.txt",
    "environment.yml",
    "pyproject.toml",
)
PATTERNS = (
    "course_lib/**/*.py",
    "course_lib/**/*.js",
    "course_lib/**/*.css",
    "course_lib/**/py.typed",
    "data/*.csv",
    "data/*.md",
    "data/*.npz",
    "data/claims/*",
    "data/recordings/*",
    "labs/lab*/**/*",
    "lectures/*.ipynb",
    "lectures/glossary.md",
)
INSTRUCTORS_ROOMS = ("build", "grade")
INSTRUCTORS_TARGETS = (
    *("check", "test", "test-all", "lint", "notebooks", "bundle", "grade", "bench", "claims"),
    ".venv/.dev",
)
_UNWANTED = "|".join(map(re.escape, INSTRUCTORS_TARGETS))
_MARKER = re.compile(rf"(BEGIN|END) ({'|'.join(REGIONS)})")
_PICTURE = re.compile(r"""(?:\]\(|src=["'])([\w./-]+\.(?:png|jpe?g|svg|gif|webp))""")


def members(course: Path) -> dict[str, bytes]:
    """What the bundle holds, as {path in the course folder: content}, sorted.

    ValueError names what is missing: a file of ROOT_FILES, or all lectures or labs.
    """
    readme = course / "README.md"
    pictures = _PICTURE.findall(readme.read_text(encoding="utf-8")) if readme.is_file() else []
    paths = {course / name for name in (*ROOT_FILES, *pictures)}
    for pattern in PATTERNS:
        paths |= {path for path in course.glob(pattern) if _is_for_students(path, course)}
    names = sorted(path.relative_to(course).as_posix() for path in paths)
    lacks = [name for name in names if not (course / name).is_file()]
    lacks += [
        folder
        for folder in ("labs/", "lectures/")
        if not any(n.startswith(folder) and n.endswith(".ipynb") for n in names)
    ]
    if lacks:
        raise ValueError(
            f"cannot bundle without {', '.join(lacks)}; `make notebooks` builds notebooks"
        )
    files = {name: (course / name).read_bytes() for name in names}
    for name, for_students in (("Makefile", students_makefile), ("README.md", students_readme)):
        files[name] = for_students(files[name].decode()).encode()
    return files


def _is_for_students(path: Path, course: Path) -> bool:
    parts = path.relative_to(course).parts
    if any(part.startswith(".") or part == "__pycache__" for part in parts):
        return False
    instructors = parts[:2] == ("course_lib", "teach") and parts[2] in INSTRUCTORS_ROOMS
    return path.is_file() and not instructors


def students_makefile(text: str) -> str:
    """The Makefile without the rules of instructors; rules are parted by empty lines."""
    blocks = [b for b in re.split(r"\n{2,}", text) if not re.match(rf"({_UNWANTED}):", b)]
    return re.sub(
        r"^\.PHONY:.*$",
        lambda line: " ".join(w for w in line[0].split() if w not in INSTRUCTORS_TARGETS),
        "\n\n".join(blocks).rstrip("\n") + "\n",
        flags=re.MULTILINE,
    )


def students_readme(text: str) -> str:
    """The README without instructors' commands and what stands between instructors' marks."""
    text = re.sub(rf"^make ({_UNWANTED})\b.*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"<!-- instructors -->\n.*?<!-- /instructors -->\n+", "", text, flags=re.DOTALL)


def given_away(course: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """Whatever in the files only instructors may see, one sentence each.

    In every file: nbgrader's markers, hidden tests, and whole files of solutions/ or tests/. In
    labs/ also every line of a solution; lectures and library teach the same functions openly.
    """
    private = {
        path.read_bytes(): path.relative_to(course).as_posix()
        for folder in ("solutions", "tests")
        for path in (course / folder).glob("**/*")
        if path.is_file() and path.stat().st_size
    }
    for name, content in files.items():
        if content in private:
            yield f"{name} is a copy of {private[content]}"
        if found := _MARKER.search(content.decode("utf-8", errors="ignore")):
            yield f"{name} holds the marker {found[0]!r}"
    for lab in labs(course):
        parts = split(read_source(lab.source))
        hidden = tuple(block for block in parts.secret if block.region != "SOLUTION")
        wanted = needles(Split(parts.public, hidden))
        for name, content in files.items():
            yield from (f"{name} gives away: {text}" for text in leaks(wanted, content))
        prefix = f"labs/{lab.name}/"
        yield from leak_report(
            lab, {n.removeprefix(prefix): c for n, c in files.items() if n.startswith(prefix)}
        )


def to_zip(files: Mapping[str, bytes], folder: str) -> bytes:
    """A zip of the files under one folder; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, on every system
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def bundle(course: Path) -> Path:
    """Write dist/automl-course-VERSION.zip and return its path; ValueError if it gives answers."""
    files = members(course)
    if found := list(given_away(course, files)):
        raise ValueError("not written, since it would give away answers:\n" + "\n".join(found))
    name = f"automl-course-{course_lib.__version__}"
    target = course / "dist" / f"{name}.zip"
    write_atomically(target, to_zip(files, name))
    return target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`bundle` has none."""


def run(args: argparse.Namespace) -> int:
    target = bundle(course_folder())
    print(f"{target} ({target.stat().st_size / 1e6:.1f} MB)")
    return 0
