"""What two executed notebooks do not have in common, by nbdime: noise left out, fast for big outputs too.

nbdime aligns cells and outputs by comparing their texts, which takes minutes where these are megabytes. So
pictures and HTML go in as fingerprints, and a long text is cut; what a table says stands in its plain text.
"""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clv import notebook_formats
from clv.telling.facts import FACT_MIME

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbformat import NotebookNode

# As `nbdime_config.json` at the top of the repository says it to nbdime's own commands and its git driver.
NOISE: dict[str, bool | list[str]] = {
    "/metadata": True,
    "/cells/*": ["id", "execution_count"],
    "/cells/*/metadata": True,
    "/cells/*/outputs/*": ["execution_count", "metadata"],
}
LONGEST = 20_000  # characters of one text that are compared
SAYS = "says"  # a part of a cell of ours: nbdime takes long to find out which output belongs to which
_PLAIN = "text/plain"


def differences(before: "NotebookNode", now: "NotebookNode") -> list[Any]:
    """Return nbdime's differences of two notebooks as they are, without noise."""
    notebook_formats.load()
    import nbdime
    from nbdime.diffing import notebooks

    notebooks.reset_notebook_differ()
    try:
        notebooks.set_notebook_diff_ignores(NOISE)
        return nbdime.diff_notebooks(before, now)
    finally:
        notebooks.reset_notebook_differ()


def told(before: "NotebookNode", now: "NotebookNode") -> str:
    """Return what differs as text, cell by cell; empty where nothing does.

    Of an output its plain text is compared, of a picture a fingerprint beside it. Facts are left out: what
    became of them `facts.compare` says better.
    """
    from nbdime.prettyprint import PrettyPrintConfig, pretty_print_diff

    old, new = readable(before), readable(now)
    found = differences(old, new)
    if not found:
        return ""
    page = io.StringIO()
    plain = PrettyPrintConfig(out=page, use_git=False, use_diff=False, use_color=False)
    pretty_print_diff(old, found, "", plain)
    return re.sub(r"\n{3,}", "\n\n", page.getvalue()).strip("\n")


def readable(notebook: "NotebookNode") -> "NotebookNode":
    """Return the notebook with what each cell says as one text: plain, a fingerprint for each picture."""
    from nbformat import from_dict

    cells = [
        {**cell, "metadata": {}, "source": cell["source"][:LONGEST]}
        | ({"outputs": [], SAYS: _said(cell["outputs"])} if "outputs" in cell else {})
        for cell in notebook["cells"]
    ]
    return from_dict({**notebook, "cells": cells, "metadata": {}})


def _said(outputs: Sequence[Mapping[str, Any]]) -> str:
    told = [line for output in outputs for line in _told(output) if line]
    return "\n".join([*told, ""])[:LONGEST]


def _told(output: Mapping[str, Any]) -> Iterator[str]:
    data = output.get("data", {})
    if FACT_MIME in data:
        return
    yield str(data.get(_PLAIN) or output.get("text") or output.get("evalue") or "").strip("\n")
    kinds = [mime for mime in data if mime.startswith("image/")]
    kinds += ["text/html"] if "text/html" in data and not data.get(_PLAIN) else []
    yield from (f"{mime} {_fingerprint(data[mime])}" for mime in kinds)


def _fingerprint(part: Any) -> str:
    return hashlib.sha256(str(part).encode()).hexdigest()[:12]
