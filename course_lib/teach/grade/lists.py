"""The files that a run leaves in grading/: the list of grades, the class on a page, an export."""

from pathlib import Path

from course_lib.teach.files import write_atomically
from course_lib.teach.grade.book import Book
from course_lib.teach.grade.by_table import write_table
from course_lib.teach.grade.class_numbers import mistakes
from course_lib.teach.grade.class_page import class_page
from course_lib.teach.grade.export import fill_in
from course_lib.teach.grade.report import Row, to_csv


def write_lists(book: Book, rows: list[Row]) -> None:
    """The list of grades as a table and as a page, in grading/."""
    points = book.max_points
    scored = [row.student for row in rows if row.raw is not None]
    made = {student: mistakes(book.executed(student)) for student in scored}
    table = book.grading / f"{book.lab.name}.csv"
    write_atomically(table, to_csv(rows, points).encode())
    page = table.with_suffix(".html")
    write_atomically(page, class_page(book.lab.name, rows, points, made).encode())
    write_table(book, rows)
    print(f"Grades: {table}\nThe class: {page}\nFeedback: {book.grading / 'feedback'}")


def write_gradebook(exported: Path, book: Book, rows: list[Row]) -> None:
    """The platform's grade book with the points, beside the list of grades."""
    filled = fill_in(exported, book.lab.name, rows)
    path = book.grading / f"{book.lab.name}_gradebook.csv"
    write_atomically(path, filled.content)
    print(f"To import into the platform: {path}", *filled.said, sep="\n")
