"""What a notebook says out loud: facts that a batch can collect, figures with a description, safe sentences.

    record(name, value)  → a number under its own MIME type, and one short line for the eye
    show(ax, name=…)     → one crisp PNG with alternative text
    say(text, **values)  → a Markdown sentence in which no value can do more than be read

`collect` and `figure_names` read them back from an executed notebook, in the order in which they were told.
"""

import warnings
from base64 import b64encode
from collections.abc import Iterator, Mapping
from io import BytesIO
from numbers import Integral, Real
from typing import Any

import numpy as np
from IPython.display import display

from clv.errors import SettingError
from clv.telling.wording import Value, amount, as_read, escaped, fill, interval

FACT_MIME = "application/vnd.clv.fact+json"
FACT_KEYS = ("name", "value", "unit", "low", "high", "label")
SCREEN_DPI, PIXELS_PER_POINT = 100, 2


def record(
    name: str,
    value: Value,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    label: str = "",
) -> None:
    """Display one fact: the batch collects it, and the report shows it on top when it has a label.

    Parameters
    ----------
    name : what programs call it, the same every time ("repeat_rate").
    value : finite number, text, or True/False (NumPy scalars too).
    unit : "days", "CNY", "%"; shown after the value. A part of one has the unit "share": programs get 0.27,
        people read 27 %.
    low, high : ends of the 90 % interval, both or neither, in the same unit; of another, its label says so.
    label : plain words that go on from the number ("of the customers came back"); without them a fact is
        kept for programs only.

    Raises
    ------
    SettingError
        The value is missing, not finite or of another type, a share is no number, or the interval is none.
    """
    fact = {"name": _worded(name, "A fact's name"), "value": _plain(name, value), "unit": unit}
    fact |= dict(zip(("low", "high"), _interval(name, low, high), strict=True)) | {"label": label}
    if unit == "share" and not isinstance(fact["value"], int | float):
        raise SettingError(f"The fact {name!r} is a share, but {value!r} is not a number.")
    read = as_read(fact)
    said = f"{label or name.replace('_', ' ')}: {amount(read)} {interval(read)}".strip()
    display({FACT_MIME: fact, "text/plain": said}, raw=True)


def show(ax_or_fig: Any, *, name: str, alt: str, caption: str = "") -> None:
    """Display a figure once, as a PNG that is crisp on a dense screen, and close it.

    Parameters
    ----------
    ax_or_fig : Matplotlib Axes or Figure, or anything with a `.figure` (a seaborn grid).
    name : what programs call it; the batch checks that every expected figure is there.
    alt : what a reader who cannot see the figure should know: what is drawn, and what it shows.
    caption : a sentence under the figure, for everybody.

    Raises
    ------
    SettingError
        There is no figure, no name or no description.
    """
    bundle, metadata = figure(ax_or_fig, name=name, alt=alt, caption=caption)
    display(bundle, raw=True, metadata=metadata)


def figure(
    ax_or_fig: Any, *, name: str, alt: str, caption: str = ""
) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Return what `show` displays: data by MIME type, and what is known of them; the figure is closed."""
    about = {"alt": _worded(alt, f"The alternative text of figure {name!r}")}
    about |= {"name": _worded(name, "A figure's name"), "caption": caption}
    png, size = _png(ax_or_fig, name)
    bundle = {"image/png": b64encode(png).decode(), "text/plain": f"figure: {alt}"}
    return bundle, {"image/png": about | size}


def say(text: str, /, **values: Any) -> None:
    """Display a Markdown sentence; `{name}` and `{name:.1f}` are filled from `values`, escaped.

    The text itself may use Markdown. A value never can: its marks reach the reader as they are.

    >>> say("**{share:.0%}** of {shop}'s customers came back.", share=0.27, shop="金满堂")  # doctest: +SKIP
    """
    markdown, plain = fill(text, values, escape=escaped), fill(text, values, escape=str)
    display({"text/markdown": markdown, "text/plain": plain}, raw=True)


def collect(nb: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the facts of an executed notebook (dicts with the keys FACT_KEYS); the last of a name wins."""
    facts = [output["data"][FACT_MIME] for output in _displays(nb) if FACT_MIME in output["data"]]
    return list({fact["name"]: {key: fact.get(key) for key in FACT_KEYS} for fact in facts}.values())


def figure_names(nb: Mapping[str, Any]) -> list[str]:
    """Return the names of the figures that `show` left in an executed notebook."""
    about = [output.get("metadata", {}).get("image/png", {}) for output in _displays(nb)]
    return [figure["name"] for figure in about if "name" in figure]


def _displays(nb: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for cell in nb["cells"]:
        yield from (output for output in cell.get("outputs", ()) if "data" in output)


def _plain(name: str, value: Any) -> Value:
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Real) and np.isfinite(value):
        return int(value) if isinstance(value, Integral) else float(value)
    raise SettingError(
        f"The fact {name!r} cannot be recorded: {value!r} ({type(value).__name__}) is not a finite number, "
        "a text or True/False; record what the notebook can say for sure."
    )


def _interval(name: str, low: Any, high: Any) -> tuple[float, float] | tuple[None, None]:
    if low is None and high is None:
        return None, None
    if low is None or high is None:
        raise SettingError(f"The fact {name!r} has only one end of an interval; give both low and high.")
    ends = _plain(name, low), _plain(name, high)
    if any(isinstance(end, str) for end in ends) or ends[0] > ends[1]:
        raise SettingError(f"The interval of {name!r}, {low!r} to {high!r}, must rise from low to high.")
    return ends


def _worded(text: str, what: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise SettingError(f"{what} is empty; write it in plain words.")
    return text.strip()


def _png(ax_or_fig: Any, name: str) -> tuple[bytes, dict[str, int]]:
    """Return the picture and its size on the page (CSS pixels); the figure is closed."""
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    part = getattr(ax_or_fig, "figure", None)
    figure = getattr(part, "figure", None)  # of a subfigure, the whole
    if not isinstance(figure, Figure):
        raise SettingError(
            f"Figure {name!r} is a {type(ax_or_fig).__name__}; pass Matplotlib Axes or Figure."
        )
    file = BytesIO()
    dpi = SCREEN_DPI * PIXELS_PER_POINT
    with warnings.catch_warnings():  # a customer's emoji may be a box; the warning would name our folders
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
        figure.savefig(file, format="png", dpi=dpi, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    sides = (int.from_bytes(file.getvalue()[at : at + 4]) // PIXELS_PER_POINT for at in (16, 20))  # IHDR
    return file.getvalue(), dict(zip(("width", "height"), sides, strict=True))
