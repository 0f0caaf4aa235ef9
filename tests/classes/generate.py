"""A class of any lab: hand-ins of mixed quality and damage, and what each of them must be given.

Student number n of a seed is the same in a class of any size.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from random import Random

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id
from tests.classes.arrivals import ARRIVALS, TIMELESS, Files, Parcel, Person, into_archives
from tests.classes.banks import CHALLENGE, bank
from tests.classes.damages import DAMAGES, UNHARMED, drawn, killing
from tests.classes.oracle import Oracle, oracle_of

DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXTENDED = DUE + timedelta(days=2)
PENALTY = 0.1
GRACE = 15
FIRST = ("Ada", "Jörg", "Zoë", "Łukasz", "Aylin", "Nguyễn", "José", "Mary-Ann", "Søren", "Inês")
LAST = ("Müller", "O'Neill", "de Vries", "Åström", "Çelik", "Nowak", "García", "Li", "Saint-Clair")
LATENESS = (
    *[timedelta(hours=-1)] * 6,
    *(timedelta(minutes=10), timedelta(minutes=20), timedelta(hours=30), timedelta(days=4)),
)


@dataclass(frozen=True)
class Expected:
    """What the list of grades must say of one student.

    scores: by test, None where there can be none. notes: patterns, one for each note.
    made: what the hand-in is, in words.
    """

    student: str
    made: str
    status: str
    scores: dict[str, float] | None = None
    penalty: float = 0.0
    waits: bool = False
    time: datetime | None = None
    notes: tuple[str, ...] = ()

    @property
    def raw(self) -> float:
        """The points before the penalty."""
        return sum((self.scores or {}).values())


def make_class(course: Path, lab: str, size: int, seed: int) -> list[Expected]:
    """Fill the course's inbox, and write its roster and dates."""
    release = nbformat.read(course / "labs" / lab / f"{lab}.ipynb", as_version=4)
    oracle = oracle_of(lab)
    files: Files = {}
    people = [_person(number) for number in range(size)]
    found = []
    for number, person in enumerate(people):
        more, expected = _Student(lab, person, oracle, release, Random(f"{seed} {number}")).work()
        files |= more
        found.append(expected)
    grading = course / "grading"
    for path, content in into_archives(files).items():
        target = grading / "inbox" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    absent = Person("absent", "Never Came", 1)
    lines = [f"{person.id},{person.name}" for person in (*people, absent)]
    (grading / "roster.csv").write_text("id,name\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (grading / "labs.toml").write_text(_dates(lab, people), encoding="utf-8")
    return [*found, Expected("absent", "nothing", "no hand-in")]


def _person(number: int) -> Person:
    first = FIRST[number % len(FIRST)]
    last = LAST[number // len(FIRST) % len(LAST)]
    more = " " + "I" * (number // 90) if number >= 90 else ""
    return Person(f"s{number:03}", f"{first} {last}{more}", 40_000 + number)


def _extended(person: Person) -> bool:
    return person.number % 7 == 3


def _dates(lab: str, people: Sequence[Person]) -> str:
    later = [f"{p.id} = {EXTENDED.isoformat()}" for p in people if _extended(p)]
    return (
        f"[{lab}]\ndue = {DUE.isoformat()}\npenalty_per_day = {PENALTY}\ngrace_minutes = {GRACE}\n"
        f"[{lab}.extensions]\n" + "\n".join(later) + "\n"
    )


@dataclass(frozen=True)
class _Student:
    """One student's work, decided by the generator `rng`."""

    lab: str
    person: Person
    oracle: Oracle
    release: NotebookNode
    rng: Random

    def work(self) -> tuple[Files, Expected]:
        """The files for the inbox, and what they are worth."""
        rng = self.rng
        quality = rng.choices(("right", "mixed", "half", "untouched"), (3, 5, 2, 1))[0]
        answers = self._answers(quality)
        file = self._file(quality)
        written = f"Because {self.person.name} says so." if quality != "untouched" else ""
        damage, exercise = drawn(rng), rng.choice(list(bank(self.lab)))
        how = rng.choice(list(ARRIVALS))
        kills = rng.random() < 0.06 and not DAMAGES.get(damage, UNHARMED).unreadable
        late = rng.choice(LATENESS)
        notebook = _filled(self.release, {**answers, "written": written})
        crash = [killing(notebook, exercise)] if kills else []
        made = DAMAGES.get(damage, UNHARMED)
        made.change(notebook, exercise)
        _name_new_cells(notebook, self.release)
        content = made.rewrite(json.dumps(notebook).encode())
        beside = {self.oracle.artefact: file} if file else {}
        parcel = Parcel(self.lab, self.person, DUE + late, content, beside)
        words = ", ".join(word for word in (quality, damage, "kills" * kills, how) if word)
        files, notes, time = self._sent(parcel, how, made.unreadable)
        if made.unreadable:
            return files, Expected(self.person.id, words, "unreadable")
        notes += [*made.said(exercise), *crash, *(["not answered: written"] * (not written))]
        tests = {f"{name}_test": name for name in bank(self.lab)}
        scores = {
            test: self.oracle.points(name, answers.get(name, ""), file * (name == CHALLENGE))
            for test, name in tests.items()
        }
        return files, self._expected(words, notes, scores, bool(written), time)

    def _expected(
        self,
        words: str,
        notes: list[str],
        scores: dict[str, float],
        waits: bool,
        time: datetime | None,
    ) -> Expected:
        due = EXTENDED if _extended(self.person) else DUE
        late = (time - due if time else timedelta()) / timedelta(days=1)
        days = ceil(late) if late > GRACE / 60 / 24 else 0
        penalty = sum(scores.values()) * min(1.0, PENALTY * days)
        status = "to grade by hand" if waits else "graded"
        if not waits and any(note.startswith("repaired") for note in notes):
            status = "repaired"
        if any(note.startswith("crashed") for note in notes):
            status = "crashed"
        return Expected(self.person.id, words, status, scores, penalty, waits, time, tuple(notes))

    def _answers(self, quality: str) -> dict[str, str]:
        """Texts by exercise; one that is missing stays as it was released."""
        rng, chosen = self.rng, dict[str, str]()
        for name, answers in bank(self.lab).items():
            right = [answer for answer in answers if answer.kind == "right"]
            if quality == "right":
                chosen[name] = rng.choice(right).source
            elif quality == "mixed":
                chosen[name] = rng.choice(answers).source
            elif quality == "half" and rng.random() < 0.5:
                chosen[name] = answers[0].source
        if self.oracle.artefact:  # the challenge is its file; an answer would be run for long
            chosen.pop(CHALLENGE, None)
        return chosen

    def _file(self, quality: str) -> bytes:
        """The challenge's file: right, damaged or none."""
        if quality == "untouched" or not self.oracle.artefact:
            return b""
        luck = self.rng.random()
        if quality == "right" or luck < 0.4:
            return self.oracle.right_file()
        return b"damaged" if luck < 0.7 else b""

    def _sent(
        self, parcel: Parcel, how: str, unreadable: bool
    ) -> tuple[Files, list[str], datetime | None]:
        """The files in the inbox, with an earlier or a later one; the notes; whose time counts."""
        arrival = ARRIVALS[how]
        files = arrival.files(parcel)
        notes = [arrival.note.replace("{lab}", parcel.lab)] if arrival.note else []
        time = parcel.time if arrival.timed else None
        notes += [] if time else [TIMELESS]
        luck = self.rng.random()
        if how != "submit" or unreadable or luck > 0.5:
            return files, notes, time
        if luck < 0.2:
            other = _filled(self.release, {"written": "A first attempt."})
            again, shift, why = json.dumps(other).encode(), -timedelta(hours=5), "handed in earlier"
        else:
            again, shift = parcel.notebook, timedelta(days=3)
            why = "the same work, which keeps its earlier time"
        second = Parcel(parcel.lab, parcel.person, parcel.time + shift, again, parcel.beside)
        return (
            files | arrival.files(second),
            [*notes, rf"set aside: {second.stamped}\.zip \({why}\)"],
            time,
        )


def _name_new_cells(notebook: NotebookNode, release: NotebookNode) -> None:
    """Names that do not depend on chance, so that a seed makes the same files."""
    known = {cell.id for cell in release.cells}
    for place, cell in enumerate(notebook.cells):
        if "id" in cell and cell.id not in known:
            cell.id = f"new-{place}"


def _filled(release: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """A copy of the release with answers in it."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell) or "") or cell.source
    return notebook
