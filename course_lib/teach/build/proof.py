"""What an output rests on, as one short hash: sources, modules that they reach, data, versions."""

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

DATA = ("*.csv", "*.npz", "*/*.json")
BROWSER = (".js", ".css")
_MODULE = re.compile(r"(\w+(?:\.\w+)+)(?::\w+)?")


def proof(root: Path, *sources: Path) -> str:
    """A hash that changes when anything changes on which what the sources do rests.

    That is: the sources; every module below `root` that they import, straight or through others,
    also inside functions; the JavaScript and CSS beside these modules; each file of data/ whose
    name, without its suffix, stands anywhere in them; the pins of constraints.txt. Of a module that
    is only reached, comments, docstrings and empty lines do not count. A module whose name stands
    whole in a string ("course_lib.nas.table:digits201") counts as imported. What is put together at
    run time is not seen.

    root: the course folder. ValueError: a relative import, which is not followed.
    """
    files = {*rests_on(root, *sources), *root.glob("constraints.txt")}
    folders = {path.parent for path in files if path.suffix == ".py"}
    files |= {path for folder in folders for path in folder.iterdir() if path.suffix in BROWSER}
    digest = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        if path.suffix == ".py" and path not in sources:
            content = code(content.decode()).encode()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


@cache
def code(text: str) -> str:
    """A module's lines without comments, strings that stand for themselves and empty lines.

    Cut out of the text, not printed from its tree: every version of Python gives the same.
    """
    lines = dict(enumerate(text.splitlines(), 1))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT:
            lines[row] = lines[row][:column].rstrip()
        elif token.type == tokenize.NL and not lines[row]:  # not inside of a string
            del lines[row]
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(ast.Constant(str()), lineno=first, end_lineno=int(last)):
                for row in range(first, last + 1):
                    del lines[row]
    return "\n".join(lines.values())


def rests_on(root: Path, *sources: Path) -> set[Path]:
    """The sources, the modules that they reach, and the files of data/ that these name."""
    modules = reached(root, *sources)
    texts = [path.read_text(encoding="utf-8") for path in modules]
    data = {path for pattern in DATA for path in (root / "data").glob(pattern)}
    return modules | {path for path in data if any(path.stem in text for text in texts)}


def reached(root: Path, *sources: Path) -> set[Path]:
    """The sources, and the files below `root` that importing from them may run."""
    found: set[Path] = set()
    named: set[str] = set()
    waiting = list(sources)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            new = _imported(path.read_text(encoding="utf-8")) - named
            named |= new
            waiting += [file for name in new for file in _files(root, name)]
    return found


@cache
def _imported(text: str) -> frozenset[str]:
    """The dotted names that a module may import; one that is no module does no harm."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise ValueError(f"a relative import cannot be proven: {ast.unparse(node)}")
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            match = _MODULE.fullmatch(node.value)
            names |= {match[1]} if match else set()
    return frozenset(names)


def _files(root: Path, name: str) -> Iterator[Path]:
    """The files that importing a dotted name runs: those of its packages, and its own."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:length])
        for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if path.is_file():
                yield path
