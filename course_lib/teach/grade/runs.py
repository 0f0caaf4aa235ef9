"""Many hand-ins at a time, each in a process of its own; what is done first comes first."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from course_lib.teach.grade.execution import Executed, Job, execute

Start = Callable[[Sequence[Job]], Iterable[Executed]]
"""Runs jobs and gives what came of them, as they finish."""


@dataclass(frozen=True)
class Runs:
    """Runs jobs, `places` at a time."""

    places: int
    start: Start
    sandboxed: bool = True

    def plan(self, count: int, seconds: float) -> str:
        """What is about to happen, for who waits."""
        at_a_time = min(count, self.places)
        minutes = count * seconds / at_a_time / 60
        some = f"{minutes:.0f} minutes" if minutes > 1.5 else "a minute"
        return (
            f"{count} to run, {at_a_time} at a time: about {some}. Stop it whenever you "
            "like (Ctrl-C): the same command goes on where it stopped."
        )

    def __call__(self, jobs: Sequence[Job]) -> Iterator[Executed]:
        """What came of the jobs, as they finish; a bar names students and the time left."""
        with tqdm(total=len(jobs), unit="hand-in", disable=not jobs) as bar:
            for executed in self.start(jobs):
                bar.set_postfix_str(executed.student, refresh=False)
                bar.update()
                yield executed


def on_cores(n_jobs: int = -1, *, sandboxed: bool = True) -> Runs:
    """Runs on `n_jobs` cores of this machine (-1: all); a thread each, which only listens."""
    parallel = Parallel(n_jobs, prefer="threads", return_as="generator_unordered")
    places = cpu_count() if n_jobs < 0 else max(1, n_jobs)
    return Runs(places, lambda jobs: parallel(delayed(execute)(job) for job in jobs), sandboxed)
