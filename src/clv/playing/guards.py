"""Guards: bounds that facts of a run must keep before a playbook's list may be used."""

from collections.abc import Mapping
from math import inf, isnan

from pydantic import Field

from clv.language import tell
from clv.offering.contract import Bounds
from clv.telling import wording


class Guard(Bounds):
    """From `min` to `max`, both included; one of them may be left out."""

    min: float | None = Field(None, allow_inf_nan=False, description="the least")
    max: float | None = Field(None, allow_inf_nan=False, description="the most")


def broken(
    guards: Mapping[str, Guard],
    facts: Mapping[str, wording.Value],
    *,
    units: Mapping[str, str] | None = None,
) -> list[str]:
    """Return a sentence for each guard that the facts of a run break, in the order of the guards.

    Parameters
    ----------
    guards
        Bounds by the name of a fact.
    facts
        What the run recorded: value by name, shares as parts of one.
    units
        Units by the name of a fact, as they were recorded; without one, a fact whose name ends in _share
        is read as a share.

    Returns
    -------
    list of str
        Empty where all hold. A fact that is missing or is no number breaks its guard: nobody can tell.
    """
    units = units or {}
    said = (
        _broken(name, guard, facts.get(name), units.get(name) or _unit(name))
        for name, guard in guards.items()
    )
    return [sentence for sentence in said if sentence]


def _unit(name: str) -> str:
    return "share" if name.endswith("_share") else ""


def _broken(name: str, guard: Guard, value: wording.Value | None, unit: str) -> str:
    if value is None:
        return tell("{name} was not recorded, so the playbook cannot check it.", name=name)
    if isinstance(value, bool | str):
        kind = "yes or no" if isinstance(value, bool) else "text"
        return tell(
            "{name} is {kind} and cannot be bounded; take its guard out of the playbook.",
            name=name,
            kind=kind,
        )
    if isnan(value):
        return tell("{name} is no finite number, so the playbook cannot check it.", name=name)
    if value > (inf if guard.max is None else guard.max):
        return f"{name} is {_pair(value, guard.max, unit, 'allows at most')}."
    if value < (-inf if guard.min is None else guard.min):
        return f"{name} is {_pair(value, guard.min, unit, 'needs at least')}."
    return ""


def _pair(value: float, bound: float, unit: str, words: str) -> str:
    """Return value and bound as people read them, with more figures where rounding hides the difference."""
    read = [wording.as_read({"value": number, "unit": unit}) for number in (value, bound)]
    rounded = {float(wording.number(fact).replace(",", "").replace("−", "-")) for fact in read}
    if len(rounded) == 2:
        texts = [wording.amount(fact) for fact in read]
    else:
        texts = [f"{fact['value']:.10g} {fact['unit']}".strip() for fact in read]
    return tell("{first}, the playbook {words} {texts}", first=texts[0], words=words, texts=texts[1])
