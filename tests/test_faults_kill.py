"""Killed at any moment: whole files only, nothing that goes on running, and the next run comes to the same.

A short version of `make faults`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="warm kernels, and sessions, of Linux")
def test_a_few_kills_at_random_moments() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    asked = ["kill", "--times", "6", "--story", "batch", "--story", "learn"]
    done = subprocess.run(
        [sys.executable, "-m", "faults", *asked], env=environment, capture_output=True, text=True, timeout=540
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("6 kills, 6 survived, 0 wrong\n")
