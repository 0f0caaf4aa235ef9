"""`python -m claims [NAME ...]`: run the claims (all without names) and write data/claims/."""

import argparse
from collections.abc import Callable

from claims.asha import asha
from claims.before_after import before_after
from claims.best_models import best_models
from claims.best_of_runs import best_of_runs
from claims.channel_multiple import channel_multiple
from claims.codesign import codesign
from claims.collapse import collapse
from claims.controller_vs_random import controller_vs_random
from claims.darts_space import darts_space
from claims.darts_vs_random import darts_vs_random
from claims.estimators import estimators
from claims.few_samples import few_samples
from claims.gdas_step import gdas_step
from claims.glyphs import anil, second_order
from claims.hallucination import hallucination
from claims.halo import halo
from claims.head_start import head_start
from claims.hypergradients import hypergradient_memory, learned_schedule
from claims.landscape import early_epochs, neighbours
from claims.latency_lookup import lookup
from claims.latency_winner import latency_winner
from claims.memory import memory
from claims.one_supernet import one_supernet
from claims.pruning import pruned_by_amc, pruned_unbalanced
from claims.random_wiring import random_wiring
from claims.rankings import rankings
from claims.searches import rare_cells, regret
from claims.seed_noise import seed_noise, winners_curse
from claims.shared_luck import shared_luck
from claims.side_by_side import side_by_side
from claims.sinusoids import more_shots, one_step
from claims.skipped import skipped
from claims.supernet_ranking import supernet_ranking
from course_lib.show.measured import FOLDER, Measured
from course_lib.teach.files import write_atomically

CLAIMS: dict[str, Callable[[], Measured]] = {
    "01_controller_vs_random": controller_vs_random,
    "01_seed_noise": seed_noise,
    "01_winners_curse": winners_curse,
    "01_early_epochs": early_epochs,
    "01_neighbours": neighbours,
    "01_searches": regret,
    "01_rare_cells": rare_cells,
    "02_supernet_ranking": supernet_ranking,
    "02_memory": memory,
    "03_darts_vs_random": darts_vs_random,
    "03_collapse": collapse,
    "03_darts_space": darts_space,
    "04_estimators": estimators,
    "04_gdas_step": gdas_step,
    "04_head_start": head_start,
    "05_best_models": best_models,
    "05_shared_luck": shared_luck,
    "05_best_of_runs": best_of_runs,
    "05_side_by_side": side_by_side,
    "05_random_wiring": random_wiring,
    "05_asha": asha,
    "07_channel_multiple": channel_multiple,
    "07_amc": pruned_by_amc,
    "07_balanced": pruned_unbalanced,
    "07_before_after": before_after,
    "10_one_step": one_step,
    "10_shots": more_shots,
    "10_memory": hypergradient_memory,
    "10_schedule": learned_schedule,
    "10_second_order": second_order,
    "10_anil": anil,
    "10_hallucination": hallucination,
    "13_rankings": rankings,
    "13_lookup": lookup,
    "13_few_samples": few_samples,
    "13_winner": latency_winner,
    "13_one_supernet": one_supernet,
    "13_codesign": codesign,
    "13_halo": halo,
    "13_skipped": skipped,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m claims", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CLAIMS))
    names = parser.parse_args().names or list(CLAIMS)
    if unknown := set(names) - CLAIMS.keys():
        parser.error(f"no claim {', '.join(sorted(unknown))}; there is: {', '.join(CLAIMS)}")
    for name in names:
        write_atomically(FOLDER / f"{name}.json", CLAIMS[name]().to_json().encode())
        print(f"data/claims/{name}.json written")


if __name__ == "__main__":
    main()
