"""One executed notebook as one HTML file that people read, print and mail: no network, no script.

    shop, question, answer, key numbers     the first screen
    the notebook's prose, tables, figures   with the other numbers before what comes last: method and caveats
    settings, origin

The cells go through nbconvert with a template of ours (templates/cells); the page around them is
templates/report.html.j2.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clv.telling import facts
from clv.telling.downloads import Downloads
from clv.telling.pages import render, write_whole
from clv.telling.report import cells, first_screen
from clv.telling.report.executed import ending, readable, settings
from clv.telling.report.safe_html import Contents

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbformat import NotebookNode


def write(nb: "NotebookNode", path: Path, *, title: str, **about: Any) -> None:
    """Write what `html` returns, whole or not at all; the file's folder is made."""
    write_whole(path, html(nb, title=title, **about))


def html(
    nb: "NotebookNode",
    *,
    title: str,
    shop: str,
    until: str,
    made_at: str,
    provenance: Mapping[str, str],
    keys: Sequence[str] = (),
    downloads: Downloads | None = None,
) -> str:
    """Return the report as text: the same notebook and words give the same page, byte for byte.

    Parameters
    ----------
    nb : executed notebook. Where it stopped with an error, the report ends there and says so on top.
    title : the question; the notebook's first heading is left out where it says the same.
    shop, until : the shop's name and the last day of observation.
    made_at : ISO time.
    provenance : what else the foot of the page names (versions, hash of the data), in this order.
    keys : names of the facts on the first screen, in order; without them the first labelled ones.
    downloads : the files beside the report that hold its tables.
    """
    files = downloads or Downloads()
    contents = Contents(title)
    first, more = first_screen.split(facts.collect(nb), keys)
    body = cells.html(readable(nb), contents, more=more, csv=files.csv)
    return render(
        "report.html.j2",
        title=title,
        shop=shop,
        until=until,
        made_at=made_at,
        answer=first_screen.answer(nb),
        keys=first,
        ending=ending(nb),
        contents=contents.entries,
        body=body,
        settings=settings(nb),
        provenance=provenance,
        workbook=files.workbook,
    )
