"""`python -m course_lib.teach COMMAND`: what students, instructors and lecturers run.

Each command is one module of a room (`student`, `build`, `grade`) with `add_arguments(parser)` and
`run(args) -> int`, imported only when it is asked for, so that `--help` answers at once and
`doctor` runs in a broken environment.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence

LEAST_PYTHON = (3, 11)
ROOMS = {
    "student": ("lab", "doctor", "submit", "reset", "progress"),
    "build": ("build", "bundle"),
    "grade": ("grade",),
}
COMMANDS = {
    "lab": "copy new labs into work/ and open JupyterLab on the first lecture",
    "doctor": "say what is wrong with this environment and how to mend it",
    "submit": "check a finished lab and write the file to hand in",
    "reset": "put one exercise back to its released version, keeping the others",
    "progress": "show what was attempted, passed and earned so far",
    "build": "build the notebooks and releases from their sources (instructors)",
    "grade": "grade the hand-ins of a lab (instructors)",
    "bundle": "make the students' zip (instructors)",
}


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; bad input is answered in one line, with code 1."""
    if tuple(sys.version_info) < LEAST_PYTHON:
        print("The course needs Python 3.11 or newer, this is", sys.version, file=sys.stderr)
        return 1
    words = sys.argv[1:] if words is None else list(words)
    parser = argparse.ArgumentParser(prog="python -m course_lib.teach", description="Course tools.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    rooms = {name: room for room, names in ROOMS.items() for name in names}
    for name, summary in COMMANDS.items():
        room = f"course_lib.teach.{rooms[name]}"
        if importlib.util.find_spec(room) is None:
            continue  # a student's bundle holds no instructor's command
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        if words[:1] == [name]:
            chosen = importlib.import_module(f"{room}.{name}")
            chosen.add_arguments(command)
    args = parser.parse_args(words)
    try:
        return int(chosen.run(args))
    except (ValueError, OSError) as error:
        print(f"{args.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{args.command}: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
