"""Whether a file that students receive contains a line that they must not see, in any form.

Both sides are compared without white space, quotes, comment signs and case, with and without
comments. A needle is one secret line, or up to three consecutive ones, that is long enough and
occurs nowhere in the text that students are meant to see; so `return x` alone alarms nobody, and
a whole solution is found even if each of its lines is trivial. Files are searched as text, as
notebooks (every string of the JSON: sources, outputs, metadata, attachments), and through base64
and zlib.
"""

import base64
import binascii
import contextlib
import html
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from course_lib.teach.build.markers import Block, Split, split
from course_lib.teach.build.sources import read_source
from course_lib.teach.places import Lab

SHORTEST = 12
"""Characters of a needle, after everything that does not matter is taken away."""

_LONGEST_RUN = 3
_UNPACKED_LIMIT = 10_000_000
_NOISE = re.compile(r"""[\s#>"'`\\]+""")
_COMMENT = re.compile(r"#[^\n]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_WRAPPED_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]{16,}[=\s]*")


def needles(split: Split) -> dict[str, str]:
    """What to look for, as {normalised needle: the line or lines as they stand in the source}."""
    public = _forms("\n".join(split.public))
    found = {}
    for block in split.secret:
        for text in _runs(block):
            for form in _forms(text):
                if len(form) >= SHORTEST and not any(form in visible for visible in public):
                    found[form] = text
    return found


def leaks(wanted: Mapping[str, str], content: bytes) -> list[str]:
    """The secret lines that a file's content gives away, each once, in the source's order."""
    forms = [form for text in _texts(content) for form in _forms(text)]
    hits = [text for needle, text in wanted.items() if any(needle in form for form in forms)]
    return list(dict.fromkeys(hits))


def leak_report(lab: Lab, files: dict[str, bytes]) -> list[str]:
    """One line for every secret line of the lab that a file gives away."""
    wanted = needles(split(read_source(lab.source)))
    return [
        f"{lab.release / name} gives away: {' / '.join(text.split(chr(10)))}"
        for name, content in files.items()
        for text in leaks(wanted, content)
    ]


def _runs(block: Block) -> Iterator[str]:
    lines = [line for line in block.lines if line.strip()]
    for length in range(1, _LONGEST_RUN + 1):
        for start in range(len(lines) - length + 1):
            yield "\n".join(lines[start : start + length])


def _forms(text: str) -> tuple[str, str]:
    """The text without what does not matter: once with comments, once without."""
    text = html.unescape(text).replace("\\n", "\n").replace("\\t", "\t")
    return _plain(text), _plain(_COMMENT.sub("", text))


def _plain(text: str) -> str:
    return _NOISE.sub("", text).casefold()


def _texts(content: bytes, depth: int = 3) -> Iterator[str]:
    """All texts in a file, those that are packed into others included."""
    text = content.replace(b"\0", b"").decode("utf-8", errors="ignore")
    yield text
    try:
        strings = list(_strings(json.loads(text)))
    except ValueError:
        strings = [text]
    else:
        yield "\n".join(strings)
    if depth:
        for packed in _unpacked(content, strings):
            yield from _texts(packed, depth - 1)


def _strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value; a list of lines, as notebooks store text, is one string."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for entry in value.values():
            yield from _strings(entry)
    elif isinstance(value, list):
        if value and all(isinstance(entry, str) for entry in value):
            yield "".join(value)
        else:
            for entry in value:
                yield from _strings(entry)


def _unpacked(content: bytes, strings: Iterable[str]) -> Iterator[bytes]:
    """What base64 in the strings and zlib or gzip of the content unpack to."""
    with contextlib.suppress(zlib.error):
        yield zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(content, _UNPACKED_LIMIT)
    for text in strings:
        wrapped = [re.sub(r"\s+", "", text)] if _WRAPPED_BASE64.fullmatch(text) else []
        for run in wrapped + _BASE64.findall(text):
            padded = run.rstrip("=").translate(str.maketrans("-_", "+/"))
            try:
                yield base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
            except binascii.Error:
                continue
