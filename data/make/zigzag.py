"""data/zigzag.csv: what ZigZag says of 10 convolutions on arrays of three sizes.

ZigZag is no dependency of the course. Install it beside the course and show Python the place:

    pip install --target DIRECTORY zigzag-dse
    PYTHONPATH=.:DIRECTORY python -m data.make zigzag
"""

import csv
import logging
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from course_lib.hardware.accelerator import ConvShape
from data import FOLDER

ARRAYS = (8, 16, 32)
SHAPES = (
    ConvShape(1, 8, 12, 3),
    ConvShape(8, 8, 12, 3),
    ConvShape(8, 16, 6, 3, stride=2),
    ConvShape(16, 16, 6, 1),
    ConvShape(3, 24, 32, 3),
    ConvShape(24, 48, 16, 3),
    ConvShape(48, 40, 16, 1),
    ConvShape(64, 64, 8, 3),
    ConvShape(64, 128, 8, 3, stride=2),
    ConvShape(128, 96, 7, 1),
)
COLUMNS = ("array", *ConvShape._fields, "cycles", "energy")


def workload(shape: ConvShape) -> list[dict[str, Any]]:
    """One convolution without groups as ZigZag reads it: 8-bit operands, one picture."""
    border = [shape.kernel // 2] * 2
    precision = {"W": 8, "I": 8, "O": 16, "O_final": 8}
    side, kernel = shape.size, shape.kernel
    return [
        {
            "id": 0,
            "operator_type": "Conv",
            "equation": "O[b][g][k][oy][ox]+=W[g][k][c][fy][fx]*I[b][g][c][iy][ix]",
            "dimension_relations": [f"i{a}={shape.stride}*o{a}+1*f{a}" for a in "xy"],
            "loop_dims": ["B", "K", "G", "OX", "OY", "C", "FX", "FY"],
            "loop_sizes": [1, shape.outputs, 1, side, side, shape.inputs, kernel, kernel],
            "operand_precision": precision,
            "operand_source": {"I": 0, "W": 0},
            "pr_loop_dims": ["IX", "IY"],
            "pr_loop_sizes": [side * shape.stride] * 2,
            "padding": [border, border],
        }
    ]


def rows() -> Iterator[tuple[float, ...]]:
    """Cycles and picojoules of each shape on the TPU-like accelerator with a smaller array."""
    yaml, zigzag = import_module("yaml"), import_module("zigzag.api")
    logging.disable(logging.WARNING)
    inputs = files("zigzag") / "inputs"
    chip = yaml.safe_load((inputs / "hardware" / "tpu_like.yaml").read_text())
    links = yaml.safe_load((inputs / "mapping" / "tpu_like.yaml").read_text())[0]
    for side, shape in product(ARRAYS, SHAPES):
        chip["operational_array"]["sizes"] = [side, side]
        links["spatial_mapping"] = {"D1": [f"K, {side}"], "D2": [f"C, {side}"]}
        with TemporaryDirectory() as folder:
            chip_file, mapping = Path(folder, "chip.yaml"), Path(folder, "mapping.yaml")
            chip_file.write_text(yaml.safe_dump(chip, sort_keys=False), encoding="utf-8")
            mapping.write_text(yaml.safe_dump([links]), encoding="utf-8")
            energy, cycles, *_ = zigzag.get_hardware_performance_zigzag(
                workload(shape), str(chip_file), str(mapping), opt="energy",
                dump_folder=folder, lpf_limit=4, loma_show_progress_bar=False,
            )  # fmt: skip
        yield side, *shape, cycles, round(energy, 1)


def main() -> None:
    """Ask ZigZag and write the file: a minute."""
    if find_spec("zigzag") is None:
        raise SystemExit(f"zigzag-dse is not here, and is no dependency of the course. {__doc__}")
    found = list(rows())
    path = FOLDER / "zigzag.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *found])
    print(f"wrote {path}")
