"""Runs of the demos on disk, for the day on which the live one fails."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "recordings"
_FORMAT = "course_lib.recording/1"


@dataclass(frozen=True)
class Run:
    """One recorded run: the knobs it was made with, what its names are, its steps in order."""

    name: str
    knobs: Mapping[str, Any]
    names: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]


def recorded_runs(demo: str, folder: Path | None = None) -> list[Run]:
    """The recorded runs of a demo, from data/recordings/ if no folder is given.

    ValueError where there is no recording or it is damaged, with the command that makes it anew.
    """
    path = (folder or FOLDER) / f"{demo}.json"
    remedy = f"copy it from the course's repository; there: python -m data.make recordings {demo}"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            raise ValueError(f"its format is {data['format']!r}, expected {_FORMAT!r}")
        runs = [Run(**run) for run in data["runs"]]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no usable recording in {path} ({error}); {remedy}") from error
    if not runs:
        raise ValueError(f"{path} holds no runs; {remedy}")
    return runs


def write_recording(demo: str, runs: Sequence[Run], folder: Path | None = None) -> Path:
    """Write a demo's runs; the file is replaced only once the new one is whole."""
    path = (folder or FOLDER) / f"{demo}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".part")
    text = json.dumps({"format": _FORMAT, "runs": [asdict(run) for run in runs]})
    whole.write_text(text + "\n", encoding="utf-8")
    whole.replace(path)
    return path
