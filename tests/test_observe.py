"""What is logged of an error: where it arose, and never what somebody said."""

import subprocess
import sys

import pytest

CRASH = """
from tutor.observe import Logger, log_to_stderr
{setup}
def answer(message: str) -> None:
    try:
        raise ValueError("the reason")
    except ValueError:
        Logger("tutor.test").exception("turn.crashed", turn="t-1")
answer("a learner's " + "secret words")
"""


@pytest.mark.parametrize("setup", ["", "log_to_stderr('info', 'tutor')"], ids=["as imported", "as served"])
def test_a_traceback_tells_no_variables(setup: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH.format(setup=setup)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "turn.crashed" in done.stderr
    assert "ValueError: the reason" in done.stderr
    assert "learner's secret words" not in done.stderr
    assert done.stdout == "", "what a command prints is for pipes"
