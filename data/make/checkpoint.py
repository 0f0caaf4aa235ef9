"""Finished trainings on disk, each safe the moment it is finished."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_lib.nas.training import TrainResult


class Checkpoint:
    """An append-only file of JSON lines: first the recipe, then one line per training.

    done: (form, seed) -> what was measured. machines: on which kinds of machine.

    A kill can only damage the line that was being written; opening the file again drops it.
    ValueError refuses a file of another recipe, or one that is damaged elsewhere.
    """

    def __init__(self, path: Path, recipe: Mapping[str, Any]) -> None:
        self.path = path
        self.done: dict[tuple[str, int], TrainResult] = {}
        self.machines: set[str] = set()
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = _whole_lines(path)
        if not whole:
            self._write(dict(recipe))
            return
        for number, line in enumerate(whole, start=1):
            try:
                entry = json.loads(line)
                if number == 1:
                    self._check_recipe(entry, dict(recipe))
                else:
                    form, seed = entry.pop("form"), entry.pop("seed")
                    self.machines.add(entry.pop("machine"))
                    entry["curve"] = tuple(entry["curve"])
                    self.done[form, seed] = TrainResult(**entry)
            except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{path}, line {number} is damaged: {error!r}") from error

    def _check_recipe(self, found: Any, expected: dict[str, Any]) -> None:
        if found != expected:
            raise ValueError(
                f"{self.path} holds trainings by another recipe, {found}; expected {expected}. "
                "Move it away to start anew"
            )

    def append(self, form: str, seed: int, result: TrainResult, machine: str) -> None:
        """Keep one training: on disk when this returns."""
        self._write(
            {
                "form": form,
                "seed": seed,
                "curve": result.curve,
                "test_accuracy": round(result.test_accuracy, 6),
                "parameters": result.parameters,
                "flops": result.flops,
                "seconds": round(result.seconds, 2),
                "machine": machine,
            }
        )
        self.machines.add(machine)
        self.done[form, seed] = result

    def _write(self, entry: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _whole_lines(path: Path) -> list[str]:
    """The lines that end; what a kill left of a last line is cut off the file."""
    if not path.exists():
        return []
    *whole, rest = path.read_bytes().split(b"\n")
    if rest:
        os.truncate(path, path.stat().st_size - len(rest))
    return [line.decode() for line in whole]
