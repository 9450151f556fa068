"""What a report says before anything else: its answer in one sentence, and three to five key numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from clv.telling import facts
from clv.telling.pages import first_and_others
from clv.telling.report.safe_html import clean_output, unattached
from clv.telling.wording import as_read


def split(
    found: Sequence[dict[str, Any]], keys: Sequence[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the labelled facts of the first screen, and the others, in the units that people read."""
    first, others = first_and_others(found, keys)
    return [*map(as_read, first)], [*map(as_read, others)]


def answer(nb: Mapping[str, Any]) -> str:
    """Return the answer as HTML, cleaned; empty for a notebook that has none."""
    from nbconvert.filters import markdown2html

    said = facts.answered(nb)
    return clean_output(markdown2html(unattached(said.markdown))) if said else ""
