"""What the data of an exam carry; runs where no student's code ever ran.

A case counts if its law holds here, too, with the tape as the answer. Some laws cannot be tried on
a tape, for they look at more than what an answer gives: how often it called a function, say. They
are the laws that the solution's own tape does not keep. Such a case counts if the exercise's probe
was told what the solution tells; without a probe it is believed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course_lib.checks.as_data import NoData, from_text
from course_lib.checks.engine import Exercise
from course_lib.checks.exam import MOST, PROBE, Handed, exercises
from course_lib.checks.result import Finding, Outcome
from course_lib.checks.tape import Tape, is_call
from course_lib.checks.values import alike

Key = tuple[str, int, str]
"""Exercise, variant, law."""


@dataclass(frozen=True)
class Standard:
    """What the solution handed over: cases that a tape can be judged by, and what probes told."""

    taped: frozenset[Key]
    told: dict[tuple[str, int], Any]

    @classmethod
    def of(
        cls,
        known: Mapping[str, Exercise],
        solution: Sequence[Handed],
        taped: Iterable[Key] | None = None,
    ) -> "Standard":
        """From what the solution's kernel handed over; it tells the truth.

        known: the exercises. taped: found before, None where the laws have still to be tried.
        """
        told = {(one.exercise, one.variant): _value(one.text) for one in solution if not one.law}
        if taped is None:
            taped = [
                (one.exercise, one.variant, one.law)
                for one in solution
                if one.law and len(one.text) <= MOST / 2 and _tried(known[one.exercise], one)
            ]
        return cls(frozenset((name, variant, law) for name, variant, law in taped), told)


@dataclass
class Verdict:
    """What the data of one exercise carry.

    share: of its cases, from 0 to 1. lies: what the kernel said that its data contradict. taped,
    told, believed: how many cases are judged by a tape, by what the probe was told, not at all.
    mistakes: by name.
    """

    share: float = 0.0
    lies: list[str] = field(default_factory=list)
    taped: int = 0
    told: int = 0
    believed: int = 0
    mistakes: list[str] = field(default_factory=list)


def judge(exercise: Exercise, handed: Iterable[Handed], standard: Standard) -> Verdict:
    """What was handed over about one exercise, beside the solution's."""
    by_key = {(one.variant, one.law): one for one in handed if one.exercise == exercise.name}
    verdict, counts = Verdict(), []
    for name, variant in standard.told:
        if name == exercise.name:
            counts += _judged(exercise, variant, by_key, standard, verdict)
    verdict.share = sum(counts) / len(counts) if by_key and counts else 0.0
    verdict.mistakes = list(dict.fromkeys(verdict.mistakes))
    return verdict


def _judged(
    exercise: Exercise,
    variant: int,
    handed: dict[tuple[int, str], Handed],
    standard: Standard,
    verdict: Verdict,
) -> list[bool]:
    """Which laws count on one variant; fills in the rest of the verdict."""
    known = standard.told[exercise.name, variant]
    probe = handed.get((variant, PROBE))
    told = _value(probe.text) if probe else None
    same = _alike(told, known)
    if told is not None and not same and (mistake := _mistaken(exercise, told, variant)):
        verdict.mistakes.append(mistake)
    said = {law: one.holds for law in exercise.laws if (one := handed.get((variant, law)))}
    whole = len(said) == len(exercise.laws) and all(said.values())
    counts = {}
    for law in exercise.laws:
        one = handed.get((variant, law))
        found = None
        if one and (exercise.name, variant, law) in standard.taped:
            found = _tried(exercise, one, verdict.mistakes)
        if found is not None:
            verdict.taped += 1
            counts[law], claimed = found, said[law]
        elif known is not None:
            verdict.told += 1
            counts[law], claimed = same, whole
        else:
            verdict.believed += 1
            counts[law], claimed = said.get(law, False), False
        if claimed and not counts[law]:
            verdict.lies.append(f"{law} ({variant})")
    kept = exercise.basic is None or counts[exercise.basic]
    return [kept and count for count in counts.values()]


def _tried(exercise: Exercise, one: Handed, mistakes: list[str] | None = None) -> bool | None:
    """Whether the law holds for the tape; None where the answer gave what is no data."""
    calls = _value(one.text)
    if not isinstance(calls, list) or not all(map(is_call, calls)):
        return None
    finding: Finding = exercise(Tape(calls), [(one.law, one.variant)]).findings[0]
    if finding.misconception and mistakes is not None:
        mistakes.append(finding.misconception.name)
    return finding.outcome is Outcome.PASSED


def _alike(told: Any, known: Any) -> bool:
    try:
        return told is not None and alike(told, known)
    except Exception:  # it may be of any form
        return False


def _mistaken(exercise: Exercise, told: Any, variant: int) -> str:
    try:
        mistake = exercise.mistaken(told, variant)
    except Exception:  # it may be of any form
        return ""
    return mistake.name if mistake else ""


def _value(text: str) -> Any:
    """What a text stands for, None where it is no data."""
    try:
        return from_text(text, most=MOST)
    except NoData:
        return None


def read(texts: Iterable[str]) -> list[Handed]:
    """What a kernel showed, without what is nothing of the kind."""
    wanted = {"exercise": str, "variant": int, "law": str, "holds": bool, "text": str}
    found = []
    for text in texts:
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and {k: type(v) for k, v in entry.items()} == wanted:
            found.append(Handed(**entry))
    return found


def judged_file(path: Path) -> str:
    """{"verdicts": {exercise: verdict}, "taped": keys} of a file with these entries, as JSON.

    lab; names: of its exercises; handed, solution: what two kernels showed; taped: by which keys a
    tape can be judged, null where the solution's has still to be tried.
    """
    asked = json.loads(path.read_bytes())
    known, solution = exercises(asked["lab"]), read(asked["solution"])
    standard = Standard.of(known, solution, asked["taped"])
    handed = read(asked["handed"])
    verdicts = {name: asdict(judge(known[name], handed, standard)) for name in asked["names"]}
    return json.dumps({"verdicts": verdicts, "taped": sorted(standard.taped)})
