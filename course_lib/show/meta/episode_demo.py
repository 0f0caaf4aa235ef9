"""Few-shot episodes to click through: what is seen, what is asked, what a method answers."""

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import traitlets
from PIL import Image

from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.meta.evaluate import Solve
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import GlyphSplits
from course_lib.meta.prototypes import nearest_neighbour
from course_lib.show.demo import Demo, browser_code
from course_lib.show.knobs import button, choice, hidden, preset, said, slider
from course_lib.show.meta.glyphs import EpisodeInfo, episode_info, plot_episode

Method = Callable[[int], tuple[Solve, Parameters]]
"""ways -> how a task of so many classes is solved, and the theta that was learnt for it."""

QUERIES = 6


def by_pixels(ways: int) -> tuple[Solve, Parameters]:
    """The nearest neighbour: nothing is learnt."""
    return nearest_neighbour(ways), {}


class EpisodeDemo(Demo):
    """Draw episode after episode, choose the classes, the shots and who answers.

    sets: name -> images, such as those of one script; each class needs `QUERIES` more images than
        there are shots, at most 5. methods: name -> `Method`. One of them is asked at a time.
    """

    _esm = browser_code("meta/episode_demo.js")
    css_class = "demo-episode"

    question = said(
        "Predict first: five letters, each seen once. How many of 30 new drawings does the nearest "
        "image, pixel by pixel, call rightly? Guessing gets 6."
    )
    script = choice("images")
    ways = slider("ways", (2, 3, 5, 8), 5)
    shots = slider("shots", (1, 2, 3, 5), 1)
    method = hidden(traitlets.Unicode())
    seed = hidden(traitlets.Int(0))
    panels = (plot_episode,)
    inches = (13, 6)

    def __init__(
        self,
        sets: Mapping[str, FewShotImages],
        methods: Mapping[str, Method] | None = None,
        **traits: Any,
    ) -> None:
        self.sets = dict(sets)
        self.methods = dict(methods or {"nearest pixels": by_pixels})
        first, *others = self.methods
        asked = [button("ask", "Ask another method", "m")] if others else []
        start = {"script": next(iter(self.sets)), "method": first}
        super().__init__(
            values={"script": list(self.sets)},
            actions=[
                button("step", "Next episode", "s"), *asked, button("reset", "Reset", "r")
            ],
            presets=[
                preset("one example", "One drawing a class is all that the method has seen: slants "
                       "and pens differ, and pixels with them.", ways=5, shots=1),
                preset("five examples", "With five drawings a class, one of them is more often "
                       "slanted as the query is.", ways=5, shots=5),
                preset("two classes", "Of two classes a guess is right half the time: a share of "
                       "right answers says nothing without the number of ways.", ways=2, shots=1),
            ],
            **start | traits,
        )  # fmt: skip

    def ask(self) -> None:
        """The next method, the same episode."""
        names = list(self.methods)
        self.method = names[(names.index(self.method) + 1) % len(names)]
        self.note = f"{self.method} answers now."

    def info(self) -> EpisodeInfo:
        solve, theta = self.methods[self.method](self.ways)
        return episode_info(
            solve,
            theta,
            self.sets[self.script],
            make_rng(self.seed),
            ways=self.ways,
            shots=self.shots,
            queries=QUERIES,
            method=f"Episode {self.seed + 1} of {self.script}; {self.method}",
        )

    def _chart(self, info: EpisodeInfo) -> dict[str, Any]:
        return {
            "support": [[png(image) for image in row] for row in info.support],
            "query": [[png(image) for image in row] for row in info.query],
            "answers": info.answers.tolist(),
            "method": self.method,
        }

    def _code(self) -> str:
        return (
            "from course_lib.core import make_rng\n"
            "from course_lib.show.meta.glyphs import episode_info\n\n"
            f"solve, theta = methods[{self.method!r}]({self.ways})\n"
            "info = episode_info(\n"
            f"    solve, theta, sets[{self.script!r}], make_rng({self.seed}),\n"
            f"    ways={self.ways}, shots={self.shots}, queries={QUERIES},\n"
            ")\n"
            "print(info.describe())\n"
        )


def by_script(few: GlyphSplits) -> dict[str, FewShotImages]:
    """The scripts that nobody trained on, together and each for itself."""
    names = dict.fromkeys(few.scripts[label] for label in few.test.classes)
    alone = {name: few.test.part(few.of_script(name)) for name in names}
    return {"all test scripts": few.test} | alone


def png(image: np.ndarray) -> str:
    """(height, width) in [0, 1] -> the address of a picture that holds it."""
    file = io.BytesIO()
    Image.fromarray((255 * image.clip(0, 1)).round().astype(np.uint8)).save(file, "png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
