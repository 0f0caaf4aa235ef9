"""Silent, limited in time, and nothing of an answer stays behind."""

import logging
import signal
import sys
import threading
import time
import warnings
from dataclasses import replace
from typing import Any

import pytest
import torch

from course_lib.checks import lab01_rl_nas as check
from course_lib.checks import limits
from course_lib.checks.result import Outcome
from course_lib.nas import policy
from tests.checks.following import CASES, EXERCISE, judged


def test_an_endless_loop_ends() -> None:
    def endless(n: int) -> int:
        while True:
            n += 1

    start = time.process_time()
    result = judged(endless)
    assert result.outcome is Outcome.ERROR
    first, *others = result.findings
    assert "no answer after computing for 0.5 seconds" in first.said
    assert {finding.said for finding in others} == {
        "not tried, since there was no answer to “a number”"
    }
    assert first.said in str(result)
    assert time.process_time() - start < 1  # once, not once per case


def test_an_answer_computes_on_one_thread() -> None:
    """On a busy machine two threads wait for each other, and that would count as computing."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with limits.safely(0, seconds=1):
            assert torch.get_num_threads() == 1
            torch.set_num_threads(3)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_an_endless_loop_ends_also_where_interrupts_are_ignored(handler: Any) -> None:
    def endless(n: int) -> int:
        while True:
            n += 1

    before = signal.signal(signal.SIGINT, handler)
    try:
        assert {finding.outcome for finding in judged(endless).findings} == {Outcome.ERROR}
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_placeholder_before_an_endless_loop_is_an_error() -> None:
    def half(n: int) -> int:
        if n == 1:
            raise NotImplementedError
        while True:
            n += 1

    assert {finding.outcome for finding in judged(half).findings} == {Outcome.ERROR}


def test_waiting_is_not_computing() -> None:
    def waits(n: int) -> int:
        time.sleep(0.3)
        return n + 1

    assert replace(EXERCISE, seconds=0.2)(waits, CASES[:2]).passed


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for a sleep nor for a lock, and only once."""
    monkeypatch.setattr(limits, "STILL", 0.4)
    lock = threading.Lock()
    for waits in (lambda n: time.sleep(1000), lambda n: lock.acquire() and lock.acquire()):
        result = replace(EXERCISE, seconds=20.0)(waits, CASES)
        assert {finding.outcome for finding in result.findings} == {Outcome.ERROR}
        assert "no answer after waiting" in str(result)


def test_an_interrupt_of_its_own_is_an_error_and_one_of_a_key_ends_the_check() -> None:
    def raises(n: int) -> int:
        raise KeyboardInterrupt

    def pressed(n: int) -> int:
        signal.raise_signal(signal.SIGINT)
        return n + 1

    assert judged(raises).outcome is Outcome.ERROR
    with pytest.raises(KeyboardInterrupt):
        judged(pressed)


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit, RecursionError])
def test_not_even_exit_stops_a_check(error: type[BaseException]) -> None:
    def leaves(n: int) -> int:
        raise error

    assert judged(leaves).outcome is Outcome.ERROR


def test_stderr_and_warnings_are_silent(capfd: pytest.CaptureFixture[str]) -> None:

    def noisy(n: int) -> int:
        print("debugging", file=sys.stderr)
        warnings.warn("careful", UserWarning, stacklevel=1)
        logging.getLogger("student").error("oh no")
        return n + 1

    assert judged(noisy).passed
    assert capfd.readouterr().err == ""
    with pytest.warns(UserWarning, match="careful"):
        noisy(1)


def test_what_a_student_prints_ends_after_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    def talks(n: int) -> int:
        print(f"n is {n}\nand that is all")
        return n + 1

    assert EXERCISE(talks, [("a number", n) for n in range(20)]).passed
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 11
    assert printed[0] == "n is 0"
    assert printed[-1] == "..."


def test_the_default_type_is_single_precision_whatever_the_notebook_says() -> None:
    def doubles(n: int) -> int:
        assert torch.zeros(1).dtype is torch.float32
        torch.set_default_dtype(torch.float64)
        return n + 1

    torch.set_default_dtype(torch.float64)
    try:
        assert judged(doubles).passed
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    check.sample_strings(policy.sample_strings)
    EXERCISE(lambda n: torch.rand(()).item() * 0 + n + 1, CASES)
    assert torch.equal(torch.rand(3), expected)
