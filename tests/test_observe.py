"""What is logged: events with their ids, where an error arose, and never what somebody said."""

import json
import subprocess
import sys

import pytest

CRASH = """
from tutor.domain.errors import InvalidInput
from tutor.observe import Logger, bound, log_to_stderr
{setup}
def answer(message: str) -> None:
    try:
        try:
            int(message)
        except ValueError as error:
            raise InvalidInput("our own words") from error
    except InvalidInput:
        with bound(request="r-1"):
            Logger("tutor.test").exception("turn.crashed", turn="t-1")
answer("a learner's " + "secret words")
"""
STYLES = {
    "as imported": "",
    "as served": "log_to_stderr('info', 'tutor')",
    "as lines of JSON": "log_to_stderr('debug', 'tutor', style='json')",
}


def said(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "", "what a command prints is for pipes"
    return done.stderr


@pytest.mark.parametrize("setup", STYLES.values(), ids=STYLES)
def test_a_traceback_tells_no_variables_and_quotes_nobody(setup: str) -> None:
    log = said(CRASH.format(setup=setup))
    assert "turn.crashed" in log
    assert "t-1" in log
    assert "r-1" in log
    assert "InvalidInput: our own words" in log
    assert "ValueError" in log
    assert "in answer" in log
    assert "secret words" not in log


def test_lines_of_json_carry_the_fields_of_everybody_s_events() -> None:
    log = said(
        "import logging\n"
        "from tutor.observe import Logger, bound, log_to_stderr\n"
        "log_to_stderr('info', 'tutor', style='json')\n"
        "with bound(request='r-1'):\n"
        "    Logger('tutor.test').info('film.made', name='a name', message='kept', args=[1])\n"
        "    logging.getLogger('somebody.else').warning('the %s is full', 'disk')\n"
        "Logger('tutor.test').info('over')\n"
    )
    ours, theirs, last = map(json.loads, log.splitlines())
    assert ours["event"] == "film.made"
    assert (ours["request"], ours["name"], ours["message"], ours["args"]) == ("r-1", "a name", "kept", [1])
    assert theirs["event"] == "the disk is full"
    assert (theirs["level"], theirs["logger"], theirs["request"]) == ("warning", "somebody.else", "r-1")
    assert "request" not in last


def test_at_debug_other_people_s_loggers_stay_quiet() -> None:
    log = said(
        "import logging\n"
        "from tutor.observe import Logger, log_to_stderr\n"
        "log_to_stderr('debug', 'tutor')\n"
        "logging.getLogger('websockets.server').debug('< TEXT a secret')\n"
        "logging.getLogger('httpx').info('GET /?search=secret')\n"
        "Logger('tutor.test').debug('here', at='once')\n"
    )
    assert "secret" not in log
    assert "event=here at=once" in log
