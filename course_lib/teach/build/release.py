"""The student's version of a lab, made by nbgrader's own generate_assignment."""

import shutil
import tempfile
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from traitlets.config import Config

from course_lib.teach.build.markers import MarkerError, replace_in, split
from course_lib.teach.build.sources import read_source, to_bytes
from course_lib.teach.cells import artefacts
from course_lib.teach.files import write_atomically
from course_lib.teach.grade.nbgrading import NbgraderError, convert, course_config
from course_lib.teach.grade.settings import PUBLIC_VARIANT
from course_lib.teach.places import Lab, labs


def release_files(lab: Lab) -> dict[str, bytes]:
    """What students receive, as {path inside the lab's folder: content}; no file is touched.

    ValueError: the source is refused, by us or by nbgrader.
    """
    config = course_config(lab.root)
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    return generate(lab, config)


def read_lab(lab: Lab, hidden_variant: int = PUBLIC_VARIANT) -> NotebookNode:
    """The instructor's notebook of a lab, its hidden tests with a number of one's own.

    ValueError: the hidden tests do not use PUBLIC_VARIANT, so there is nothing to put it for.
    """
    notebook = read_source(lab.source)
    if hidden_variant == PUBLIC_VARIANT:
        return notebook
    replaced = 0
    for cell in notebook.cells:
        cell.source, count = replace_in(
            cell.source, "HIDDEN TESTS", rf"\b{PUBLIC_VARIANT}\b", str(hidden_variant)
        )
        replaced += count
    if not replaced:
        raise ValueError(
            f"{lab.source}: hidden_variant is set, but no hidden test uses {PUBLIC_VARIANT}"
        )
    return notebook


def artefacts_by_lab(root: Path) -> dict[str, list[str]]:
    """The names of the files that each lab asks for beside the notebook."""
    return {lab.name: artefacts({"cells": read_source(lab.source).cells}) for lab in labs(root)}


def generate(lab: Lab, config: Config, hidden_variant: int = PUBLIC_VARIANT) -> dict[str, bytes]:
    """Run generate_assignment on a copy of the lab's sources and return the files that it made.

    It works in a temporary folder, since nbgrader deletes what else lies in its target.
    """
    config = deepcopy(config)
    notebook = read_lab(lab, hidden_variant)
    try:
        split(notebook)
    except MarkerError as error:
        raise ValueError(f"{lab.source}: {error}") from error
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        sources, made = (Path(folder) / name / lab.name for name in ("solutions", "labs"))
        own = artefacts({"cells": notebook.cells})  # of an instructor who has run the solution
        ignore = shutil.ignore_patterns(*config.CourseDirectory.ignore, "*.ipynb", *own)
        shutil.copytree(lab.source.parent, sources, ignore=ignore)
        (sources / lab.solution.name).write_bytes(to_bytes(notebook))
        config.CourseDirectory.root = folder
        try:
            convert(GenerateAssignment, config, lab=lab.name)
        except NbgraderError as error:
            raise ValueError(f"{lab.source}: nbgrader makes no release of it: {error}") from error
        files = [path for path in sorted(made.rglob("*")) if path.is_file()]
        return {path.relative_to(made).as_posix(): _content(path) for path in files}


def write_release(lab: Lab, files: dict[str, bytes]) -> None:
    """Replace the built files one by one; whatever else lies in the lab's folder is left alone."""
    for name, content in files.items():
        write_atomically(lab.release / name, content)


def _content(path: Path) -> bytes:
    """The file's bytes; notebooks in the same form as everything that is built here."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    return to_bytes(nbformat.read(path, as_version=nbformat.NO_CONVERT))
