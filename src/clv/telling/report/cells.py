"""The cells of a notebook as HTML, cleaned, with links to the tables' files and the numbers not shown yet."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clv.language import tell
from clv.telling.downloads import tables
from clv.telling.pages import TEMPLATES, render
from clv.telling.report.safe_html import Contents, clean_output, clean_prose, unattached
from clv.telling.tables_html import TABLE_MIME

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

SHOWN = ["text/html", "text/markdown", "image/png", "image/jpeg", "text/plain"]
_SEEN = {"image/png", "image/jpeg", TABLE_MIME}  # pictures and tables: what comes after them is method
_SECTIONS = ("# ", "## ")
_CSV = "clv_csv"  # where an output says which file holds its table


def html(
    nb: "NotebookNode", contents: Contents, *, more: Sequence[Mapping[str, Any]] = (), csv: Sequence[str] = ()
) -> str:
    """Return the cells, with the numbers `more` before the last words; headings are added to the contents.

    Parameters
    ----------
    nb : what is to be read, a copy; see `executed.readable`.
    contents : starts empty.
    more : facts in the units that people read; none: no section for them.
    csv : links to the tables as files, in the order of the tables.
    """
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            output.get("metadata", {}).pop(_CSV, None)  # which only we write
    for output, link in zip(tables.outputs(nb), csv, strict=False):  # there may be none
        output.metadata[_CSV] = link
    if more:
        nb.cells.insert(_place_for_numbers(nb), _numbers(more))
    body, _ = _exporter(contents).from_notebook_node(nb)
    return body


def _place_for_numbers(nb: "NotebookNode") -> int:
    """Return where the first section starts after the last picture or table: the rest is caveats."""
    last = max((at for at, cell in enumerate(nb.cells) if _shows(cell)), default=len(nb.cells))
    after = (at for at, cell in enumerate(nb.cells) if at > last and _starts_section(cell))
    return next(after, len(nb.cells))


def _shows(cell: "NotebookNode") -> bool:
    return any(not _SEEN.isdisjoint(output.get("data", ())) for output in cell.get("outputs", ()))


def _starts_section(cell: "NotebookNode") -> bool:
    return cell.cell_type == "markdown" and cell.source.lstrip().startswith(_SECTIONS)


def _numbers(facts: Sequence[Mapping[str, Any]]) -> "NotebookNode":
    from nbformat.v4 import new_code_cell, new_output

    markup = render("more_numbers.html.j2", facts=facts)
    return new_code_cell(outputs=[new_output("display_data", data={"text/html": markup})])


def _exporter(contents: Contents) -> "HTMLExporter":
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
            "file": _file,
            "unattached": unattached,
        },
    )
    exporter.environment.globals["tell"] = tell
    return exporter


def _file(output: "NotebookNode") -> str:
    """Return the link to the file that holds an output's table; nothing where there is none."""
    link = output.metadata.get(_CSV)
    return render("file.html.j2", link=link, caption=output.data[TABLE_MIME]["caption"]) if link else ""
