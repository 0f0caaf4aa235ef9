"""Learning rules that breed: generation by generation, the best tree as text and at work."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import torch

from course_lib.core import make_rng
from course_lib.meta.neuron import (
    delta_rule,
    hebb_rule,
    presentations,
    threshold_functions,
    tuned,
)
from course_lib.meta.rule_trees import Tree, evolve, fitness
from course_lib.show.demo import browser_code, numbers
from course_lib.show.knobs import listed, number, preset, said, slider
from course_lib.show.live import LiveDemo
from course_lib.show.meta.rule_trees import (
    EvolutionInfo,
    Seen,
    evolution_info,
    plot_evolved,
    plot_fitness,
    seen,
)
from course_lib.show.recordings import Run, recorded_runs


class RuleTreesDemo(LiveDemo):
    """Watch genetic programming look for a learning rule.

    generations: of one run. Trees are scored on half of the threshold functions of three inputs;
    the learning curves are of the other half.
    """

    _esm = browser_code("lines.js", "meta/rule_trees_demo.js")
    css_class = "demo-rule-trees"
    recording = "rule_trees"

    question = said(
        "Predict first: trees are made of pre, post, weight, teacher, + - * and sign. Nobody tells "
        "them of the delta rule. After how many generations is it, or a better one, found?"
    )
    population = slider("population", (20, 50, 100, 300), 300)
    parsimony = slider("price of a node", (0.0, 0.001, 0.005, 0.02), 0.001)
    seed = number("seed")
    presets = listed(
        preset("a cheap node", "Press Start: from some generation on it is the delta rule, or "
               "one that learns faster.", population=300, parsimony=0.001),
        preset("free nodes", "Nothing speaks against a long rule: trees grow to the limit.",
               population=300, parsimony=0.0),
        preset("few trees", "Twenty trees often stay with a rule like Hebb's. Try other seeds.",
               population=20, parsimony=0.001),
    )  # fmt: skip
    panels = (plot_fitness, plot_evolved)
    inches = (14, 5)

    def __init__(self, *, generations: int = 20, **traits: Any) -> None:
        self.generations = generations
        patterns, functions = threshold_functions(3)
        order = torch.randperm(len(functions), generator=make_rng(0))
        scored, unseen = functions[order[: len(order) // 2]], functions[order[len(order) // 2 :]]
        self.tasks = presentations(patterns, scored, make_rng(1), tasks=60)
        self.unseen = presentations(patterns, unseen, make_rng(2), tasks=200)
        self.others = {
            "delta": delta_rule(tuned(delta_rule, self.tasks)),
            "Hebb": hebb_rule(tuned(hebb_rule, self.tasks)),
        }
        super().__init__(**traits)

    def source(self) -> Iterator[Seen]:
        score = partial(fitness, tasks=self.tasks, parsimony=self.parsimony)
        evolution = evolve(score, make_rng(self.seed), population=self.population)
        return islice(seen(evolution), self.generations)

    def replay(self, run: Run) -> Iterator[Seen]:
        nan = float("nan")
        return (
            Seen(
                _tree(step["tree"]), step["best"], nan if step["middle"] is None else step["middle"]
            )
            for step in run.steps
        )

    def record(self, name: str, generations: int) -> Run:
        """The first generations with the present knobs, in a form that `replay` reads."""
        self.reset()
        self.run(generations)
        steps = [
            {"tree": one.tree, "best": numbers(one.best), "middle": numbers(one.middle)}
            for one in self.steps
        ]
        return Run(name, self.settings, {}, steps)

    def info(self) -> EvolutionInfo:
        info = evolution_info(self.steps or self._known_first(), self.unseen, self.others)
        if self.steps or info.fitness is None:
            return info
        return replace(info, fitness=replace(info.fitness, said="Recorded: press Step or Start."))

    def _known_first(self) -> list[Seen]:
        """The first generation where it was recorded: there to see before the first press."""
        known = [run for run in recorded_runs(self.recording) if run.knobs == self.settings]
        return [one for run in known[:1] for one in self.replay(run)][:1] if not self.seed else []

    def _chart(self, info: EvolutionInfo) -> dict[str, Any]:
        fit, curves = info.fitness.lines if info.fitness else {}, info.learning.lines
        ends = ", ".join(f"{name} {line[-1]:.1%}" for name, line in curves.items())
        return {
            "best": numbers(fit.get("best", [])),
            "middle": numbers(fit.get("median", [])),
            "generations": self.generations,
            "places": info.learning.places.tolist(),
            "lines": {name: numbers(line) for name, line in curves.items()},
            "said": f"generations bred: {len(self.steps)}; "
            f"dw = 0.3 × ({info.rule or 'no rule yet: press Step or Start'}); "
            f"wrong answers in the end: {ends}",
        }

    def _code(self) -> str:
        return (
            "from course_lib.show.meta.rule_trees_demo import RuleTreesDemo\n\n"
            f"demo = RuleTreesDemo(\n    population={self.population}, "
            f"parsimony={self.parsimony}, seed={self.seed},\n)\n"
            f"demo.run({len(self.steps)})\n"
            "demo.picture()  # demo.steps holds the best tree of each generation\n"
        )


def _tree(parts: Any) -> Tree:
    """Lists, as JSON has them, become tuples."""
    return (parts[0], *map(_tree, parts[1:])) if isinstance(parts, list) else parts
