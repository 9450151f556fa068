"""What a report says before anything else: its answer in one sentence, and three to five key numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from clv.telling import facts
from clv.telling.pages import labelled
from clv.telling.report.safe_html import clean_output, unattached

WITHOUT_KEYS = 5


def split(
    found: Sequence[dict[str, Any]], keys: Sequence[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the labelled facts of the first screen, and the others, in the units that people read."""
    said = labelled(found)
    by_name = {fact["name"]: fact for fact in said}
    first = [by_name[name] for name in keys if name in by_name] or said[:WITHOUT_KEYS]
    return first, [fact for fact in said if fact not in first]


def answer(nb: Mapping[str, Any]) -> str:
    """Return the answer as HTML, cleaned; empty for a notebook that has none."""
    from nbconvert.filters import markdown2html

    said = facts.answered(nb)
    return clean_output(markdown2html(unattached(said.markdown))) if said else ""
