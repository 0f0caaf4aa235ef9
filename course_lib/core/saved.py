"""Reading back what a History or a Log wrote."""

import json
from typing import TypeVar

Kind = TypeVar("Kind", list, dict)  # type: ignore[type-arg]


def saved(text: str, kind: str, key: str, expected: type[Kind]) -> Kind:
    """What stands under `key` in the JSON text of a `kind`; ValueError says what is wrong."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"not a {kind}: the text is not whole JSON (line {error.lineno}, column "
            f"{error.colno}: {error.msg}); was the file cut off while it was written?"
        ) from error
    form = format_of(kind)
    if not isinstance(data, dict) or data.get("format") != form:
        raise ValueError(f'not a {kind}: expected an object with "format": "{form}"')
    if not isinstance(data.get(key), expected):
        name = "a list" if expected is list else "an object"
        raise ValueError(f'not a {kind}: expected {name} under "{key}"')
    return data[key]  # type: ignore[no-any-return]


def format_of(kind: str) -> str:
    return f"course_lib.{kind}/1"
