"""A table's CSV file: a header, then one line per architecture, each checked."""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.core import Arch, Space

Line = dict[str, str]


def read_lines(
    path: Path, space: Space, arch: str | Sequence[str], numbers: Sequence[str]
) -> list[Line]:
    """The lines of a CSV file in the order of the space.

    arch: the column that names the architecture, or one column per position.
    numbers: the columns that must hold a finite number in every line.
    ValueError says what is wrong, in which line, or which architectures are missing; TypeError that
    the space does not parse texts.
    """
    parse = _parser(space)
    columns = [arch] if isinstance(arch, str) else list(arch)
    lines: dict[Arch, Line] = {}
    first: dict[Arch, int] = {}
    for number, line in _lines(path, [*columns, *numbers]):
        where = f"{path}, line {number}"
        text = ",".join(line[name] for name in columns)
        try:
            parsed = parse(text)
            for name in numbers:
                finite(name, line[name])
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
        if parsed in lines:
            raise ValueError(f"{where}: {text} came before, in line {first[parsed]}")
        lines[parsed] = line
        first[parsed] = number
    missing = [each for each in space if each not in lines]
    if missing:
        raise ValueError(
            f"{path} lacks {len(missing):,} of {space.size:,} architectures, the first "
            f"{space.describe(missing[0])}"
        )
    return [lines[each] for each in space]


def finite(name: str, text: str) -> float:
    """The number in a field of the column `name`; ValueError where there is none."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} is {text!r}, expected a finite number in every line")
    return number


def column(texts: Sequence[str]) -> np.ndarray:
    """The fields of a column: as numbers where they all are."""
    try:
        return np.array([float(text) for text in texts])
    except ValueError:
        return np.array(texts)


def _parser(space: Space) -> Callable[[str], Arch]:
    parse: Any = getattr(space, "parse", None)
    if parse is None:
        raise TypeError(
            f"a {type(space).__name__} reads no texts: expected a space with a parse, such as "
            f"TableSpace({list(space.choices)})"
        )
    return parse  # type: ignore[no-any-return]


def _lines(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, Line]]:
    """Number and fields of each line, once the header has the columns that are needed."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file, restkey="", restval="")
        header = list(reader.fieldnames or ())
        for name in needed:
            if name not in header:
                raise ValueError(f"{path} has no column {name!r}, expected it among {header}")
        for line in reader:
            if "" in line:
                raise ValueError(
                    f"{path}, line {reader.line_num}: more fields than the {len(header)} of the "
                    "header"
                )
            yield reader.line_num, line
