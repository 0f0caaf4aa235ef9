"""What can be turned on a demo, said once: the trait, its control, its label, where it starts."""

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets


def slider(label: str, values: Sequence[float] = (), start: float = 0.0) -> Any:
    """One of several numbers in order; without values the demo gives them when it is made."""
    trait: Any = traitlets.Int if isinstance(start, int) else traitlets.Float
    return _knob(trait(start), kind="slider", label=label, values=list(values))


def switch(label: str, start: bool = False) -> Any:
    """On or off."""
    return _knob(traitlets.Bool(start), kind="switch", label=label)


def choice(label: str) -> Any:
    """One of several names, which the demo gives when it is made."""
    return _knob(traitlets.Unicode(), kind="choice", label=label, values=[])


def number(label: str) -> Any:
    """A whole number, typed, at first 0."""
    return _knob(traitlets.Int(0), kind="number", label=label)


def hidden(trait: Any) -> Any:
    """State without a control of its own: dragged in the picture, typed, or turned by a button."""
    return _knob(trait, kind="hidden")


def preset(name: str, comment: str, **knobs: Any) -> dict[str, Any]:
    """A button that turns knobs and says in a sentence what is to be seen."""
    return {"name": name, "knobs": knobs, "comment": comment}


def button(name: str, label: str, key: str, when: str = "always") -> dict[str, str]:
    """A button that calls the demo's method `name`, as `key` does; when: always, idle, running."""
    return {"name": name, "label": label, "key": key, "when": when}


def said(text: str = "") -> Any:
    """Words on the page."""
    return traitlets.Unicode(text).tag(sync=True)


def listed(*items: Mapping[str, Any]) -> Any:
    """Buttons or presets on the page, in this order."""
    return traitlets.List(list(items)).tag(sync=True)


def state_of(demo: traitlets.HasTraits) -> dict[str, dict[str, Any]]:
    """Trait -> what was said about it, in the order in which the class says it."""
    names = [name for kind in reversed(type(demo).__mro__) for name in vars(kind)]
    traits = demo.traits(knob=lambda spec: spec is not None)
    return {name: traits[name].metadata["knob"] for name in names if name in traits}


def controls(
    state: Mapping[str, Mapping[str, Any]], values: Mapping[str, Sequence[Any]]
) -> list[dict[str, Any]]:
    """The knobs as the browser makes them; values: the places of those that were said without."""
    places = {name: {"values": list(row)} for name, row in values.items()}
    made = [
        {"trait": name, **spec, **places.get(name, {})}
        for name, spec in state.items()
        if spec["kind"] != "hidden"
    ]
    return [control for control in made if len(control.get("values", "any")) > 1]


def _knob(trait: Any, **spec: Any) -> Any:
    return trait.tag(sync=True, knob=spec)
