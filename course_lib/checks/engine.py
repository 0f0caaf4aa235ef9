"""An exercise and its laws: tried on an answer they give a result, with points and a panel."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from course_lib.checks.ask import Ask, LibraryCalled, NotAttempted, StudentError
from course_lib.checks.limits import FirstLines, TimeLimit, safely
from course_lib.checks.panel import Panel
from course_lib.checks.progress import record
from course_lib.checks.refuse import library_refused
from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.values import alike
from course_lib.checks.wrong import Misconception, Wrong

Law = Callable[[Ask, int], None]
"""`law(ask, variant)` puts questions to the answer; raises Wrong where it breaks the law.

variant: gives the sizes, seeds and constants of the questions.
"""

Case = tuple[str, int]
"""A law by name, and the variant to try it on."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Exercise:
    """A function that students write, the laws that it must obey, and how it goes wrong.

    lab, name: as in `lab01_rl_nas` and `decode`.
    section: title of the lecture's section that the exercise belongs to.
    library: the library's own versions, as `module:name`, out of reach while a check runs.
    laws: by the names that the notebook's cases use.
    mistakes: all that have a name, the likelier first.
    probe: `probe(ask, variant)` tells what an answer gives to questions that tell the mistakes
        apart: numbers, tensors, words, also in lists, tuples and dictionaries. An answer that
        breaks a law and tells the probe what a mistake's own answer tells has made that mistake.
    hints: a ladder, from a nudge to nearly the answer.
    basic: a law without which the others are easily kept: where it is broken on a variant, the
        other cases of that variant earn nothing, and the panel says so beside those that hold.
    seconds: how long one case may take.
    """

    lab: str
    name: str
    section: str
    library: tuple[str, ...]
    laws: Mapping[str, Law]
    hints: tuple[str, ...]
    mistakes: tuple[Misconception, ...] = ()
    probe: Callable[[Ask, int], Any] | None = None
    basic: str | None = None
    seconds: float = 20.0

    def __call__(
        self, answer: Any, cases: Sequence[Case] | None = None, *, points: float | None = None
    ) -> Result:
        """Try the answer on every case (default: each law once).

        points: what all cases together are worth; the outcome of a check for points is recorded.
            Without it the result is the share of the cases, and the panel names no points.
        """
        if cases is None:
            cases = [(law, 0) for law in self.laws]
        self._validate(cases, points)
        with library_refused(*self.library), redirect_stdout(FirstLines(sys.stdout)):
            findings = self._findings(answer, cases)
        findings = self._held_back(cases, findings)
        result = Panel(self.lab, self.name, self.section, points, tuple(findings))
        record(result)
        return result

    def _held_back(self, cases: Sequence[Case], findings: list[Finding]) -> list[Finding]:
        """A case that holds waits for the basic law on the same variant."""
        broken = {
            variant
            for (law, variant), finding in zip(cases, findings, strict=True)
            if law == self.basic and finding.outcome is not Outcome.PASSED
        }
        return [
            replace(finding, waits_for=self.basic)
            if variant in broken and finding.outcome is Outcome.PASSED
            else finding
            for (_, variant), finding in zip(cases, findings, strict=True)
        ]

    def _validate(self, cases: Sequence[Case], points: float | None) -> None:
        if not cases:
            raise ValueError(f"{self.name}: no cases; expected pairs such as {self._example()}")
        for case in cases:
            if not (isinstance(case, tuple) and len(case) == 2 and case[0] in self.laws):
                raise ValueError(
                    f"{self.name}: {case!r} is not a case; expected (law, variant) with a law "
                    f"among {', '.join(self.laws)}, for example {self._example()}"
                )
        if points is not None and not points > 0:
            raise ValueError(f"points must be positive, got {points}")

    def _example(self) -> Case:
        return next(iter(self.laws)), 1

    def _findings(self, answer: Any, cases: Sequence[Case]) -> list[Finding]:
        findings: list[Finding] = []
        recognised = cache(partial(self._recognised, answer))  # once per variant
        for law, variant in cases:
            try:
                finding = self._finding(answer, law, variant, recognised)
            except LibraryCalled:
                said = "the library's own version of this step is out of reach while a check runs"
                return [Finding(law, Outcome.FAILED, said, LIBRARY) for law, _ in cases]
            except TimeLimit as error:
                said = (
                    f"{error}: a loop that never ends, or one element at a time where a whole "
                    "batch would do?"
                )
                findings.append(Finding(law, Outcome.ERROR, said))
                said = f"not tried, since there was no answer to “{law}”"
                left = cases[len(findings) :]
                findings += [Finding(other, Outcome.ERROR, said) for other, _ in left]
                break
            findings.append(finding)
        if {finding.outcome for finding in findings} == {Outcome.NOT_ATTEMPTED}:
            return findings
        return [_in_part(finding) for finding in findings]

    def _finding(
        self,
        answer: Any,
        law: str,
        variant: int,
        recognised: Callable[[int], Misconception | None],
    ) -> Finding:
        try:
            with safely(variant, seconds=self.seconds):
                self.laws[law](Ask(answer), variant)
        except Wrong as wrong:
            mistake = wrong.misconception or recognised(variant)
            return Finding(law, Outcome.FAILED, wrong.said, mistake)
        except StudentError as error:
            return Finding(law, Outcome.ERROR, str(error), lines=tuple(error.lines))
        except NotAttempted:
            return Finding(law, Outcome.NOT_ATTEMPTED)
        except (LibraryCalled, TimeLimit):
            raise
        except Exception as error:
            return Finding(law, Outcome.ERROR, str(StudentError(error, "what was given back")))
        return Finding(law, Outcome.PASSED)

    def _recognised(self, answer: Any, variant: int) -> Misconception | None:
        """The first mistake whose own answer the probe cannot tell from this one."""
        told = self.told(answer, variant)
        return None if told is None else self.mistaken(told, variant)

    def mistaken(self, told: Any, variant: int) -> Misconception | None:
        """The first mistake whose own answer tells the probe the same."""
        for mistake, known in self._known(variant):
            part = mistake.part
            if alike(told[part], known[part]) if part else alike(told, known):
                return mistake
        return None

    @cache  # noqa: B019  exercises live as long as their module
    def _known(self, variant: int) -> tuple[tuple[Misconception, Any], ...]:
        """What every mistake's own answers tell the probe."""
        told = ((m, self.told(wrong, variant)) for m in self.mistakes for wrong in m.answers)
        return tuple((mistake, known) for mistake, known in told if known is not None)

    def told(self, answer: Any, variant: int) -> Any:
        """What an answer tells the probe; None where it raises or gives nothing to compare."""
        if self.probe is None:
            return None
        try:
            with safely(variant, seconds=self.seconds):
                return self.probe(Ask(answer), variant)
        except (LibraryCalled, TimeLimit):
            raise
        except Exception:
            return None


def _in_part(finding: Finding) -> Finding:
    """A placeholder in an answer that was begun is an error of the cases that meet it."""
    if finding.outcome is not Outcome.NOT_ATTEMPTED:
        return finding
    said = "here your function still meets a placeholder, `raise NotImplementedError()` or `...`"
    return Finding(finding.law, Outcome.ERROR, said)


LIBRARY = Misconception(
    "the library's function is called instead of written",
    "Write the step yourself: that is the exercise. Reading the library's version afterwards is "
    "welcome.",
)
