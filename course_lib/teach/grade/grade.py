"""`python -m course_lib.teach grade LAB`: from hand-ins to feedback pages and a list of grades.

Put the files that students handed in (the zip files of `submit`, or what the learning platform
made of them) into grading/inbox/, and due dates into grading/labs.toml
(`course_lib.teach.grade.settings` says how). The command collects them into grading/submitted/,
runs those that are new or changed, and writes the list of grades grading/LAB.csv and the pages
grading/feedback/STUDENT/LAB/LAB.html.

Written answers are graded by hand in nbgrader's formgrader (start `jupyter lab` in the course
folder, menu Nbgrader). Then run the command again: it executes nothing that has not changed, and
brings penalties, feedback and list up to date.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from course_lib.teach.files import write_atomically
from course_lib.teach.grade.book import Book
from course_lib.teach.grade.collect import Collected, gather
from course_lib.teach.grade.nbgrading import NbgraderError
from course_lib.teach.grade.report import GRADED, NO_HANDIN, Row, to_csv, to_text
from course_lib.teach.grade.runs import Runs
from course_lib.teach.grade.sandbox import UNSAFE, check_sandbox
from course_lib.teach.grade.settings import LabSettings, read_settings
from course_lib.teach.places import Lab, course_folder, labs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("lab", help="for example lab01_rl_nas")
    parser.add_argument("--submissions", type=Path, help="the hand-ins (grading/inbox)")
    parser.add_argument("--force", action="store_true", help="run unchanged hand-ins again too")
    parser.add_argument("--jobs", type=int, default=-1, help="hand-ins at a time (one per core)")
    parser.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run student code with all your rights"
    )
    parser.add_argument("--root", type=Path, help="the course folder (this one)")


def run(args: argparse.Namespace) -> int:
    """Grade a lab; 0 if every hand-in was graded, 1 if one could not be, 2 if none was found."""
    root = course_folder(args.root)
    if args.unsafe_no_sandbox:
        print(UNSAFE, file=sys.stderr)
    else:
        check_sandbox()
    lab = find_lab(root, args.lab)
    with only_one(root / "grading"):
        return _run(args, root, lab)


@contextmanager
def only_one(grading: Path) -> Iterator[None]:
    """Two runs at once would write into the same gradebook: ValueError for the second."""
    grading.mkdir(exist_ok=True)
    try:
        with FileLock(grading / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise ValueError(
            "another `grade` is running in this course: run this command again when it has ended"
        ) from error


def _run(args: argparse.Namespace, root: Path, lab: Lab) -> int:
    settings = read_settings(root / "grading" / "labs.toml").get(lab.name, LabSettings())
    book = Book(lab, settings)
    inbox = args.submissions or root / "grading" / "inbox"
    if args.submissions and not inbox.is_dir():
        raise ValueError(f"--submissions {inbox} is not a folder")
    found = collect_handins(book, inbox)
    if not found:
        print(f"No hand-ins of {lab.name}: put them into {inbox}", file=sys.stderr)
        return 2
    runs = Runs(args.jobs, sandboxed=not args.unsafe_no_sandbox)
    rows = grade(book, found, runs, force=args.force)
    table = root / "grading" / f"{lab.name}.csv"
    write_atomically(table, to_csv(rows, book.max_points).encode())
    print(to_text(rows, book.max_points))
    print(f"Grades: {table}\nFeedback: {root / 'grading' / 'feedback'}")
    by_hand = sum(bool(row.by_hand) for row in rows)
    if by_hand:
        print(f"{by_hand} hand-ins have answers to grade by hand; their points are not final.")
    return 1 if any(row.raw is None and row.status != NO_HANDIN for row in rows) else 0


def find_lab(root: Path, name: str) -> Lab:
    """The lab of that name; ValueError lists the labs that can be graded."""
    known = {lab.name: lab for lab in labs(root)}
    if name not in known:
        raise ValueError(f"no lab {name!r} in solutions/; there is: {', '.join(known) or 'none'}")
    return known[name]


def collect_handins(book: Book, inbox: Path) -> list[Collected]:
    """Register the lab and bring the hand-ins, from the inbox or of earlier runs, into order."""
    others = [lab.name for lab in labs(book.lab.root) if lab.name != book.lab.name]
    return gather(book.lab, book.register(), inbox, others=others)


def grade(book: Book, handins: list[Collected], runs: Runs, *, force: bool = False) -> list[Row]:
    """Run what is new, then penalties and feedback; one row for every hand-in and every student.

    A hand-in that fails does not keep the others from being graded.
    """
    found = {handin.student: handin for handin in handins if not handin.problem}
    due = [name for name in found if force or not book.settled(name)]
    if due:
        print(runs.plan(len(due), book.usual_seconds()), file=sys.stderr)
    for executed in runs([book.job(name, sandboxed=runs.sandboxed) for name in due]):
        book.enter(found[executed.student], executed)
    book.refresh_penalties()
    rows = [_row(book, handin) for handin in handins]
    missing = sorted(set(book.students()) - {handin.student for handin in handins})
    return rows + [Row(student, NO_HANDIN) for student in missing]


def _row(book: Book, handin: Collected) -> Row:
    problem = handin.problem or book.problem(handin.student)
    due = book.settings.due_for(handin.student)
    row = Row(handin.student, problem, time=handin.time, due=due, notes=list(handin.notes))
    if problem:
        book.withdraw(handin.student)
        return row
    scores = book.scores(handin.student)
    row.status = f"to grade by hand: {', '.join(scores.by_hand)}" if scores.by_hand else GRADED
    try:
        book.feedback(handin.student)
    except NbgraderError as error:
        book.withdraw(handin.student)
        row.status += f", no feedback page: {error}"
    row.scores, row.raw, row.penalty = scores.exercises, scores.raw, scores.penalty
    row.by_hand = scores.by_hand
    row.notes += [f"not answered: {name}" for name in scores.unanswered]
    row.notes += book.remarks(handin.student)
    return row
