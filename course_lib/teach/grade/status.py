"""One status per hand-in, and what the command's exit code makes of a whole class."""

from collections.abc import Iterable, Sequence
from enum import StrEnum


class Status(StrEnum):
    """What became of a hand-in; the later in this list, the more it wants to be looked at."""

    NO_HANDIN = "no hand-in"
    GRADED = "graded"
    REPAIRED = "repaired"
    BY_HAND = "to grade by hand"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"
    NOT_GRADED = "could not be graded"
    TAMPERED = "tampered"


EXIT_CODES = {
    Status.TIMED_OUT: 10,
    Status.OUT_OF_MEMORY: 11,
    Status.CRASHED: 12,
    Status.UNREADABLE: 13,
    Status.NOT_GRADED: 14,
    Status.TAMPERED: 15,
}
"""The exit code of a class in which this is the last status of the list that occurs; else 0.

1: the command itself failed, for instance at a mistake in labs.toml. 2: there was no hand-in.
130: stopped with Ctrl-C.
"""

_OWN_WORD = (
    *(Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED),
    *(Status.UNREADABLE, Status.NOT_GRADED, Status.TAMPERED),
)


def exit_code(statuses: Iterable[Status]) -> int:
    """The code of the gravest status."""
    return max((EXIT_CODES.get(status, 0) for status in statuses), default=0)


def status_of(problem: str, notes: Sequence[str], by_hand: Sequence[str]) -> tuple[Status, str]:
    """The status of a hand-in and a few words more, '' where there is nothing to add.

    problem: why there are no points at all, '' if there are. notes: what was done or noticed; the
    word before a note's colon may be a status. by_hand: the cells that wait for a person.
    """
    if problem:
        found = _said([problem])
        return found[0] if found else (Status.UNREADABLE, problem)
    found = _said(notes)
    if found:
        return max(found, key=lambda said: list(Status).index(said[0]))
    if by_hand:
        return Status.BY_HAND, ", ".join(by_hand)
    repaired = any(note.startswith(Status.REPAIRED) for note in notes)
    return (Status.REPAIRED if repaired else Status.GRADED), ""


def _said(notes: Iterable[str]) -> list[tuple[Status, str]]:
    """The notes that begin with a status of their own, as status and the words behind it."""
    parts = [note.partition(": ") for note in notes]
    return [(Status(word), rest) for word, _, rest in parts if word in _OWN_WORD]
