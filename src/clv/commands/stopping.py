"""Ctrl-C and a polite request to end: what is half written goes, and so do folders of work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_USUAL = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


@contextmanager
def politely() -> Iterator[None]:
    """Let SIGTERM end the work as Ctrl-C does, and both as KeyboardInterrupt, whatever the work makes of it.

    An engine that is interrupted answers with an error of its own. Signals that are handled otherwise
    already, or ignored, stay so.
    """
    asked = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        if number == signal.SIGTERM:
            signal.signal(number, signal.SIG_IGN)  # a second one does not break the tidying up
        raise KeyboardInterrupt

    ours = threading.current_thread() is threading.main_thread()
    before = {n: usual for n, usual in _USUAL.items() if ours and signal.getsignal(n) == usual}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    except Exception:
        if asked:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)
