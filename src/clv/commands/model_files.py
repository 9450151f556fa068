"""A fitted model as a file: plain JSON with purchases, money, and why this model; no customer in it."""

import json
from dataclasses import dataclass
from pathlib import Path

from clv.btyd.fits import Fit
from clv.commands.folders import check_folder_of
from clv.declaring import strict_json, texts
from clv.errors import InputError, SettingError
from clv.language import tell
from clv.models import fit_from_json
from clv.spend import SpendFit
from clv.telling.pages import write_whole

_FORMAT, _VERSION = "clv.model", 1


@dataclass(frozen=True, eq=False)
class Fitted:
    """What `clv fit` finds: the purchases' model, the money's (None without money), and why it was chosen."""

    fit: Fit
    spend: SpendFit | None
    why: str = ""


def check_name(path: Path) -> None:
    """Say in one sentence when a model cannot be a file of this name.

    Raises
    ------
    SettingError
        The name does not end in .json, or its folder is not there.
    """
    if path.suffix.lower() != ".json":
        raise SettingError(tell("{path!r} should end in .json; a model is kept as JSON.", path=path.name))
    check_folder_of(path)


def save(fitted: Fitted, path: Path) -> None:
    """Write the model to `path`, whole or not at all."""
    check_name(path)
    spend = None if fitted.spend is None else json.loads(fitted.spend.to_json())
    parts = {"fit": json.loads(fitted.fit.to_json()), "spend": spend, "why": fitted.why}
    text = json.dumps({"format": _FORMAT, "version": _VERSION, **parts}, ensure_ascii=False, indent=1)
    write_whole(path, text + "\n")


def load(path: Path) -> Fitted:
    """Return the model that `save` wrote.

    Raises
    ------
    InputError
        There is no such file, or it is not a model of this version.
    """
    found = _read(path)
    try:
        spend = found["spend"]
        return Fitted(
            fit_from_json(json.dumps(found["fit"])),
            None if spend is None else SpendFit.from_json(json.dumps(spend)),
            str(found["why"]),
        )
    except KeyError as missing:
        raise InputError(
            tell(
                "{path}: the model file lacks {missing}; fit again with `clv fit`.",
                path=path.name,
                missing=missing,
            )
        ) from None
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _read(path: Path) -> dict:
    try:
        found = strict_json.read(texts.read(path))
    except FileNotFoundError:
        raise InputError(
            tell(
                "there is no file {path!r} in the folder {parent!r}.", path=path.name, parent=str(path.parent)
            )
        ) from None
    except (OSError, ValueError):
        raise InputError(
            tell("{path!r} is not a model file; write one with `clv fit`.", path=path.name)
        ) from None
    if not isinstance(found, dict) or found.get("format") != _FORMAT or found.get("version") != _VERSION:
        raise InputError(
            tell("{path!r} is not a model file of this version; write one with `clv fit`.", path=path.name)
        )
    return found
