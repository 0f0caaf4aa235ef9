"""What every demo keeps: the rules of the house, words without a kernel, code that runs."""

import html
import io
import json

import pytest
from PIL import Image

from course_lib.show.demo import Demo
from course_lib.show.live import LiveDemo
from tests.show.demos import DEMOS, given, press


@pytest.fixture(params=DEMOS)
def demo(request: pytest.FixtureRequest) -> Demo:
    return DEMOS[request.param]()


def test_rules_of_the_house(demo: Demo) -> None:
    assert demo.question.startswith("Predict first")
    assert 1 <= len(demo.knobs) <= 3
    assert {knob["trait"] for knob in demo.knobs} <= set(demo.trait_names(sync=True))
    for knob in demo.knobs:
        assert knob["label"]
        if knob["kind"] == "slider":
            assert knob["values"] == sorted(knob["values"])
            assert getattr(demo, knob["trait"]) in knob["values"]
    assert {"step", "reset"} <= {action["name"] for action in demo.actions}
    assert len({action["key"] for action in demo.actions}) == len(demo.actions)
    assert all(callable(getattr(demo, action["name"])) for action in demo.actions)
    assert demo.css_class in demo._dom_classes
    json.dumps(demo.get_state(), allow_nan=False, default=repr)


def test_without_a_kernel_there_are_a_picture_and_words(demo: Demo) -> None:
    picture = demo.picture()
    assert demo.label == demo.info().describe()
    assert len(picture.alt) > 40
    assert f'alt="{html.escape(picture.alt)}"' in picture.html
    assert Image.open(io.BytesIO(picture.png)).size[0] > 800


def test_every_preset_turns_knobs_and_says_what_is_seen(demo: Demo) -> None:
    assert len(demo.presets) == 3
    for index, preset in enumerate(demo.presets):
        press(demo, "preset", index=index)
        assert demo.note == preset["comment"]
        assert demo.note.endswith(".")
        for name, value in preset["knobs"].items():
            assert getattr(demo, name) == value
        assert demo.label == demo.info().describe()


def test_picture_and_words_reach_the_page_together(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict] = []
    press(demo, "reset")
    label = demo.label
    monkeypatch.setattr(demo, "_send", lambda message, buffers=None: sent.append(message["state"]))
    press(demo, "step")
    assert demo.label != label
    (drawn,) = [state for state in sent if "chart" in state]
    assert drawn["label"] == demo.label


def test_reset_comes_home(demo: Demo) -> None:
    press(demo, "reset")
    home = demo.label, demo.chart
    for do in ("step", "step"):
        press(demo, do)
    assert demo.label != home[0]
    if not isinstance(demo, LiveDemo):  # of which reset keeps the knobs
        press(demo, "preset", index=2)
    press(demo, "reset")
    assert demo.note == ""
    chart = {name: value for name, value in demo.chart.items() if name != "before"}
    assert demo.label == home[0]
    assert chart.items() <= home[1].items()


def test_the_code_to_copy_runs(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    press(demo, "step")
    exec(demo.code, given(demo))


def test_unknown_commands_from_the_page_do_nothing(demo: Demo) -> None:
    before = demo.label, len(getattr(demo, "steps", ()))
    press(demo, "close")
    press(demo, "__init__")
    assert (demo.label, len(getattr(demo, "steps", ()))) == before
