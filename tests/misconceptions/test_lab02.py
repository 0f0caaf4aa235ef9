"""Lab 02: its wrong and right answers, and slips in its solution, against its checks."""

from typing import Any

import torch

from tests.misconceptions.every_lab import Answers, Mutants

LAB = "lab02_weight_sharing"


def nothing_learned(net: Any, space: Any, batches: Any, optimizer: Any, rng: Any) -> Any:
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        told.append((arch, torch.nn.functional.cross_entropy(net(x, arch), y).item()))
    return told


def only_scored(net: Any, arch: Any, train: Any, valid: Any, *, batch: int = 250) -> float:
    net.eval()
    return float((net(valid.x, arch).argmax(1) == valid.y).double().mean())


class TestAnswers(Answers):
    lab = LAB
    pointless = (
        ("run_path", lambda operations, edges, arch, x: x),
        ("run_path", lambda operations, edges, arch, x: operations[0][arch[0]](x)),
        ("sharing_epoch", nothing_learned),
        ("sharing_epoch", lambda *_: []),
        ("recalibrate", only_scored),
        ("recalibrate", lambda *_, **__: 0.5),
        ("kendall_tau", lambda *_, **__: (0.0, -1.0, 1.0)),
        ("enas_step", lambda *_: 0.5),
    )
    particular = (
        ("run_path", "changed in place", "equal to the stand-alone network"),
        ("run_path", "computed and thrown away", "only the path is computed"),
        ("sharing_epoch", "set to zero instead of None", "weights off the path rest"),
        ("sharing_epoch", "once per epoch",
         "a fresh uniform path for every batch"),
        ("sharing_epoch", "evaluation mode", "trained, and told"),
        ("recalibrate", "momentum is not put back", "weights and settings stay"),
        ("recalibrate", "before the recalibration", "validation images are only scored"),
        ("kendall_tau", "resampled independently", "the interval resamples pairs"),
        ("enas_step", "just trained is the one that is scored", "both paths come from the policy"),
        ("enas_step", "sign is flipped", "the policy climbs the validation accuracy"),
    )  # fmt: skip


class TestMutants(Mutants):
    lab = LAB
