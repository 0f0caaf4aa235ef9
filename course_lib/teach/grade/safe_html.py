"""HTML that cannot act: what a student wrote is read by others, in their browsers."""

import base64
import binascii
import re
from typing import Any

import bleach
from bleach.css_sanitizer import ALLOWED_CSS_PROPERTIES, CSSSanitizer
from nbformat import NotebookNode

_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b blockquote br caption code dd details div dl dt em figcaption figure h1 h2 h3 h4 "
        "h5 h6 hr i img li ol p pre small span strong sub summary sup table tbody td th thead "
        "tr ul",
    )
)
_CSS = CSSSanitizer(
    allowed_css_properties=ALLOWED_CSS_PROPERTIES
    | {
        "background",
        "border",
        "border-left",
        "border-radius",
        "gap",
        "list-style",
        "margin",
        "max-width",
    }
    | {"margin-bottom", "margin-left", "margin-top", "opacity", "padding", "padding-left"}
)
_STYLE = re.compile(r"<style\b.*?</style>", re.IGNORECASE | re.DOTALL)
_IMAGES = ("image/png", "image/jpeg")
_PLAIN = ("text/plain", "text/markdown", "text/latex")


def clean(html: str) -> str:
    """The HTML without scripts, event handlers, forms, frames and images from elsewhere."""
    cleaned = bleach.clean(
        _STYLE.sub("", html),
        tags=_TAGS,
        attributes=_allowed,
        protocols=["http", "https", "mailto", "data"],
        css_sanitizer=_CSS,
        strip=True,
    )
    return str(cleaned)


def safe_output(output: NotebookNode) -> NotebookNode:
    """A code cell's output in the kinds that a page may show; its metadata only the alt text."""
    if "data" not in output:
        return output
    data = {kind: output.data[kind] for kind in _PLAIN if kind in output.data}
    data |= {k: output.data[k] for k in _IMAGES if _is_base64(output.data.get(k))}
    if "text/html" in output.data:
        data["text/html"] = clean(output.data["text/html"])
    output.data = NotebookNode(data)
    output.metadata = NotebookNode(_alt_texts(output.get("metadata", {})))
    return output


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "src":
        return tag == "img" and value.startswith(tuple(f"data:{kind};base64," for kind in _IMAGES))
    if name == "href":
        return tag == "a" and not value.lstrip().lower().startswith("data:")
    if name == "style":  # no address in it, not even one that is spelt with CSS's escapes
        return "url" not in value.lower() and "\\" not in value
    return name in {"alt", "class", "colspan", "id", "open", "role", "rowspan", "title"}


def _is_base64(value: Any) -> bool:
    try:
        base64.b64decode("".join(str(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return value is not None


def _alt_texts(metadata: Any) -> dict[str, Any]:
    kinds = {kind: metadata.get(kind) for kind in _IMAGES}
    return {
        kind: {"alt": str(entry["alt"])}
        for kind, entry in kinds.items()
        if isinstance(entry, dict) and "alt" in entry
    }
