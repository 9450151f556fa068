"""One executed notebook as one HTML file that people read, print and mail: no network, no script.

The cells go through nbconvert with a template of ours (templates/cells); the page around them is
templates/report.html.j2.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from clv.telling import facts
from clv.telling.pages import TEMPLATES, labelled, render, write_whole
from clv.telling.report.executed import ending, readable, settings
from clv.telling.report.safe_html import Contents, clean_output, clean_prose

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbformat import NotebookNode

SHOWN = ["text/html", "text/markdown", "image/png", "image/jpeg", "text/plain"]


def write(
    nb: "NotebookNode",
    path: Path,
    *,
    title: str,
    shop: str,
    until: str,
    made_at: str,
    provenance: Mapping[str, str],
) -> None:
    """Write the report of an executed notebook, whole or not at all.

    Parameters
    ----------
    nb : executed notebook. Where it stopped with an error, the report ends there and says so on top.
    path : the HTML file; its folder is made.
    title : the question; the notebook's first heading is left out where it says the same.
    shop, until : the shop's name and the last day of observation.
    made_at : ISO time.
    provenance : what else the foot of the page names (versions, hash of the data), in this order.
    """
    page = html(nb, title=title, shop=shop, until=until, made_at=made_at, provenance=provenance)
    write_whole(path, page)


def html(
    nb: "NotebookNode", *, title: str, shop: str, until: str, made_at: str, provenance: Mapping[str, str]
) -> str:
    """Return the report as text: the same notebook and words give the same page, byte for byte."""
    contents = Contents(title)
    body = _cells(readable(nb), contents)
    return render(
        "report.html.j2",
        title=title,
        shop=shop,
        until=until,
        made_at=made_at,
        facts=labelled(facts.collect(nb)),
        ending=ending(nb),
        contents=contents.entries,
        body=body,
        settings=settings(nb),
        provenance=provenance,
    )


def _cells(nb: "NotebookNode", contents: Contents) -> str:
    """Return the cells as HTML, cleaned; the headings found are added to the contents."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    exporter = HTMLExporter(
        config=Config({"NbConvertBase": {"display_data_priority": SHOWN}}),
        template_name="cells",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
        filters={
            "prose": lambda markup: contents.place(clean_prose(markup)),
            "displayed": lambda markup: contents.place(clean_output(markup)),
            # An attachment that is not there would stop nbconvert.
            "unattached": lambda markdown: markdown.replace("attachment:", "attachment "),
        },
    )
    body, _ = exporter.from_notebook_node(nb)
    return body
