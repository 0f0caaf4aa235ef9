"""Tables: search spaces of which everything is known, so that a search costs a second."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import cast

import numpy as np

from course_lib.core import Arch, Space, Trial
from course_lib.nas.cells import CellSpace
from course_lib.nas.table_csv import column, finite, read_lines
from course_lib.nas.table_file import MISSING, Records, read_records


class Table:
    """The answers to every question about a space.

    space: the space that it covers, a `CellSpace` or any other.
    rows: (strings,) which row answers each architecture, in the order of `space`.
    curves: (rows, seeds, epochs) validation accuracy after each epoch; NaN where a row was not
        trained with that seed, the first seed always was.
    info: name -> (rows,) what reports may see, such as test_accuracy.

    Accuracies that `measure`, `curve` and `best` give are means over a row's trained seeds.
    """

    def __init__(
        self,
        space: Space,
        rows: np.ndarray,
        curves: np.ndarray,
        info: Mapping[str, np.ndarray],
    ) -> None:
        self.space = cast(CellSpace, space)  # so type checkers know the course's own cells
        self.rows = rows
        self.curves = curves
        self.info = dict(info)
        self._row: dict[Arch, int] = dict(zip(space, rows.tolist(), strict=True))
        means = np.nanmean(curves, axis=1)
        self._curves: list[list[float]] = means.tolist()
        columns = [column.tolist() for column in self.info.values()]
        told = zip(*columns, strict=True) if columns else repeat((), len(curves))
        self._info = [dict(zip(self.info, row, strict=True)) for row in told]

    @property
    def epochs(self) -> int:
        """The length of a learning curve."""
        return int(self.curves.shape[-1])

    def __contains__(self, arch: object) -> bool:
        return arch in self.space

    def __len__(self) -> int:
        return self.space.size

    def __repr__(self) -> str:
        return f"Table({len(self)} strings, {len(self.curves)} distinct networks, {self.space})"

    def measure(self, arch: Arch, fidelity: int | None = None) -> Trial:
        """Validation accuracy at the end of training, or after `fidelity` epochs.

        A full answer costs 1, one after `fidelity` epochs fidelity / epochs.
        """
        row = self._find(arch)
        curve = self._curves[row]
        if fidelity is None:
            fidelity = len(curve)
        elif not 1 <= fidelity <= len(curve):
            raise ValueError(
                f"fidelity is epochs, from 1 to {len(curve)}, got {fidelity}: that is all this "
                "table holds of a training; give the search fidelities within it"
            )
        value, cost = curve[fidelity - 1], fidelity / len(curve)
        return Trial(arch, value, cost, info=self._info[row].copy())

    def curve(self, arch: Arch) -> np.ndarray:
        """Validation accuracy after each epoch, shape (epochs,)."""
        return np.array(self._curves[self._find(arch)])

    def best(self) -> Trial:
        """The answer of highest value, the first of several in the order of the space."""
        return self.measure(max(self._row, key=lambda arch: self._curves[self._row[arch]][-1]))

    def _find(self, arch: Arch) -> int:
        try:
            return self._row[arch]
        except (KeyError, TypeError):
            self.space.validate(arch)
            raise

    @classmethod
    def from_records(cls, records: Records) -> "Table":
        """The table of a builder's records.

        `info`: test_accuracy, parameters, flops, seconds, and how many seeds were trained.
        """
        trained = records.valid_right != MISSING
        curves = np.where(trained, records.valid_right / records.valid_images, np.nan)
        tested = np.where(trained[..., 0], records.test_right / records.test_images, np.nan)
        info = {
            "test_accuracy": np.nanmean(tested, axis=1),
            "parameters": records.parameters,
            "flops": records.flops,
            "seconds": records.seconds,
            "seeds": trained[..., 0].sum(1),
        }
        return cls(CellSpace(records.operations), records.rows, curves, info)

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        *,
        arch: str | Sequence[str] = "arch",
        value: str = "valid_accuracy",
        report: str | None = None,
        space: Space | None = None,
        scale: float = 1.0,
    ) -> "Table":
        """The table of a CSV file with a header and one line per architecture of the space.

        arch: the column of the texts that `space.parse` reads (for cells, NAS-Bench-201 strings),
            or the columns that hold one word each, position by position (`TableSpace`).
        value: the column of what a search maximises. report: the column of what is reported, a
            number in every line; searches never see it. All columns but those of `arch` and
            `value` go to `info` under their own names, as numbers where they all are.
        space: what the file must cover, `TableSpace(choices)` or another that has a `parse`; the
            whole cell space unless told otherwise.
        scale: what `value` and `report` are divided by, 100 for percentages.

        ValueError names the line of an architecture that does not parse or comes twice, or of a
        value or report that is no number, or says which architectures are missing.
        """
        space = CellSpace() if space is None else space
        numbers = [value] if report is None else [value, report]
        lines = read_lines(Path(path), space, arch, numbers)
        hidden = {value, arch} if isinstance(arch, str) else {value, *arch}
        names = [name for name in lines[0] if name not in hidden or name == report]
        info = {name: column([line[name] for line in lines]) for name in names}
        if report is not None:
            info[report] = info[report] / scale
        values = np.array([finite(value, line[value]) for line in lines]) / scale
        return cls(space, np.arange(space.size), values[:, None, None], info)


def digits201() -> Table:
    """Cells trained on cluttered digits: data/digits201.npz, described in data/README.md.

    The course folder is the one that holds this package, or else the current one or one above it.
    """
    return Table.from_records(read_records(find_data("digits201.npz")))


def find_data(name: str) -> Path:
    """The file of data/ with this name, as `digits201` finds its own; FileNotFoundError."""
    here = Path.cwd()
    folders = [Path(__file__).parents[2], here, *here.parents]
    for folder in folders:
        if (path := folder / "data" / name).is_file():
            return path
    raise FileNotFoundError(
        f"data/{name} is neither beside the package ({folders[0]}) nor in {here} or a folder above "
        "it: open the notebook inside the course folder (its lectures/, work/ or labs/)"
    )
