"""The table of written answers and the gradebook: points go in, answers come out, on a page too."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from course_lib.teach.build.questions import questions
from course_lib.teach.build.release import read_lab
from course_lib.teach.build.sources import grade_id
from course_lib.teach.files import write_atomically
from course_lib.teach.grade.book import Book
from course_lib.teach.grade.database import scored_submission
from course_lib.teach.grade.hand_page import hand_page
from course_lib.teach.grade.hand_table import Answer, read_table, take_over, to_table
from course_lib.teach.grade.record import Entry
from course_lib.teach.grade.report import Row

ID = 12
"""Letters of a text's hash in the table."""


def table_of(book: Book) -> Path:
    """Where the table lies."""
    return book.grading / f"{book.lab.name}_written.csv"


def take_points(book: Book) -> list[str]:
    """Enter what was filled into the table; a line for whatever could not be taken over."""
    said, entries = [], book.record.entries()
    given = read_table(table_of(book))
    if not given:
        return []
    with book.open() as gradebook:
        for one in given:
            submission = scored_submission(gradebook, book.lab.name, one.student)
            grades = submission.notebooks[0].grades if submission else []
            grade = next((g for g in grades if g.name == one.cell), None)
            if grade is None:
                said.append(f"{one.place}: no answer {one.cell!r} of {one.student!r}")
                continue
            comments = submission.notebooks[0].comments
            comment = next(c for c in comments if c.name == one.cell)
            texts = entries.get(one.student, Entry("")).texts
            said.append(take_over(one, grade, comment, texts))
        gradebook.db.commit()
    lines = [line for line in said if line]
    return [*lines, f"the table as it was filled in: {_keep(table_of(book))}"] if lines else []


def _keep(table: Path) -> Path:
    """A copy of the table, which is about to be written anew."""
    number = 1 + sum(1 for _ in table.parent.glob(f"{table.stem}-*.csv"))
    return Path(shutil.copy(table, table.with_stem(f"{table.stem}-{number}")))


def write_table(book: Book, rows: list[Row]) -> Path | None:
    """Write the answers that a person grades as a table and as a page; None if there are none.

    Those that wait come first.
    """
    answers = [answer for row in rows if row.raw is not None for answer in _answers(book, row)]
    if not answers:
        return None
    answers.sort(key=lambda answer: (answer.points is not None, answer.cell, answer.student))
    write_atomically(table_of(book), to_table(answers))
    asked = {question.name: question for question in questions(read_lab(book.lab).cells)}
    page = hand_page(book.lab.name, answers, asked)
    write_atomically(table_of(book).with_suffix(".html"), page.encode())
    return table_of(book)


def _answers(book: Book, row: Row) -> Iterator[Answer]:
    cells = _cells(book.executed(row.student))
    entry = book.record.entry(row.student) or Entry("")
    with book.open() as gradebook:
        notebook = gradebook.find_submission(book.lab.name, row.student).notebooks[0]
        comments = {comment.name: comment.manual_comment or "" for comment in notebook.comments}
        for grade in notebook.grades:
            read = grade.needs_manual_grade or grade.manual_score is not None
            if grade.name in entry.texts and read:
                cell = cells.get(grade.name, NotebookNode(source=""))
                yield Answer(
                    row.student,
                    grade.name,
                    float(grade.max_score),
                    cell.source,
                    entry.texts[grade.name][:ID],
                    grade.manual_score,
                    comments.get(grade.name, ""),
                    row.name,
                    cell.get("attachments", {}),
                    cell.get("cell_type") == "code",
                )


def _cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {name: cell for cell in notebook.cells if (name := grade_id(cell)) is not None}
