"""Time a thing beside its peer: in turns, and by processor time, so that a busy machine is fair."""

import resource
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table.

    ours, peer: the repetitions, in `unit`; peer is empty where there is nobody to compare with.
    against: who the peer is. goal: in words; met: whether this run reached it.
    """

    what: str
    against: str
    unit: str
    ours: Sequence[float]
    peer: Sequence[float]
    goal: str
    met: bool

    @property
    def ratios(self) -> list[float]:
        """How many times the peer's figure is ours, repetition by repetition."""
        return [peer / ours for ours, peer in zip(self.ours, self.peer, strict=True)]


def alternate(
    ours: Callable[[], object], peer: Callable[[], object], repetitions: int
) -> tuple[list[float], list[float]]:
    """Processor seconds of both, in turns, after one turn to warm up."""
    ours(), peer()
    turns = [(processor_seconds(ours), processor_seconds(peer)) for _ in range(repetitions)]
    return [own for own, _ in turns], [other for _, other in turns]


def processor_seconds(call: Callable[[], object]) -> float:
    """What this process and the children that it waits for compute, user and system together."""
    start = processor_time()
    call()
    return processor_time() - start


def processor_time() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, mean and standard deviation over the repetitions."""
    lines = [
        "| what | this course | peer | peer / course | goal | met |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        peer = f"{spread(row.peer)} {row.unit} ({row.against})" if row.peer else "-"
        ratio = spread(row.ratios) if row.peer else "-"
        ours = f"{spread(row.ours)} {row.unit}"
        met = "yes" if row.met else "**no**"
        lines.append(f"| {row.what} | {ours} | {peer} | {ratio} | {row.goal} | {met} |")
    return "\n".join(lines)


def spread(numbers: Sequence[float]) -> str:
    mean = f"{statistics.fmean(numbers):.3g}"
    return mean if len(numbers) < 2 else f"{mean} ± {statistics.stdev(numbers):.2g}"
