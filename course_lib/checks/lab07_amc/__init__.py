"""Checks of lab 07: `check.prune_pair(prune_pair)`, `check.hint("episode")`, ... one each."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab07_amc.bounded_channels import bounded_channels
from course_lib.checks.lab07_amc.chain_macs import chain_macs
from course_lib.checks.lab07_amc.challenge import HINTS as _HINTS
from course_lib.checks.lab07_amc.challenge import challenge, problem, write_challenge
from course_lib.checks.lab07_amc.ddpg_targets import ddpg_targets
from course_lib.checks.lab07_amc.episode import episode
from course_lib.checks.lab07_amc.prune_pair import prune_pair
from course_lib.checks.lab07_amc.soft_update import soft_update
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "bounded_channels",
    "chain_macs",
    "challenge",
    "ddpg_targets",
    "episode",
    "hint",
    "playground",
    "problem",
    "prune_pair",
    "soft_update",
    "variant_of",
    "write_challenge",
]

EXERCISES = (prune_pair, chain_macs, bounded_channels, episode, ddpg_targets, soft_update)
hint = Hints({one.name: one.hints for one in EXERCISES} | {"challenge": _HINTS}, "prune_network")
