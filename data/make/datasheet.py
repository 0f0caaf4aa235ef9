"""The numbers in the datasheet of digits201 (data/README.md), computed from the table."""

from pathlib import Path

import numpy as np

from course_lib.nas.table import Table, digits201
from data import FOLDER

_BEGIN = "<!-- numbers: python -m data.make datasheet -->"
_END = "<!-- end of numbers -->"


def numbers(table: Table) -> str:
    """A Markdown table of what the table holds."""
    final = table.curves[..., -1]
    means = np.nanmean(final, axis=1)
    seeds = (~np.isnan(final)).sum(1)
    best = table.best()
    lines = {
        "operations": ", ".join(f"`{name}`" for name in table.space.operations),
        "strings": f"{len(table):,}",
        "distinct networks, all trained": f"{len(means):,}",
        "trainings": f"{seeds.sum():,}",
        "networks trained with more than one seed": f"{(seeds > 1).sum():,}",
        "validation accuracy of the networks: lowest, median, highest": (
            f"{means.min():.3f}, {np.median(means):.3f}, {means.max():.3f}"
        ),
        "best cell": f"`{table.space.describe(best.arch)}`".replace("|", "\\|"),
        "its test accuracy": f"{best.info['test_accuracy']:.3f}",
        "standard deviation between networks": f"{means.std(ddof=1):.4f}",
        "standard deviation between seeds of one network": _noise(final[seeds > 2, 1:]),
        "parameters": f"{table.info['parameters'].min():,} to {table.info['parameters'].max():,}",
        "FLOPs of one image": f"{table.info['flops'].min():,} to {table.info['flops'].max():,}",
        "processor hours": f"{(table.info['seconds'] * seeds).sum() / 3600:.1f}",
    }
    rows = [f"| {name} | {value} |" for name, value in lines.items()]
    return "\n".join(["| | |", "|---|---|", *rows])


def _noise(later: np.ndarray) -> str:
    """From the seeds after the first: by the first, the best were chosen for more seeds."""
    if not len(later):
        return "not measured yet (one seed so far)"
    return f"{np.sqrt(np.nanvar(later, axis=1, ddof=1).mean()):.4f} ({len(later)} networks)"


def renew(path: Path, table: Table) -> None:
    """Write the numbers into the datasheet, between its two marks."""
    text = path.read_text(encoding="utf-8")
    if text.count(_BEGIN) != 1 or text.count(_END) != 1:
        raise ValueError(f"{path} must hold the lines {_BEGIN} and {_END}, once each")
    head, rest = text.split(_BEGIN)
    tail = rest.split(_END)[1]
    path.write_text(f"{head}{_BEGIN}\n{numbers(table)}\n{_END}{tail}", encoding="utf-8")


def main() -> None:
    """Renew the numbers in data/README.md."""
    renew(FOLDER / "README.md", digits201())
