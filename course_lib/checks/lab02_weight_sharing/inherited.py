"""What 729 cells inherit from one supernet: data/lab02_inherited.csv.

`python -m data.make lab02_inherited` makes the file again.
"""

import csv
from functools import cache
from pathlib import Path

from course_lib.core import Arch
from course_lib.nas.cells import CellSpace

SPACE = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))
_FILE = Path(__file__).parents[3] / "data" / "lab02_inherited.csv"


@cache
def inherited() -> dict[Arch, float]:
    """The validation accuracy of every cell of `SPACE` with the supernet's weights."""
    with _FILE.open(newline="", encoding="utf-8") as file:
        return {SPACE.parse(line["cell"]): float(line["accuracy"]) for line in csv.DictReader(file)}
