"""Lab 01: its wrong and right answers, and slips in its solution, against its checks."""

from typing import Any

import torch

from tests.misconceptions.every_lab import Answers, Mutants

LAB = "lab01_rl_nas"


def all_zeros(controller: Any, batch: int, rng: torch.Generator) -> tuple[torch.Tensor, ...]:
    tokens = torch.zeros(batch, len(controller.choices), dtype=torch.int64)
    return tokens, torch.zeros(batch), torch.zeros(batch)


class TestAnswers(Answers):
    lab = LAB
    pointless = (
        *(("acceptance", lambda *_, p=p, **__: p) for p in (0.0, 0.5, 1.0)),
        ("q_backup", lambda reward, *_, **__: reward),
        ("q_backup", lambda reward, next_q, *_, **__: next_q.amax(1)),
        ("reinforce_loss", lambda log_prob, *_: -log_prob.mean()),
        ("reinforce_loss", lambda log_prob, *_: 0 * log_prob.sum()),
        ("sample_strings", all_zeros),
    )
    particular = (
        ("acceptance", "taken to be symmetric", "detailed balance when coming back is harder"),
        ("acceptance", "exp overflows", "hot, cold, equal"),
        ("q_backup", "finished string",
         "at the end only the reward counts; swept back, the exact best rewards"),
        ("reinforce_loss", "reward is not detached", "the reward is only a number"),
        ("sample_strings", "stop itself", "nothing after a stop"),
        ("sample_strings", "entropy has no gradient", "gradients reach the controller"),
        ("decode", "cropped to the smallest", "shapes of merged maps are torch's"),
    )  # fmt: skip


class TestMutants(Mutants):
    lab = LAB
