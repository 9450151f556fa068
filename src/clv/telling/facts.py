"""What a notebook says out loud: facts that a batch can collect, figures with a description, safe sentences.

    record(name, value)  → a number under its own MIME type, and one short line for the eye
    show(ax, name=…)     → one crisp PNG with alternative text
    say(text, **values)  → a Markdown sentence in which no value can do more than be read
    answer(text, …)      → the notebook's answer in one such sentence, which the report puts on top

Every text comes in the language spoken. `collect`, `answered` and `figure_names` read an executed notebook.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import display

from clv.errors import SettingError
from clv.language import tell, translated
from clv.telling import pictures
from clv.telling.wording import Value, amount, as_read, escaped, fill, interval

if TYPE_CHECKING:
    from PIL.Image import Image

FACT_MIME = "application/vnd.clv.fact+json"
ANSWER_MIME = "application/vnd.clv.answer+json"
FACT_KEYS = ("name", "value", "unit", "low", "high", "label")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a notebook answers, in one sentence: as Markdown, and as plain text."""

    markdown: str
    text: str


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
    words = translated(label)
    fact = {"name": _worded(name, tell("A fact's name")), "value": _plain(name, value), "unit": unit}
    fact |= dict(zip(("low", "high"), _interval(name, low, high), strict=True)) | {"label": words}
    if unit == "share" and not isinstance(fact["value"], int | float):
        raise SettingError(
            tell("The fact {name!r} is a share, but {value!r} is not a number.", name=name, value=value)
        )
    read = as_read(fact)
    said = f"{amount(read)} {interval(read)}".strip()
    echo = tell("{label}: {said}", label=words or name.replace("_", " "), said=said)
    display({FACT_MIME: fact, "text/plain": echo}, raw=True)


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
    picture, plain, about = _drawn(ax_or_fig, name=name, alt=alt, caption=caption)
    display(_bundle(pictures.light(picture), plain), raw=True, metadata=about)


def figure(
    ax_or_fig: Any, *, name: str, alt: str, caption: str = ""
) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Return what `show` displays, in full colours: data by MIME type, and what is known of them."""
    picture, plain, about = _drawn(ax_or_fig, name=name, alt=alt, caption=caption)
    return _bundle(pictures.full(picture), plain), about


def _drawn(
    ax_or_fig: Any, *, name: str, alt: str, caption: str
) -> tuple["Image", str, dict[str, dict[str, Any]]]:
    """Return the picture, its words for a terminal, and what is known of it; the figure is closed."""
    said = translated(_worded(alt, tell("The alternative text of figure {name!r}", name=name)))
    about = {"alt": said, "name": _worded(name, tell("A figure's name")), "caption": translated(caption)}
    picture = pictures.drawn(ax_or_fig, name)
    return picture, tell("figure: {alt}", alt=said), {"image/png": about | pictures.size(picture)}


def _bundle(png: bytes, plain: str) -> dict[str, str]:
    return {"image/png": b64encode(png).decode(), "text/plain": plain}


def say(text: str, /, **values: Any) -> None:
    """Display a Markdown sentence; `{name}` and `{name:.1f}` are filled from `values`, escaped.

    The text itself may use Markdown. A value never can: its marks reach the reader as they are.

    >>> say("**{share:.0%}** of {shop:s}'s customers came back.", share=0.27, shop="金满堂")  # doctest: +SKIP
    """
    display(_sentence(text, values), raw=True)


def answer(text: str, /, **values: Any) -> None:
    """Display the notebook's answer as `say` would; the report has it on top, and not where it was said.

    One sentence, for somebody who reads nothing else. Of several the last one counts.
    """
    told = _sentence(text, values)
    plain = told["text/plain"].replace("**", "")
    display({ANSWER_MIME: {"markdown": told["text/markdown"], "text": plain}, **told}, raw=True)


def collect(nb: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the facts of an executed notebook (dicts with the keys FACT_KEYS); the last of a name wins."""
    facts = [output["data"][FACT_MIME] for output in _displays(nb) if FACT_MIME in output["data"]]
    return list({fact["name"]: {key: fact.get(key) for key in FACT_KEYS} for fact in facts}.values())


def answered(nb: Mapping[str, Any]) -> Answer | None:
    """Return the answer of an executed notebook, the last one; None where it has none."""
    found = [output["data"][ANSWER_MIME] for output in _displays(nb) if ANSWER_MIME in output["data"]]
    return Answer(**found[-1]) if found else None


def figure_names(nb: Mapping[str, Any]) -> list[str]:
    """Return the names of the figures that `show` left in an executed notebook."""
    about = [output.get("metadata", {}).get("image/png", {}) for output in _displays(nb)]
    return [figure["name"] for figure in about if "name" in figure]


def _displays(nb: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for cell in nb["cells"]:
        yield from (output for output in cell.get("outputs", ()) if "data" in output)


def _sentence(text: str, values: Mapping[str, Any]) -> dict[str, str]:
    said = translated(text)
    return {
        "text/markdown": fill(said, values, escape=escaped),
        "text/plain": fill(said, values, escape=str),
    }


def _plain(name: str, value: Any) -> Value:
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Real) and np.isfinite(value):
        return int(value) if isinstance(value, Integral) else float(value)
    raise SettingError(
        tell(
            "The fact {name!r} cannot be recorded: {value!r} ({type}) is not a finite number, a text or "
            "True/False; record what the notebook can say for sure.",
            name=name,
            value=value,
            type=type(value).__name__,
        )
    )


def _interval(name: str, low: Any, high: Any) -> tuple[float, float] | tuple[None, None]:
    if low is None and high is None:
        return None, None
    if low is None or high is None:
        raise SettingError(
            tell("The fact {name!r} has only one end of an interval; give both low and high.", name=name)
        )
    ends = _plain(name, low), _plain(name, high)
    if any(isinstance(end, str) for end in ends) or ends[0] > ends[1]:
        raise SettingError(
            tell(
                "The interval of {name!r}, {low!r} to {high!r}, must rise from low to high.",
                name=name,
                low=low,
                high=high,
            )
        )
    return ends


def _worded(text: str, what: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise SettingError(tell("{what} is empty; write it in plain words.", what=what))
    return text.strip()
