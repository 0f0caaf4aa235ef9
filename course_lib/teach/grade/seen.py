"""Notes on how a hand-in was found, kept when its file has left the inbox."""

from collections.abc import Iterable
from dataclasses import replace

from course_lib.teach.grade.collect import Collected
from course_lib.teach.grade.record import Entry, Record


def remember(record: Record, handins: Iterable[Collected]) -> None:
    """Put the notes into the record, and bring back those on what is no longer in the inbox."""
    entries, new = record.entries(), dict[str, Entry]()
    for handin in handins:
        entry = entries.get(handin.student, Entry(""))
        if handin.before:
            handin.notes = list(dict.fromkeys([*entry.seen, *handin.notes]))
        if not handin.problem and entry.seen != handin.notes:
            new[handin.student] = replace(entry, seen=handin.notes)
    if new:
        record.update(new)
