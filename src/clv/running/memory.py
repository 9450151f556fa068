"""What a batch remembers of its runs: the history of what they said, and one warning where it is damaged."""

from collections.abc import Callable
from pathlib import Path

from clv import history
from clv.language import tell
from clv.running.runs import Record

Warned = Callable[[str], None]


class Memory:
    """Keeps what good runs said; says in one sentence, once, where that cannot be done.

    The batch goes on whatever happens here. Whoever makes one holds the folder of the runs alone.
    """

    def __init__(self, out: Path, warned: Warned) -> None:
        self._out, self._warned, self._has_warned = out, warned, False
        self._warn(history.damage(out))

    def keep(self, record: Record) -> None:
        """Keep what a run said, where it is good."""
        if record["status"] != "ok":
            return
        try:
            history.add(self._out, history.of_record(record))
        except (OSError, KeyError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            self._warn(
                tell(
                    "what the runs said cannot be added to the history of {shop:s} ({why}).",
                    shop=record["shop"],
                    why=why,
                )
            )

    def _warn(self, sentence: str) -> None:
        if sentence and not self._has_warned:
            self._has_warned = True
            self._warned(sentence)
