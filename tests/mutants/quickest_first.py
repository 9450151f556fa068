"""For mutation testing: the quickest tests first, and none much longer than it took on the true code.

A mutant dies at the first test that fails, so most of the time goes where tests are slow or the mutant never
ends. The clock is that of the process, so that a busy machine kills nothing.
"""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

_STATS = Path("mutmut-stats.json")  # beside the mutants, once the true code was measured
_AT_LEAST, _TIMES = 4.0, 10.0  # seconds of CPU; times what the test took


def _durations() -> dict[str, float]:
    return json.loads(_STATS.read_text())["duration_by_test"] if _STATS.exists() else {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests by what each took."""
    took = config.stash[_TOOK] = _durations()
    items.sort(key=lambda item: took.get(item.nodeid, 0.0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that computes much longer than it did."""
    took = item.config.stash[_TOOK].get(item.nodeid)
    if took is not None:
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, max(_AT_LEAST, _TIMES * took))
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _too_long(_signal: int, _frame: object) -> None:
    raise TimeoutError("this test computes much longer than it did on the true code")


_TOOK = pytest.StashKey[dict[str, float]]()
