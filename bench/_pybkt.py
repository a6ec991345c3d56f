"""pyBKT in a virtual environment of its own: it needs older libraries than ours, and is only timed here."""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench._tracing_data import Given

#: As pinned: newer releases of the libraries below break its import.
PINNED = ("pyBKT==1.4.3", "scikit-learn==1.5.2", "numpy==1.26.4", "pandas==2.3.3")
FOLDER = Path(".cache/bench/pybkt")
PROGRAM = """
import json, sys, time
import pandas
from pyBKT.models import Model

rows = json.load(open(sys.argv[1]))
table = pandas.DataFrame(rows, columns=["order_id", "user_id", "skill_name", "correct"])
model = Model(seed=1, num_fits=1, parallel=False)
print("ready", flush=True)
start = time.process_time()
model.fit(data=table)
print(time.process_time() - start, flush=True)
"""


@dataclass(frozen=True)
class Timed:
    """``seconds`` of CPU time it took, or (``finished`` False) had taken when it was stopped. ``problem``: why there is
    no figure."""

    seconds: float = 0.0
    finished: bool = False
    problem: str = ""


def python() -> Path:
    """The environment's interpreter; makes the environment where it is missing. Raises ``CalledProcessError``."""
    found = FOLDER / "bin" / "python"
    ready = FOLDER / "ready.json"
    if not ready.is_file() or json.loads(ready.read_text()) != list(PINNED):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True, capture_output=True)
        subprocess.run(
            [str(found), "-m", "pip", "install", "-q", *PINNED], check=True, capture_output=True, timeout=600
        )
        ready.write_text(json.dumps(PINNED))
    return found


def timed(learners: Sequence[Sequence[Given]], patience: float) -> Timed:
    """Fit one start (``num_fits=1``; its default is five) of pyBKT on the answers, one row a skill, and time the fit
    alone. It is stopped after ``patience`` seconds by the clock: what it takes is then more than what it had taken."""
    rows = [(given, learner, kc) for learner, answers in enumerate(learners) for given in answers for kc in given.kcs]
    try:
        interpreter = python()
    except (OSError, subprocess.SubprocessError) as error:
        return Timed(problem=f"pyBKT could not be installed ({type(error).__name__})")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "answers.json"
        data.write_text(json.dumps([(at, who, kc, int(given.right)) for at, (given, who, kc) in enumerate(rows)]))
        command = [str(interpreter), "-W", "ignore", "-c", PROGRAM, str(data)]
        before = _children()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=patience)
        except subprocess.TimeoutExpired:
            return Timed(_children() - before)
    if done.returncode:
        return Timed(problem="pyBKT failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1])
    return Timed(float(done.stdout.split()[-1]), finished=True)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
