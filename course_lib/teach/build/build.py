"""`python -m course_lib.teach build`: every notebook from its text source.

solutions/labNN/labNN.py -> the .ipynb beside it, labs/labNN/ through nbgrader, and what the lab's
mistakes mean, misconceptions.md;
lectures/NN_topic.py -> the executed .ipynb beside it. `--check` builds nothing and fails if
anything built differs from its source, or if the code behind a lecture's outputs has changed.
Either way no line that is only for instructors may be found in labs/.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from course_lib.teach.build.execute import build_lecture, lecture_drift
from course_lib.teach.build.leaks import leak_report
from course_lib.teach.build.misconceptions import build_page, page_drift
from course_lib.teach.build.release import release_files, write_release
from course_lib.teach.build.sources import read_source, to_bytes
from course_lib.teach.files import write_atomically
from course_lib.teach.places import Lab, Lecture, course_folder, labs, lectures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("names", nargs="*", help="labs and lectures to build (all)")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    parser.add_argument(
        "--force", action="store_true", help="execute lectures that are up to date too"
    )
    parser.add_argument("--root", type=Path, help="the course folder (this one)")


def run(args: argparse.Namespace) -> int:
    """Build or check; 0 if all is well, 1 if something is out of date, leaks or fails."""
    root = course_folder(args.root)
    try:
        chosen = choose([*labs(root), *lectures(root)], args.names)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    problems = [] if args.names else orphans(root)
    for item in chosen:
        try:
            problems += check(item) if args.check else build(item, force=args.force)
        except (ValueError, RuntimeError, OSError) as error:
            problems.append(str(error))
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems and args.check:
        print("Run `make notebooks` to build what is out of date.", file=sys.stderr)
    return 1 if problems else 0


def choose(items: list[Lab | Lecture], names: Iterable[str]) -> list[Lab | Lecture]:
    """The named items, or all without names; ValueError for a name that nothing has."""
    known = {item.name: item for item in items}
    unknown = sorted(set(names) - known.keys())
    if unknown:
        raise ValueError(f"no source for {', '.join(unknown)}; there is: {', '.join(known)}")
    return [known[name] for name in names] or items


def orphans(root: Path) -> list[str]:
    """Releases of labs that have no source any more."""
    known = {lab.name for lab in labs(root)}
    folders = [path for path in sorted((root / "labs").glob("*/")) if path.name not in known]
    return [f"{path} comes from no source: remove it" for path in folders]


def build(item: Lab | Lecture, *, force: bool = False) -> list[str]:
    """Build one lab or lecture and say so; the leaks that were found instead of a release."""
    if isinstance(item, Lecture):
        executed = build_lecture(item, force=force)
        print(f"{item.name}: {'executed' if executed else 'up to date'}")
        return []
    solution, release = to_bytes(read_source(item.source)), release_files(item)
    if found := leak_report(item, release):
        return found
    write_atomically(item.solution, solution)
    write_release(item, release)
    build_page(item)
    print(f"{item.name}: solution and release built")
    return leak_report(item, _files_in(item.release))


def check(item: Lab | Lecture) -> list[str]:
    """How what is built differs from its source, and what it leaks; empty when all is well."""
    if isinstance(item, Lecture):
        return lecture_drift(item)
    expected = {item.solution: to_bytes(read_source(item.source))}
    expected |= {item.release / name: made for name, made in release_files(item).items()}
    found = [
        f"{path} {'differs from' if path.is_file() else 'is not built from'} {item.source.name}"
        for path, made in expected.items()
        if not path.is_file() or path.read_bytes() != made
    ]
    there = _files_in(item.release)
    strangers = sorted(item.release / name for name in there if item.release / name not in expected)
    found += [f"{path} comes from no source: remove it" for path in strangers]
    return found + page_drift(item) + leak_report(item, there)


def _files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }
