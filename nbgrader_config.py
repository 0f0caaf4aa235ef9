"""How nbgrader sees this course: solutions/ -> labs/, and everything graded under grading/.

`python -m course_lib.teach grade` and the nbgrader commands both read this file. Each setting that
differs from nbgrader's default says why.
"""

from pathlib import Path
from secrets import token_hex

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor

from course_lib.teach.build.release import artefacts_by_lab
from course_lib.teach.grade.feedback import (
    FeedbackPage,
    HideTests,
    Points,
    SafeNotebook,
    safe_markdown,
)
from course_lib.teach.grade.lateness import DueDates
from course_lib.teach.grade.time_limit import TimeLimit

root = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 (nbgrader and course_lib.teach provide it)

# --- Where things are ------------------------------------------------------------------------
c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "automl"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "labs"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
# Names of students are in the gradebook: it stays in grading/, which git ignores.
c.CourseDirectory.db_url = f"sqlite:///{root / 'grading' / 'gradebook.db'}"

# --- What students must not receive ----------------------------------------------------------
# nbgrader copies every other file of solutions/labNN into labs/labNN: the text sources with all
# answers (*.py), what a run leaves behind (.progress.json) and the instructor's own files must not
# be among them. The artefacts that a lab asks for are left out of every release, too.
c.CourseDirectory.ignore = [
    ".*",
    "__pycache__",
    "*.pyc",
    "feedback",
    "*.py",
    "*.md",
    "*.toml",
]
# The feedback page shows the cells as they were graded, hidden tests included: take them out.
c.GenerateFeedback.preprocessors = [Points, HideTests, CSSHTMLHeaderPreprocessor]
# A page of our own: no total while an answer waits, names of exercises, nothing from the network.
c.GenerateFeedback.exporter_class = FeedbackPage

# --- What graders and students must not be shown unseen --------------------------------------
# Feedback pages and the formgrader carry along whatever HTML and scripts a student has written
# into a notebook; in the formgrader they would run with the grader's rights.
c.HTMLExporter.preprocessors = [SafeNotebook]
c.HTMLExporter.filters = {"markdown2html": safe_markdown}

# --- Holes that would give points away -------------------------------------------------------
# A cell tagged `skip-execution` does not run, and a test that did not run earns full marks. Nobody
# can know this tag, so every cell runs.
c.Execute.skip_cells_with_tag = token_hex(16)
# A deleted test cell would otherwise just be missing; it is put back before the notebook runs.
c.OverwriteCells.add_missing_cells = True

# Where the instructor has run a solution, its challenge's file lies beside it. nbgrader would copy
# it over every student's own, and everybody would be judged by it.
c.Autograde.exclude_overwriting = artefacts_by_lab(root)

# --- Time ------------------------------------------------------------------------------------
# nbgrader's 30 s per cell are too short for labs that train networks on a laptop's core.
c.Execute.timeout = 300
# Thirty cells that all hang would still take hours: a notebook as a whole has half an hour. What
# else `grade` limits is in course_lib/teach/grade/limits.py, for instance c.Limits.memory = 10**9.
c.Limits.notebook = 1800
limit = TimeLimit(seconds=c.Limits.notebook)
c.Execute.on_notebook_start = limit.start
c.Execute.on_cell_start = limit.check
# The kernel's warning about TCP in every single run says nothing about the hand-in.
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]
# A student's endless printing must not fill the gradebook's folder or the feedback page.
c.LimitOutput.max_lines = 1000
c.LimitOutput.max_traceback = 100

# --- Late hand-ins ---------------------------------------------------------------------------
# Due dates, penalty and extensions are read from grading/labs.toml.
c.AssignLatePenalties.plugin_class = DueDates
c.DueDates.path = str(root / "grading" / "labs.toml")

# The formgrader (grading by hand in the browser) is for instructors, who start it with a plain
# `jupyter lab` in the course folder. Students' JupyterLab, started by `make lab`, has it switched
# off: it would make an empty gradebook in their home folder.
