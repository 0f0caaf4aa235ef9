"""bench/results.md: one section per measurement, which a later run of it replaces."""

import datetime
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.timing import Row, table
from course_lib.hardware.machine import processor

RESULTS = Path(__file__).with_name("results.md")
HEAD = """# Speed and memory

Written by `make bench`. Processor time unless the row says otherwise, mean ± standard deviation
over repetitions; course and peer took turns in the same run. A goal is judged by the median.
"""


def section(rows: Sequence[Row]) -> str:
    """The table of one measurement, with the day and the machine."""
    day = datetime.datetime.now(datetime.UTC).date()
    return f"{table(rows)}\n\nMeasured on {day}, {processor()}, Python {platform.python_version()}."


def sections(document: str) -> dict[str, str]:
    """Measurement -> its section's text, as `join` wrote them."""
    parts = (part.partition("\n") for part in document.split("\n## ")[1:])
    return {name.strip(): text.strip() for name, _, text in parts}


def join(texts: Mapping[str, str], order: Iterable[str]) -> str:
    """The document; measurements that no longer exist are left out."""
    return "\n".join([HEAD, *(f"## {name}\n\n{texts[name]}\n" for name in order if name in texts)])


def keep(name: str, rows: Sequence[Row], order: Iterable[str], path: Path = RESULTS) -> None:
    """Replace the section of one measurement, or add it in its place."""
    texts = sections(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(join(texts | {name: section(rows)}, order), encoding="utf-8")
