"""`python -m course_lib.teach grade LAB`: from hand-ins to feedback pages and a list of grades.

Put the files that students handed in (the zip files of `submit`, or what the learning platform
made of them) into grading/inbox/, and due dates into grading/labs.toml
(`course_lib.teach.grade.settings` says how). The command collects them into grading/submitted/,
runs those that are new or changed, and writes the list of grades grading/LAB.csv, the class on a
page, grading/LAB.html, and the pages grading/feedback/STUDENT/LAB/LAB.html. With `--gradebook FILE`
the points are filled into a grade book that was exported from Canvas or Moodle, too.

Written answers are graded by hand: on the page grading/LAB_written.html, in the column `points` of
grading/LAB_written.csv, which that page fills in, too, or in nbgrader's formgrader (start `jupyter
lab` in the course folder, menu Nbgrader). Then run the command again: it executes nothing that has
not changed, and brings penalties, feedback and list up to date.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm import tqdm

from course_lib.teach.build.release import read_lab
from course_lib.teach.grade.book import Book
from course_lib.teach.grade.by_table import table_of, take_points
from course_lib.teach.grade.cluster import on_cluster
from course_lib.teach.grade.collect import Collected, gather
from course_lib.teach.grade.exam import Exam, exam_of
from course_lib.teach.grade.exam_rule import with_solution
from course_lib.teach.grade.limits import limits_of
from course_lib.teach.grade.lists import write_gradebook, write_lists
from course_lib.teach.grade.nbgrading import NbgraderError
from course_lib.teach.grade.report import Row, to_text
from course_lib.teach.grade.result import named, result
from course_lib.teach.grade.roster import Roster, by_name, read_roster
from course_lib.teach.grade.runs import Runs, on_cores
from course_lib.teach.grade.sandbox import UNSAFE, check_sandbox
from course_lib.teach.grade.seen import remember
from course_lib.teach.grade.settings import LabSettings, read_settings, unknown_extensions
from course_lib.teach.grade.status import Status, exit_code
from course_lib.teach.places import Lab, course_folder, labs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("lab", help="for example lab01_rl_nas")
    parser.add_argument("--submissions", type=Path, help="the hand-ins (grading/inbox)")
    parser.add_argument("--force", action="store_true", help="run unchanged hand-ins again too")
    parser.add_argument("--jobs", type=int, default=-1, help="hand-ins at a time (one per core)")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="run them on the workers of this Dask scheduler instead"
    )
    parser.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run student code with all your rights"
    )
    parser.add_argument(
        "--gradebook", type=Path, help="a CSV exported from the platform, to fill in"
    )
    parser.add_argument("--root", type=Path, help="the course folder (this one)")


def run(args: argparse.Namespace) -> int:
    """Grade a lab; `course_lib.teach.grade.status` says what the exit codes mean."""
    root = course_folder(args.root)
    with _runs(args) as runs:
        lab = find_lab(root, args.lab)
        with only_one(root / "grading"):
            roster = read_roster(root / "grading" / "roster.csv")
            with Book(lab, lab_settings(lab, roster)) as book:
                return _run(args, book, roster, runs)


def _runs(args: argparse.Namespace) -> AbstractContextManager[Runs]:
    """Where hand-ins will run; ValueError: not there."""
    sandboxed = not args.unsafe_no_sandbox
    if not sandboxed:
        print(UNSAFE, file=sys.stderr)
    if args.dask:
        return on_cluster(args.dask, sandboxed=sandboxed)
    if sandboxed:
        check_sandbox()
    return nullcontext(on_cores(args.jobs, sandboxed=sandboxed))


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


def _run(args: argparse.Namespace, book: Book, roster: Roster | None, runs: Runs) -> int:
    inbox = args.submissions or book.grading / "inbox"
    if args.submissions and not inbox.is_dir():
        raise ValueError(f"--submissions {inbox} is not a folder")
    found = collect_handins(book, inbox, roster)
    if not found:
        print(f"No hand-ins of {book.lab.name}: put them into {inbox}", file=sys.stderr)
        return 2
    if roster is None:
        for line in unknown_extensions(book.settings, {handin.student for handin in found}):
            print(f"noticed: {line}", file=sys.stderr)
    rows = named(grade(book, found, runs, roster, force=args.force), roster)
    print(to_text(rows, book.max_points))
    write_lists(book, rows)
    if args.gradebook:
        write_gradebook(args.gradebook, book, rows)
    by_hand = sum(bool(row.by_hand) for row in rows)
    if by_hand:
        print(
            f"{by_hand} hand-ins have answers to grade by hand: read them in "
            f"{table_of(book).with_suffix('.html')}; their points are not final."
        )
    if any(row.status is Status.NOT_GRADED for row in rows):
        print(f"What {Status.NOT_GRADED} runs again when it or the lab changes, or with --force.")
    return exit_code(row.status for row in rows)


def lab_settings(lab: Lab, roster: Roster | None) -> LabSettings:
    """What grading/labs.toml says about a lab; ValueError: it names a lab or student unknown."""
    path = lab.root / "grading" / "labs.toml"
    known = [other.name for other in labs(lab.root)]
    settings = read_settings(path, known).get(lab.name, LabSettings())
    if roster is not None and (unknown := unknown_extensions(settings, roster)):
        raise ValueError("; ".join(unknown))
    return settings


def find_lab(root: Path, name: str) -> Lab:
    """The lab of that name; ValueError lists the labs that can be graded."""
    known = {lab.name: lab for lab in labs(root)}
    if name not in known:
        raise ValueError(f"no lab {name!r} in solutions/; there is: {', '.join(known) or 'none'}")
    return known[name]


def collect_handins(book: Book, inbox: Path, roster: Roster | None) -> list[Collected]:
    """Register the lab and bring the hand-ins, from the inbox or of earlier runs, into order."""
    release = book.register()
    others = [lab.name for lab in labs(book.lab.root) if lab.name != book.lab.name]
    people = by_name(roster or {})
    left = book.left(roster)
    found = gather(book.lab, release, inbox, others=others, roster=people, left=left)
    remember(book.record, found)
    for student in sorted(left - {handin.student for handin in found}):
        print(
            f"left out: {student} has left (no hand-in in the inbox, and not in "
            f"{'the gradebook' if roster is None else 'grading/roster.csv'})",
            file=sys.stderr,
        )
    return found


def grade(
    book: Book,
    handins: list[Collected],
    runs: Runs,
    roster: Roster | None = None,
    *,
    force: bool = False,
) -> list[Row]:
    """Run what is new, then penalties and feedback; one row for every hand-in and every student.

    A hand-in that fails does not keep the others from being graded.
    """
    found = {handin.student: handin for handin in handins if not handin.problem}
    due = list(found) if force else book.unsettled(found)
    exam = _exam(book, sandboxed=runs.sandboxed) if due and book.settings.exam else None
    if due:
        print(runs.plan(len(due), book.usual_seconds()), file=sys.stderr)
    for executed in runs([book.job(name, sandboxed=runs.sandboxed, exam=exam) for name in due]):
        book.enter(found[executed.student], executed, exam)
    for line in take_points(book):
        print(f"noticed: {line}", file=sys.stderr)
    book.refresh_penalties()
    bar = tqdm(handins, "feedback", unit="page", delay=2)  # not where nothing is new
    rows = [_row(book, handin) for handin in bar]
    expected = book.students() if roster is None else roster
    missing = sorted(set(expected) - {handin.student for handin in handins})
    return rows + [Row(student, Status.NO_HANDIN) for student in missing]


def _exam(book: Book, *, sandboxed: bool) -> Exam:
    """What everybody is asked; the solution is asked first, and how it is judged is printed."""
    notebook = read_lab(book.lab, book.settings.hidden_variant)
    exam = exam_of(book.lab.name, notebook, book.settings.hidden_variant)
    limits = limits_of(book.config)
    exam, ways = with_solution(exam, notebook, book.beside, limits, sandboxed=sandboxed)
    print("Exam: how answers are judged", *ways, sep="\n  ", file=sys.stderr)
    return exam


def _row(book: Book, handin: Collected) -> Row:
    student = handin.student
    problem = handin.problem or book.problem(student)
    due = book.settings.due_for(student)
    if problem:
        book.pages.withdraw(student)
        return result(handin, problem, due)
    scores, notes = book.scores(student), book.remarks(student)
    try:
        book.feedback(student)
    except NbgraderError as error:
        book.pages.withdraw(student)
        notes.append(f"noticed: no feedback page: {error}")
    entry = book.record.entry(student)
    return replace(result(handin, "", due, scores, notes), ways=entry.ways if entry else {})
