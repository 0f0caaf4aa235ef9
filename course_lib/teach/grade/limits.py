"""What a hand-in may use up while it runs; `c.Limits` in nbgrader_config.py changes it."""

from dataclasses import dataclass

from traitlets.config import Config


@dataclass(frozen=True)
class Limits:
    """The greatest amounts; each is told to the student when it is reached.

    cell: seconds that a cell may compute, and that it may stand still. Processor time, so that a
    busy machine costs nobody points.
    notebook: seconds for the whole hand-in, by the clock on the wall.
    memory, disk, output: bytes; output counts what a cell prints and shows.
    processes: of the kernel and all that it starts.
    """

    cell: float = 300
    notebook: float = 1800
    memory: int = 3 * 10**9
    disk: int = 100 * 10**6
    output: int = 10 * 10**6
    processes: int = 64


def limits_of(config: Config) -> Limits:
    """The course's limits; the seconds of a cell are nbgrader's own setting `c.Execute.timeout`."""
    cell = float(config.Execute.get("timeout", Limits.cell))
    return Limits(**{"cell": cell, **config.Limits})
