"""The files that a run leaves in grading/: the list of grades, the class on a page, an export."""

from collections.abc import Iterable
from pathlib import Path

from course_lib.teach.files import write_atomically
from course_lib.teach.grade.book import Book
from course_lib.teach.grade.by_table import write_table
from course_lib.teach.grade.class_numbers import mistakes
from course_lib.teach.grade.class_page import class_page
from course_lib.teach.grade.export import fill_in
from course_lib.teach.grade.minutes import read_minutes
from course_lib.teach.grade.report import Row, to_csv
from course_lib.teach.places import MINUTES


def write_lists(book: Book, rows: list[Row]) -> None:
    """The list of grades as a table and as a page, in grading/."""
    points = book.max_points
    scored = [row.student for row in rows if row.raw is not None]
    made = {student: mistakes(book.executed(student)) for student in scored}
    table = book.grading / f"{book.lab.name}.csv"
    write_atomically(table, to_csv(rows, points).encode())
    page = table.with_suffix(".html")
    told = [minutes for student in scored if (minutes := _told(book, student, points))]
    write_atomically(page, class_page(book.lab.name, rows, points, made, told).encode())
    write_table(book, rows)
    print(f"Grades: {table}\nThe class: {page}\nFeedback: {book.grading / 'feedback'}")


def _told(book: Book, student: str, points: Iterable[str]) -> dict[str, float]:
    """The minutes that a student told, by exercise; none if they were not told."""
    file = book.grading / "submitted" / student / book.lab.name / MINUTES
    exercises = [name.removesuffix("_test") for name in points]
    return (read_minutes(file.read_bytes(), exercises) if file.is_file() else None) or {}


def write_gradebook(exported: Path, book: Book, rows: list[Row]) -> None:
    """The platform's grade book with the points, beside the list of grades."""
    filled = fill_in(exported, book.lab.name, rows)
    path = book.grading / f"{book.lab.name}_gradebook.csv"
    write_atomically(path, filled.content)
    print(f"To import into the platform: {path}", *filled.said, sep="\n")
