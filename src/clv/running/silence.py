"""Lines that libraries write to their logs, kept off the screen for a while."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


@contextmanager
def silenced(places: Iterable[logging.Filterer]) -> Iterator[None]:
    """Let nothing through these loggers or handlers."""
    kept = list(places)
    for place in kept:
        place.addFilter(_nothing)
    try:
        yield
    finally:
        for place in kept:
            place.removeFilter(_nothing)


def _nothing(_: logging.LogRecord) -> bool:
    return False
