"""What is for the instructor only: regions between markers, and answers without markers.

    ### BEGIN SOLUTION ... ### END SOLUTION              in cells that students fill in
    ### BEGIN HIDDEN TESTS ... ### END HIDDEN TESTS      in test cells
    ### BEGIN MARK SCHEME ... ### END MARK SCHEME        in task cells

nbgrader looks for these words anywhere in a line and takes a misspelt marker for a comment, which
then reaches students together with what it should have hidden. Here a marker is spelt exactly or
it is an error.
"""

import difflib
import re
from dataclasses import dataclass

from nbformat import NotebookNode

REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
_WORDS = {f"{edge} {region}" for edge in ("BEGIN", "END") for region in REGIONS}
_MARKER = re.compile(rf"^\s*### (BEGIN|END) ({'|'.join(REGIONS)})\s*$")
_CODE_STUB = ["# YOUR CODE HERE", "raise NotImplementedError()"]
_TEXT_STUB = ["YOUR ANSWER HERE"]


class MarkerError(ValueError):
    """A marker is misspelt, misplaced or without its partner."""


@dataclass(frozen=True)
class Block:
    """Consecutive lines that only instructors may see, and the region's name."""

    region: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """A notebook's lines: those that students see, and the blocks that they must not."""

    public: tuple[str, ...]
    secret: tuple[Block, ...]


def split(notebook: NotebookNode) -> Split:
    """Tell what students may see from what they may not; MarkerError names the cell and the line.

    A solution cell without markers is a secret as a whole, as nbgrader replaces all of it.
    """
    public: list[str] = []
    secret: list[Block] = []
    for number, cell in enumerate(notebook.cells, start=1):
        lines, blocks = _split_cell(cell.source, f"cell {number}")
        stub = _CODE_STUB if cell.cell_type == "code" else _TEXT_STUB
        solution = cell.metadata.get("nbgrader", {}).get("solution", False)
        has_solution = any(block.region == "SOLUTION" for block in blocks)
        if has_solution and not solution:
            raise MarkerError(f'cell {number} holds a solution but is not marked "solution": true')
        if solution and not has_solution:
            blocks.append(Block("SOLUTION", tuple(lines)))
            lines = []
        public += [*lines, *(stub if solution else [])]
        secret += blocks
    return Split(tuple(public), tuple(secret))


def replace_in(source: str, region: str, pattern: str, new: str) -> tuple[str, int]:
    """The source with `pattern` replaced inside its regions of that name, and how often it was."""
    parts = re.split(rf"(### BEGIN {region}\n.*?### END {region})", source, flags=re.DOTALL)
    done = [re.subn(pattern, new, part) for part in parts[1::2]]
    parts[1::2] = [text for text, _ in done]
    return "".join(parts), sum(count for _, count in done)


def _split_cell(source: str, place: str) -> tuple[list[str], list[Block]]:
    public: list[str] = []
    blocks: list[Block] = []
    region, inside = "", list[str]()
    for line in source.split("\n"):
        edge, name = _marker(line, place)
        if edge == "BEGIN":
            if region:
                raise MarkerError(f"{place}: {name} begins before {region} has ended")
            region, inside = name, []
        elif edge == "END":
            if name != region:
                raise MarkerError(f"{place}: {name} ends but {region or 'nothing'} has begun")
            blocks.append(Block(region, tuple(inside)))
            region = ""
        else:
            (inside if region else public).append(line)
    if region:
        raise MarkerError(f"{place}: {region} begins but does not end")
    return public, blocks


def _marker(line: str, place: str) -> tuple[str, str]:
    """(edge, region) of a marker, ('', '') of any other line; MarkerError of a misspelt one."""
    if match := _MARKER.match(line):
        return match[1], match[2]
    if _resembles_marker(line):
        expected = ", ".join(f"### BEGIN {region}" for region in REGIONS)
        raise MarkerError(
            f"{place}: unknown marker {line.strip()!r}; expected one of {expected}, or the same "
            "with END"
        )
    return "", ""


def _resembles_marker(line: str) -> bool:
    """Whether the line was meant as a marker: its words, or a shouted comment of that form."""
    words = " ".join(re.findall(r"[A-Za-z]+", line))
    upper = words.upper()
    if any(known in upper for known in _WORDS):
        return True
    if len(upper) <= 24 and difflib.get_close_matches(upper, _WORDS, n=1, cutoff=0.8):
        return True
    shouted = words == upper and line.lstrip().startswith("#")
    return shouted and bool(re.match(r"(BEGIN|END) \w", upper))
