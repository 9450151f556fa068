"""Parameters of notebooks, checked: names, types and ranges, none of which Papermill looks at.

`check` does it in the notebook itself, after the cell of its parameters; `build` in the batch, before all
else. What each notebook takes and leaves is in `notebook_contracts`.
"""

from collections.abc import Mapping
from typing import Any

from clv.declaring.settings import validated
from clv.errors import SettingError, nearest
from clv.language import tell
from clv.notebook_contracts import CONTRACTS, CampaignResults, Contract, Notebook, RecallOffers, RfmSchemes

__all__ = [
    "CONTRACTS", "SET_BY_THE_BATCH", "CampaignResults", "Contract", "Notebook", "RecallOffers", "RfmSchemes",
    "build", "check", "contract",
]  # fmt: skip

SET_BY_THE_BATCH = ("shop_file", "shop_id", "until", "lang", "runs")


def contract(notebook: str) -> type[Contract]:
    """Return the contract of the notebook with this name.

    Raises
    ------
    SettingError
        No notebook has this name; with the nearest one.
    """
    if notebook not in CONTRACTS:
        raise SettingError(
            tell(
                "there is no notebook {notebook!r}; {nearest}",
                notebook=notebook,
                nearest=nearest(notebook, CONTRACTS),
            )
        )
    return CONTRACTS[notebook]


def check(notebook: str, values: Mapping[str, Any]) -> Contract:
    """Return the checked parameters that a notebook's cell has just set: `p = check("01_orders", globals())`.

    Raises
    ------
    SettingError
        A parameter is missing, of the wrong type or out of range.
    """
    model = contract(notebook)
    given = {name: values[name] for name in model.model_fields if name in values}
    missing = [name for name in model.model_fields if name not in given]
    if missing:
        raise SettingError(
            tell(
                "{notebook}: the parameters cell does not set {first!r}; add it.",
                notebook=notebook,
                first=missing[0],
            )
        )
    return build(model, given)


def build(model: type[Contract], values: Mapping[str, Any], *, where: str = "") -> Contract:
    """Return the parameters of one run: the contract's defaults, with `values` in place of some of them.

    Raises
    ------
    SettingError
        A name that the notebook does not have (with the nearest one), a wrong type, a value out of range.
    """
    return validated(model, values, noun="parameter", where=lambda _: where or model.name)
