"""`python -m data.make NAME`: make a file of data/ again, as data/README.md describes it."""

import argparse
from collections.abc import Sequence

from data.make import (
    bridge,
    datasheet,
    digits201,
    lab02_inherited,
    lab03_challenge,
    latency,
    latency_edges,
    latency_settings,
    pruning_networks,
    recordings,
    zigzag,
)


def main(words: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m data.make", description="Make a file of data/ again."
    )
    names = parser.add_subparsers(metavar="NAME", required=True)
    table = names.add_parser("digits201", help="train every distinct cell: goes on where it was")
    table.add_argument("--jobs", type=int, default=-1, help="processes (default: one per core)")
    table.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster to run on")
    table.set_defaults(make=lambda given: digits201.build_on(given.jobs, given.dask))
    sheet = names.add_parser("datasheet", help="renew the table's numbers in data/README.md")
    sheet.set_defaults(make=lambda given: datasheet.main())
    demos = names.add_parser("recordings", help="record the lectures' live demos: some minutes")
    demos.add_argument("demos", nargs="*", metavar="DEMO", help=", ".join(recordings.RECORDED))
    demos.set_defaults(make=lambda given: recordings.main(given.demos))
    cheap = names.add_parser("lab02_inherited", help="what 729 cells inherit: a few minutes")
    cheap.set_defaults(make=lambda given: lab02_inherited.main())
    rivals = names.add_parser("lab03_challenge", help="random search's networks: ten minutes")
    rivals.set_defaults(make=lambda given: lab03_challenge.main())
    times = names.add_parser("latency", help="measure cells on devices: goes on where it was")
    files = ", ".join(latency_settings.SETTINGS)
    times.add_argument("files", nargs="*", metavar="FILE", help=files)
    times.add_argument("--blocks", type=int, help="stop after so many blocks of 60 networks")
    times.add_argument("--cores", type=int, default=1, help="blocks at a time (default: 1)")
    times.set_defaults(make=lambda given: latency.main(given.files, given.blocks, given.cores))
    edges = names.add_parser("latency_edges", help="measure what look-up tables need: minutes")
    edges.set_defaults(make=lambda given: print(latency_edges.main()))
    chains = names.add_parser("pruning_networks", help="train the chains that are pruned: minutes")
    chains.set_defaults(make=lambda given: pruning_networks.main())
    famous = names.add_parser("bridge", help="measure famous networks: minutes")
    famous.set_defaults(make=lambda given: print(bridge.main()))
    oracle = names.add_parser("zigzag", help="ZigZag's cycles and energy: a minute, needs zigzag")
    oracle.set_defaults(make=lambda given: zigzag.main())
    given = parser.parse_args(words)
    given.make(given)


if __name__ == "__main__":
    main()
