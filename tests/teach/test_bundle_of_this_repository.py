"""This repository's own bundle gives nothing away and leads nowhere."""

import ast
import inspect
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from course_lib.teach.build import bundle
from tests.misconceptions.rooms import answers_to, exercises

ROOT = Path(__file__).parents[2]


def test_the_bundles_documents_link_to_nothing_that_is_not_in_it() -> None:
    files = bundle.members(ROOT)
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents}
    documents = {name: content.decode() for name, content in files.items() if name[-3:] == ".md"}
    dead = [
        (name, link)
        for name, text in documents.items()
        for link in re.findall(r"\]\(([^)#\s]+)", text)
        if "://" not in link
        and os.path.normpath(PurePosixPath(name).parent / link) not in {*files, *folders}
    ]
    assert "](labs/" in documents["README.md"]
    assert dead == []


def test_the_students_readme_names_students_commands_only() -> None:
    readme = bundle.members(ROOT)["README.md"].decode()
    told = set(re.findall(r"(?:`|^)make ([a-z]+)", readme, flags=re.M))
    assert told == {"lab", "doctor", "progress", "reset", "submit"}
    assert "instructors -->" not in readme
    assert readme.rstrip().endswith("(LICENSE).")


@pytest.mark.notebooks
def test_this_repositorys_bundle_gives_nothing_away() -> None:
    files = bundle.members(ROOT)
    assert list(bundle.given_away(ROOT, files)) == []
    assert not [n for n in files if any(w in n for w in ("solution", "misconception", "tests"))]
    texts = {n: "".join(c.decode("utf-8", errors="ignore").split()) for n, c in files.items()}
    right = list(_right_answers())
    assert len(right) > 20
    for body in right:
        assert not [name for name, text in texts.items() if body in text], body


def _right_answers() -> Iterator[str]:
    """Bodies of the right answers that the checks are tried on, of at least three lines, without
    space. Wrong ones travel: by them the checks know a mistake."""
    for exercise in exercises():
        for answer in answers_to(exercise).right:
            source = textwrap.dedent(inspect.getsource(answer))
            definition = ast.parse(source).body[0]
            if isinstance(definition, ast.FunctionDef):
                start = definition.body[1 if ast.get_docstring(definition) else 0].lineno
                lines = source.splitlines()[start - 1 : definition.end_lineno]
                if len(lines) >= 3:
                    yield "".join("".join(lines).split())
