"""Pictures in built lectures: as sharp as drawn, a third of the bytes, none stored twice."""

import base64
import io
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from PIL import Image

from course_lib.show.figure import figure_html
from course_lib.teach.build.pictures import palette_png, slim

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 1_000_000


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int)


def saved(levels: np.ndarray, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8), mode).save(file, format="png")
    return file.getvalue()


def drawn() -> bytes:
    """Text, lines and a heat map with a colour bar, as the lectures draw them."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    left.plot(np.sin(np.arange(60) / 5), label="a sine")
    left.legend(title="thin letters")
    figure.colorbar(right.imshow(np.arange(400).reshape(20, 20)))
    return figure_html(figure, alt="a sine and a heat map").png


def test_a_drawing_keeps_its_look_in_half_the_bytes() -> None:
    before = drawn()
    after = palette_png(before)
    changed = np.abs(pixels(before) - pixels(after))
    assert len(after) < len(before) / 2
    assert changed.mean() < 0.2
    assert (changed > 32).mean() < 0.001, "a pixel that one sees"
    assert palette_png(after) == after


def test_with_256_colours_or_fewer_nothing_changes() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (256, 3))[np.arange(256 * 40) % 256]
    before = saved(levels.reshape(64, 160, 3))
    after = palette_png(before)
    assert Image.open(io.BytesIO(after)).mode == "P"
    np.testing.assert_array_equal(pixels(before), pixels(after))


def test_photographs_and_pictures_that_let_light_through_stay() -> None:
    rng = np.random.default_rng(0)
    for channels, mode in ((3, "RGB"), (4, "RGBA")):
        png = saved(rng.integers(0, 256, (50, 50, channels)), mode)
        assert palette_png(png) == png


@pytest.mark.parametrize("same", [True, False])
def test_a_picture_is_stored_once_and_still_shown(same: bool) -> None:
    png = drawn()
    other = png if same else saved(np.zeros((4, 4, 3)))
    data = {
        "text/html": f'<figure><img alt="x" src="data:image/png;base64,{_text(png)}"></figure>',
        "image/png": _text(other),
        "text/plain": "a sine",
    }
    output = nbformat.v4.new_output("display_data", data, metadata={"image/png": {"width": 9}})
    cell = nbformat.v4.new_code_cell("demo", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    slim(notebook)
    assert ("image/png" in output.data) == (not same)
    assert ("image/png" in output.metadata) == (not same)
    small = _text(palette_png(png))
    assert small in output.data["text/html"]
    nbformat.validate(notebook)
    assert small in HTMLExporter().from_notebook_node(notebook)[0]


def _text(png: bytes) -> str:
    return base64.b64encode(png).decode()


@pytest.mark.parametrize("path", sorted(ROOT.glob("lectures/*.ipynb")), ids=lambda path: path.stem)
def test_a_built_lecture_is_small(path: Path) -> None:
    """Every rebuild stays in the history for good."""
    assert path.stat().st_size <= LARGEST
