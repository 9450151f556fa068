"""Sliders under a figure: in JupyterLab they draw it anew at once, anywhere else the figure stands still.

The figure is an output like any other, so a report or Papermill has it. The sliders are offered in a form
that only a live page of Jupyter knows; nothing else shows them.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from IPython.display import display

from clv.telling.facts import figure

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class Range(NamedTuple):
    """One input: what it is called, its ends, its step, where it begins, how its value is written."""

    label: str
    least: float
    most: float
    step: float
    begin: float
    form: str = ",.2f"


def sliders(draw: Callable[..., Any], ranges: Mapping[str, Range], *, name: str, alt: str) -> Any:
    """Show a figure with a slider for each of its inputs, and return the sliders (an ipywidgets box).

    Parameters
    ----------
    draw
        Takes the inputs by name, returns Axes.
    ranges
        The inputs by name.
    name, alt
        As for `facts.show`.
    """
    import ipywidgets

    begin = {key: one.begin for key, one in ranges.items()}
    bundle, metadata = figure(draw(**begin), name=name, alt=alt)
    shown = display(bundle, raw=True, metadata=metadata, display_id=True)
    found = {key: _slider(ipywidgets, one) for key, one in ranges.items()}

    def redraw(_change: object) -> None:
        values = {key: one.value for key, one in found.items()}
        bundle, metadata = figure(draw(**values), name=name, alt=alt)
        if shown is not None:  # outside IPython there is nothing to update
            shown.update(bundle, raw=True, metadata=metadata)

    for one in found.values():
        one.observe(redraw, names="value")
    box = ipywidgets.VBox(list(found.values()))
    display({WIDGET_MIME: {"model_id": box.model_id, "version_major": 2, "version_minor": 0}}, raw=True)
    return box


def _slider(ipywidgets: Any, one: Range) -> Any:
    return ipywidgets.FloatSlider(
        value=one.begin,
        min=one.least,
        max=one.most,
        step=one.step,
        description=one.label,
        tooltip=one.label,  # without it, the label says "null" to whom points at it
        readout_format=one.form,
        continuous_update=False,
        style={"description_width": "14em"},
        layout={"width": "40em"},
    )
