"""What a check found: cases, outcome, points."""

from dataclasses import dataclass
from enum import Enum

from course_lib.checks.wrong import Misconception


class Outcome(Enum):
    """What a check found."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error in your code"
    NOT_ATTEMPTED = "not attempted yet"


@dataclass(frozen=True)
class Finding:
    """One case: the law, the outcome, and why.

    lines: where the student's own code raised, for an error.
    waits_for: the exercise's basic law, where this one holds and that one does not yet; until
        then the case earns nothing.
    """

    law: str
    outcome: Outcome
    said: str = ""
    misconception: Misconception | None = None
    lines: tuple[str, ...] = ()
    waits_for: str | None = None

    @property
    def counts(self) -> bool:
        """Whether the case earns its share of the points."""
        return self.outcome is Outcome.PASSED and self.waits_for is None


@dataclass(frozen=True, repr=False)
class Result:
    """What a check found; its text is the points as a number, which nbgrader reads."""

    lab: str
    exercise: str
    section: str
    max_points: float | None
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """Not attempted, else error where any case has one, else failed where any case is."""
        outcomes = {finding.outcome for finding in self.findings}
        for outcome in (Outcome.NOT_ATTEMPTED, Outcome.ERROR, Outcome.FAILED):
            if outcome in outcomes:
                return outcome
        return Outcome.PASSED

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def points(self) -> float:
        """The share of the cases that count, from 0 to max_points (1 where that is None)."""
        most = 1.0 if self.max_points is None else self.max_points
        counting = sum(finding.counts for finding in self.findings)
        return min(round(most * counting / len(self.findings), 2), most)

    def __repr__(self) -> str:
        return repr(float(self.points))
