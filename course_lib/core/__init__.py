"""The words that everything else is said in: architectures, trials, histories, logs, spaces."""

from course_lib.core.compare import Search, compare
from course_lib.core.log import Log
from course_lib.core.oracle import BudgetExhausted, Measure, Oracle
from course_lib.core.rng import make_rng, module_rng, randint, uniform
from course_lib.core.space import Space
from course_lib.core.trial import Arch, History, Trial

__all__ = [
    "Arch",
    "BudgetExhausted",
    "History",
    "Log",
    "Measure",
    "Oracle",
    "Search",
    "Space",
    "Trial",
    "compare",
    "make_rng",
    "module_rng",
    "randint",
    "uniform",
]
