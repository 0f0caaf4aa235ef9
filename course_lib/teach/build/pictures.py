"""Pictures in a notebook's outputs: few colours as few bytes, and none of them stored twice."""

import base64
import io
import re
from typing import Any

import numpy as np
from nbformat import NotebookNode
from PIL import Image

_EMBEDDED = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+")
_VISIBLE = 0.5
"""Mean change of a picture, in levels of 255, from which on it keeps all its colours."""


def slim(notebook: NotebookNode) -> None:
    """Make the PNGs in all outputs small, in place.

    Where the HTML of an output holds the very picture of its image/png, the latter goes: whoever
    shows a notebook and can show HTML prefers it.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            _slim_output(output.get("data", {}), output.get("metadata", {}))


def _slim_output(data: dict[str, Any], metadata: dict[str, Any]) -> None:
    page, alone = data.get("text/html", ""), data.get("image/png", "")
    if alone and "".join(alone.split()) in _EMBEDDED.findall(page):
        del data["image/png"]
        metadata.pop("image/png", None)
    elif alone:
        data["image/png"] = _small(alone)
    if page:
        data["text/html"] = _EMBEDDED.sub(lambda found: _small(found[0]), page)


def _small(text: str) -> str:
    return base64.b64encode(palette_png(base64.b64decode(text))).decode()


def palette_png(png: bytes) -> bytes:
    """The same picture with at most 256 colours, undithered, so that text stays sharp.

    With no more than 256 colours it is exact. One that has a palette already or lets light through
    stays as it is; so does one that would not become smaller, or that would change by more than
    half a level of 255 on average, as a photograph might.
    """
    picture = Image.open(io.BytesIO(png))
    if picture.mode == "P" or picture.convert("RGBA").getchannel("A").getextrema() != (255, 255):
        return png
    full = picture.convert("RGB")
    few = full.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    changed = np.abs(np.asarray(few.convert("RGB"), dtype=int) - np.asarray(full, dtype=int))
    file = io.BytesIO()
    few.save(file, format="png", optimize=True)
    return min(png, file.getvalue(), key=len) if changed.mean() <= _VISIBLE else png
