"""All demos on one page of a real JupyterLab, light and dark: each is turned and drawn anew."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.axe import serious
from tests.browser.conftest import ROOT
from tests.browser.demo import ACTIVE_CELL, DemoOnPage

pytestmark = pytest.mark.browser

TABLE = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tests.show.demos import DEMOS"
# name in DEMOS: the demo's class, a knob, a key pressed on it, words that must appear
ROWS = {
    "alphas": ("demo-alpha", "epoch", "Home", "epoch 0 of 1.5"),
    "asha": ("demo-asha", "time", "End", "at 8 of 8 seconds"),
    "bilevel": ("demo-bilevel", "xi", "End", "inner step 1.00"),
    "controller": ("demo-controller", "entropy_weight", "End", "before its first update"),
    "darts": ("demo-darts", "alpha_rate", "End", "before its first step"),
    "episode": ("demo-episode", "ways", "End", "of 8 classes"),
    "estimators": ("demo-estimators", "tau", "End", "temperature 5"),
    "fast weights": ("demo-fast-weights", "pairs", "End", "of 13 steps"),
    "front": ("demo-front", "limit", "End", "front on PyTorch eager"),
    "keep": ("demo-keep", "budget", "Home", "23.3% of the operations"),
    "landscape": ("demo-landscape", "rate", "End", "of size 0.3"),
    "metropolis": ("demo-metropolis", "temperature", "End", "temperature 1"),
    "path": ("demo-path", "seed", "ArrowUp", "parameters"),
    "predicted": ("demo-predicted", "count", "End", "after 200 measurements"),
    "regret": ("demo-regret", "budget", "End", "after 500 trainings"),
    "roofline": ("demo-roofline", "device", "End", "on the accelerator"),
    "rule trees": ("demo-rule-trees", "population", "End", "Best rule"),
    "reversible": ("demo-reversible", "momentum", "End", "with momentum 0.99"),
    "simplex": ("demo-gumbel", "tau", "Home", "temperature 0.05"),
    "sinusoid": ("demo-sinusoid", "inner", "End", "after 10 inner steps"),
    "string": ("demo-string", "seed", "ArrowUp", "parameters"),
    "synaptic rule": ("demo-synaptic", "meta_steps", "Home", "after 0 meta-steps"),
    "tau": ("demo-tau", "size", "End", "of 60 architectures"),
    "width": ("demo-width", "channels", "End", "64 channels on"),
    "wiring": ("demo-wiring", "neighbours", "End", "p = 0.533"),
}
OTHERS = {
    "card": "from course_lib.show.claims import claim\n"
    "claim('01_controller_vs_random', 'Claim.', predict='Which?', sway='More runs.',\n"
    "      shown='difference', axis='points', words=('More', 'Less', 'No difference'))",
    "passed": "from course_lib.core import make_rng\n"
    "from course_lib.checks import lab03_darts as check\n"
    "from course_lib.nas.supernet import mixed_op\n"
    "check.mixed_op(mixed_op)",
    "failed": "check.mixed_op(lambda operations, x, weights: x)",
    "hint": "check.hint('mixed_op')",
}


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    cells = [TABLE, *(f"DEMOS[{name!r}]()" for name in ROWS), *OTHERS.values()]
    with open_notebook("all_demos.ipynb", cells) as opened:
        opened.run_all(timeout=120)
        yield opened


@pytest.fixture(params=ROWS)
def row(request: pytest.FixtureRequest, notebook: Any) -> tuple[DemoOnPage, str, str, str]:
    css_class, knob, key, words = ROWS[request.param]
    demo = DemoOnPage(notebook, css_class)
    demo.svg.wait_for()
    return demo, knob, key, words


def test_drawn_named_and_complete(row: tuple[DemoOnPage, str, str, str]) -> None:
    demo = row[0]
    assert len(demo.label) > 40
    assert demo.root.locator("[data-preset]").count() == 3
    assert 1 <= demo.root.locator("input[data-knob], select[data-knob]").count() <= 3
    for control in demo.root.locator("input, select, textarea, [role=slider]").all():
        assert control.get_attribute("aria-label")


def test_a_knob_by_key_a_step_a_preset_and_a_reset(row: tuple[DemoOnPage, str, str, str]) -> None:
    demo, knob, key, words = row
    demo.knob(knob).focus()
    cell, before = demo.notebook.page.evaluate(ACTIVE_CELL), demo.knob(knob).input_value()
    demo.knob(knob).press(key)
    demo.until(lambda: demo.knob(knob).input_value() != before, "the knob to turn")
    demo.until(lambda: words in demo.label, words)
    assert demo.notebook.page.evaluate(ACTIVE_CELL) == cell
    seen = demo.label
    demo.root.press("s")
    demo.until(lambda: demo.label != seen, "a step by key s")
    demo.root.locator("[data-preset]").nth(1).click()
    said = demo.root.locator("[role=status]")
    title = demo.root.locator("[data-preset]").nth(1).get_attribute("title")
    demo.until(lambda: said.inner_text() == title, "what the preset says")
    demo.root.press("r")
    demo.until(lambda: said.inner_text() == "", "a reset by key r")


@pytest.mark.parametrize(
    "name",
    ["asha", "controller", "darts", "estimators", "metropolis", "regret", "sinusoid", "tau"],
)
def test_axes_stand_still_while_a_slider_moves(notebook: Any, name: str) -> None:
    css_class, knob, *_ = ROWS[name]
    demo = DemoOnPage(notebook, css_class)
    code = demo.root.locator("pre")
    places = "es => es.map(e => [e.textContent, e.getAttribute('x'), e.getAttribute('y1')])"
    seen = []
    for key in ("Home", "End", "Home"):
        before, value = code.text_content(), demo.knob(knob).input_value()
        demo.knob(knob).press(key)
        if demo.knob(knob).input_value() != value:
            demo.until(lambda before=before: code.text_content() != before, "what the knob changes")
        seen.append(demo.svg.locator(".grid, .tick").evaluate_all(places))
    assert len(seen[0]) > 4
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(notebook: Any, theme: str) -> None:
    """In demos, in the card with its result open, in panels and hints."""
    change = f"('apputils:change-theme', {{theme: {theme!r}}})"
    notebook.page.evaluate(f"() => window.jupyterapp.commands.execute{change}")
    body = f"body[data-jp-theme-name='{theme}']"
    notebook.page.wait_for_selector(body, state="attached")
    notebook.page.wait_for_timeout(500)  # colours fade
    opened = ".jp-OutputArea details"
    notebook.page.eval_on_selector_all(opened, "es => es.forEach(e => (e.open = true))")
    assert serious(notebook.page, ".jp-OutputArea-output") == []
    if "Dark" in theme:  # axe does not judge words in an SVG
        brightness = "e => getComputedStyle(e).fill.match(/\\d+/g).slice(0, 3).map(Number)"
        title = DemoOnPage(notebook, "demo-metropolis").svg.locator("text.title").first
        assert min(title.evaluate(brightness)) > 180


def test_nothing_leaves_the_machine_and_the_console_is_clean(notebook: Any) -> None:
    assert notebook.errors() == []
    assert notebook.without_words() == []
    assert notebook.outside == []
    assert notebook.console == []
