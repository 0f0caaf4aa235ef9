"""How many channels each layer of some networks keeps, as a small JSON file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from course_lib.checks.artefact import damaged
from course_lib.checks.values import integers
from course_lib.checks.wrong import Wrong

FORMAT = "lab07_amc challenge/1"
_LARGEST = 10_000
Counts = list[int]


def counts_of(answer: Any, channels: Sequence[int]) -> Counts:
    """The student's counts of one network; Wrong says what does not fit."""
    counts = integers(answer, "the answer", "a count")
    if len(counts) != len(channels):
        raise Wrong(f"the answer has {len(counts)} counts, expected one for each of {channels}")
    for t, (count, full) in enumerate(zip(counts, channels, strict=True)):
        if not 1 <= count <= full:
            raise Wrong(f"layer {t} keeps {count} channels, expected 1 to {full}")
    return counts


def save_counts(path: Path, counts: Mapping[str, Counts]) -> None:
    """Write the counts by network."""
    path.write_text(json.dumps({"format": FORMAT, "counts": counts}) + "\n", encoding="utf-8")


def load_counts(path: Path, channels: Mapping[str, Sequence[int]]) -> dict[str, Counts]:
    """What `save_counts` wrote; Wrong says what is the matter with the file.

    channels: the full counts of every network by its name.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"expected at most {_LARGEST:,} bytes")
        whole = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(whole, dict) or whole.get("format") != FORMAT:
            raise ValueError("another format")
        counts = whole["counts"]
        if not isinstance(counts, dict) or set(counts) != set(channels):
            raise ValueError(f"expected counts of the networks {', '.join(channels)}")
        return {name: counts_of(counts[name], channels[name]) for name in channels}
    except Wrong as wrong:
        raise damaged(path, wrong.said) from wrong
    except (OSError, ValueError, KeyError, RecursionError) as error:
        raise damaged(path, error) from error
