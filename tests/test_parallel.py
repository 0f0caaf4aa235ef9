"""What joblib says of its workers stops no test."""

import os
import sys
import time

from joblib import Parallel, delayed


def grown(megabytes: int) -> int:
    """Keep so much more memory; the worker that did so."""
    vars(sys).setdefault("kept", []).append(b"x" * (megabytes * 10**6))
    time.sleep(1.1)  # joblib looks at a worker's memory once a second
    return os.getpid()


def test_a_worker_that_joblib_replaces_leaves_nobody_waiting() -> None:
    """One that has grown by more than 300 MB since its first call is replaced, with a warning in
    joblib's own thread."""
    work = [delayed(grown)(megabytes) for megabytes in (1, 1, 400, 400, 1, 1)]
    workers = Parallel(n_jobs=2, batch_size=1, return_as="generator_unordered")(work)
    assert len(set(workers)) > 2
