"""Pruned chains as episodes: what an agent saw, did and was told, worked out layer by layer."""

from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab07_amc.costs import Costs
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, kind, same, tensor, tuple_of
from course_lib.checks.wrong import Misconception, Wrong

PARTS = ("states", "actions", "rewards", "next_states", "done")
COLUMNS = ("reduced", "rest", "the ratio before")
EXTRA = Misconception(
    "an episode has a transition too many or too few",
    "A chain of T layers has T actions, and so T transitions. One more, with an action that nobody "
    "took, lowered the rewards of AMC's published code.",
)


class Story:
    """A chain, how it was pruned, and what came of it."""

    def __init__(self, rng: Generator, layers: int, width: int = 3) -> None:
        self.costs = Costs(rng, layers)
        self.channels = self.costs.channels
        # never all of a layer, and no two ratios alike
        self.kept = [max(1, n - 1 - (n + i) % (n - 1)) for i, n in enumerate(self.channels)]
        self.features = torch.rand(layers, width, generator=rng)
        self.reward = float(torch.rand((), generator=rng)) - 0.5

    def asked(self, ask: Ask) -> dict[str, Tensor]:
        features, channels, kept = self.features.clone(), [*self.channels], [*self.kept]
        answer = ask(features, channels, kept, self.costs.each, self.reward)
        if (channels, kept) != (self.channels, self.kept):
            raise Wrong("channels or kept is not the same after the call", CHANGED)
        if not torch.equal(features, self.features):
            raise Wrong("features is not the same after the call", CHANGED)
        found = answer if type(answer).__name__ == "Episode" else tuple_of(answer, *PARTS)
        return self._checked(dict(zip(PARTS, tuple(found), strict=True)))

    def _checked(self, parts: dict[str, Any]) -> dict[str, Tensor]:
        layers, width = self.features.shape
        shapes = ((layers, width + 3), (layers, 1), (layers,), (layers, width + 3), (layers,))
        for (name, part), shape in zip(parts.items(), shapes, strict=True):
            if type(part) is Tensor and part.ndim == len(shape) and len(part) != layers:
                said = f"{layers} layers: {name} has {len(part)} rows, expected {layers}"
                raise Wrong(said, EXTRA)
            if name != "done":
                tensor(part, shape, name)
                if part.dtype is not torch.float32:
                    raise Wrong(f"{name} is {part.dtype}, expected torch.float32")
            elif type(part) is not Tensor or part.dtype is not torch.bool:
                got = part.dtype if type(part) is Tensor else kind(part)
                raise Wrong(f"done is {got}, expected a tensor of torch.bool")
            elif part.shape != shape:
                raise Wrong(f"done has shape {tuple(part.shape)}, expected {shape}")
        return parts

    def expected(self) -> dict[str, Tensor]:
        """Layer by layer: what it costs now, and what it cost."""
        layers = range(len(self.channels))
        full = self.costs.each(self.channels)
        total = self.costs.total(self.channels)
        states = []
        for t in layers:
            counts = [self.kept[i] if i < t else self.channels[i] for i in layers]
            now = self.costs.each(counts)
            saved = sum(full[i] - now[i] for i in layers if i < t)
            later = sum(full[i] for i in layers if i > t)
            before = self.kept[t - 1] / self.channels[t - 1] if t > 0 else 1.0
            new = torch.tensor([saved / total, later / total, before])
            states.append(torch.cat([self.features[t], new]))
        rows = torch.stack(states)
        return {
            "states": rows,
            "actions": torch.tensor(self.kept)[:, None] / torch.tensor(self.channels)[:, None],
            "rewards": torch.tensor([self.reward for _ in layers]),
            "next_states": torch.stack([*states[1:], torch.zeros_like(states[0])]),
            "done": torch.tensor([t + 1 == len(self.channels) for t in layers]),
        }

    def require(self, ask: Ask, *names: str, columns: slice = slice(None)) -> None:
        """columns: of the states, those that are compared."""
        found, expected = self.asked(ask), self.expected()
        for name in names:
            one, other = found[name], expected[name]
            if name.endswith("states"):
                one, other = one[:, columns], other[:, columns]
            for t in range(len(other)):
                if not same(one[t].float(), other[t].float()):
                    right, wrong = apart(other[t].float(), one[t].float())
                    told = f"channels {self.channels}, kept {self.kept}"
                    raise Wrong(f"{told}: {_difference(f'{name}[{t}]', columns, wrong, right)}")


def _difference(place: str, columns: slice, found: str, expected: str) -> str:
    """What the numbers are, by name where some columns were compared."""
    if columns.start is not None:  # one of the last three
        found, expected = found.strip("[]"), expected.strip("[]")
        return f"{COLUMNS[columns.start]} in {place} is {found}, expected {expected}"
    what = f"the features in {place} are" if columns.stop is not None else f"{place} is"
    return f"{what} {found}, expected {expected}"
