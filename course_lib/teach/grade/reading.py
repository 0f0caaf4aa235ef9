"""The cells of a notebook file, whatever happened to the file on its way."""

import json
from typing import Any

LARGEST = 50_000_000
"""Bytes of a notebook."""


class Unreadable(ValueError):
    """A hand-in from which no notebook of this lab can be read; the message says why."""


def read_notebook(content: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """The cells of a notebook file as plain dicts, and notes on what was wrong with the file."""
    if len(content) > LARGEST:
        raise Unreadable(f"the notebook is larger than {LARGEST // 10**6} MB")
    text, notes = _decode(content)
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        data, end = json.JSONDecoder().raw_decode(text.lstrip())
    except json.JSONDecodeError as error:
        cut = " (it seems to be cut off)" if error.pos >= len(text.rstrip()) - 1 else ""
        raise Unreadable(f"not a notebook: {error.msg} in line {error.lineno}{cut}") from error
    except RecursionError as error:
        raise Unreadable("not a notebook: its JSON is nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(f"not a notebook: {error}") from error
    if text.lstrip()[end:].strip():
        notes.append("repaired: text after the end of the notebook was ignored")
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Unreadable('not a notebook: expected an object with a list of "cells"')
    return cells, notes


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell as it is in a file, with the line ends of Unix."""
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def name_of(cell: dict[str, Any]) -> str | None:
    """nbgrader's name of a cell as it is in a file, None if there is none."""
    metadata = cell.get("metadata")
    own = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = own.get("grade_id") if isinstance(own, dict) else None
    return name if isinstance(name, str) else None


def squeezed(source: str) -> str:
    """The text without any white space, to compare what is meant and not how it is set."""
    return "".join(source.split())


def _decode(content: bytes) -> tuple[str, list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), ["repaired: UTF-16 instead of UTF-8"]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1"), ["repaired: read as Latin-1, it is not UTF-8"]
    marked = content.startswith(b"\xef\xbb\xbf")
    return text, ["repaired: byte order mark removed"] if marked else []
