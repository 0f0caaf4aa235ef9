"""Runs over seeds that go on where they were interrupted."""

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from course_lib.core.threads import one_thread
from course_lib.show.measured import FOLDER
from course_lib.teach.build.proof import code, reached

ROOT = Path(__file__).parents[1]


def run_seeds(
    name: str, function: Callable[[int], Any], seeds: Sequence[int], *, n_jobs: int = -1
) -> list[Any]:
    """function(seed) for every seed, one process per core; what it gives must be JSON.

    Each result goes to data/claims/NAME.*.partial.jsonl as it comes, so that an interrupted run
    goes on where it stopped. `forget` removes the file. A change of the function, of what it needs
    in its module, of a module of the course that this imports, or of the arguments that
    `functools.partial` binds makes its own; a change of comments, docstrings or of the claim's
    sentences does not.
    """
    from joblib import Parallel, delayed
    from tqdm import tqdm

    path = _partial(name, function)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    done = {entry["seed"]: entry["result"] for entry in map(json.loads, lines)}
    waiting = [seed for seed in seeds if seed not in done]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
    answers = parallel(delayed(_run)(function, seed) for seed in waiting)
    for seed, result in tqdm(answers, desc=name, total=len(waiting)):
        done[seed] = result
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"seed": seed, "result": result}) + "\n")
    return [done[seed] for seed in seeds]


def forget(name: str) -> None:
    """Remove what `run_seeds` kept under names that start so, once the claim is measured."""
    for path in FOLDER.glob(f"{name}*.partial.jsonl"):
        path.unlink()


def _run(function: Callable[[int], Any], seed: int) -> tuple[int, Any]:
    with one_thread():
        return seed, function(seed)


def _partial(name: str, function: Callable[[int], Any]) -> Path:
    bound = function if isinstance(function, partial) else partial(function)
    path = Path(inspect.getfile(bound.func))
    own = code_of(path.read_text(encoding="utf-8"), bound.func.__name__)
    others = sorted(reached(ROOT, path) - {path})
    library = [code(other.read_text(encoding="utf-8")) for other in others]
    version = hashlib.sha256("\n".join([own, *library, str(bound.keywords)]).encode())
    return FOLDER / f"{name}.{version.hexdigest()[:8]}.partial.jsonl"


def code_of(source: str, name: str) -> str:
    """What a module says at its top level for this name and all that it needs; no prose.

    Comments and docstrings are left out, and so is every function that the name does not reach,
    the one with the sentences of the claim among them.
    """
    owners = {bound: node for node in ast.parse(source).body for bound in _bound(node)}
    waiting, needed = [name], dict[ast.stmt, None]()
    while waiting:
        node = owners.get(waiting.pop())
        if node is not None and node not in needed:
            needed[node] = None
            waiting += [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
    return "\n".join(sorted(code(ast.unparse(node)) for node in needed))


def _bound(node: ast.stmt) -> list[str]:
    """The names that a top-level statement gives a meaning."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(one.asname or one.name).split(".")[0] for one in node.names]
    names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    return [one.id for one in names if isinstance(one.ctx, ast.Store)]
