"""What changed between two runs, as text on a terminal."""

from collections.abc import Iterator, Sequence

import pandas as pd

from clv.language import tell
from clv.telling import changes_page
from clv.telling.changes_page import Changes

LINES = 60  # of one notebook's differences


def text(shops: Sequence[Changes]) -> str:
    """Return what changed at each shop: facts, customers, settings, then the cells."""
    return "\n\n".join("\n".join(_lines(one)) for one in shops)


def _lines(changes: Changes) -> Iterator[str]:
    period = changes_page.period(changes)
    yield tell("{shop:s}: {period}", shop=changes.shop, period=period) if period else changes.shop
    yield changes_page.sentence(changes)
    yield from _facts(changes)
    yield from _customers(changes)
    if len(changes.settings):
        yield from _block(tell("What differs"), changes_page.settings_table(changes.settings))
    if changes.alone:
        yield ""
        yield tell("On one side only, and not compared: {names}.", names=", ".join(changes.alone))
    if names := sorted({one.name for one in changes.pictures}):
        yield ""
        yield tell("Pictures that differ: {names}.", names=", ".join(names))
    yield from _cells(changes)


def _facts(changes: Changes) -> Iterator[str]:
    for verdict, caption in changes_page.captions().items():
        parts = [changes_page.facts_table(changes.facts, verdict, named=named) for named in (True, False)]
        if sum(map(len, parts)):
            yield from _block(caption, pd.concat(parts))


def _customers(changes: Changes) -> Iterator[str]:
    for one in changes.moves:
        yield ""
        yield one.sentence
        if len(one.table):
            yield _aligned(changes_page.moves_table(one))
    if changes.unmoved:
        yield ""
        yield changes.unmoved


def _cells(changes: Changes) -> Iterator[str]:
    for cells in changes.cells:
        lines = cells.text.splitlines()
        yield ""
        yield f"=== {cells.notebook} ==="
        yield from lines[:LINES]
        if more := lines[LINES:]:
            yield tell("… {n:,} more lines; --html FILE shows them.", n=len(more))


def _block(caption: str, table: pd.DataFrame) -> Iterator[str]:
    yield ""
    yield caption
    yield _aligned(table)


def _aligned(table: pd.DataFrame) -> str:
    widths = {"display.unicode.east_asian_width": True, "display.max_colwidth": None}
    with pd.option_context(widths):
        return table.reset_index().to_string(index=False, float_format="{:,.0f}".format)
