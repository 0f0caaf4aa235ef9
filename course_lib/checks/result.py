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
    """

    law: str
    outcome: Outcome
    said: str = ""
    misconception: Misconception | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Result:
    """What a check found; its text is the points as a number, its HTML the panel.

    nbgrader reads the text as the cell's points. `print(result)` shows the panel without a browser.
    """

    lab: str
    exercise: str
    section: str
    max_points: float
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
        """The share of the cases that passed, from 0 to max_points."""
        passed = sum(finding.outcome is Outcome.PASSED for finding in self.findings)
        share = round(self.max_points * passed / len(self.findings), 2)
        return min(share, self.max_points)

    def __repr__(self) -> str:
        return repr(float(self.points))

    def __str__(self) -> str:
        from course_lib.checks.panel import result_text

        return result_text(self)

    def _repr_html_(self) -> str:
        from course_lib.checks.panel import result_html

        return result_html(self)
