"""The models by name: fit one, or read a fit back from JSON."""

from types import ModuleType

import pandas as pd

from clv import bgnbd, mbgnbd, nbd, paretonbd
from clv.btyd import fits, profiles
from clv.btyd.fits import Fit
from clv.btyd.model import Model
from clv.errors import SettingError, nearest
from clv.language import tell

MODELS: dict[str, ModuleType] = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "paretonbd": paretonbd, "nbd": nbd}
KINDS: dict[str, type[Model]] = {
    kind.name: kind for kind in (bgnbd.BGNBD, mbgnbd.MBGNBD, paretonbd.ParetoNBD, nbd.NBD)
}


def fit_by_name(name: str, customers: pd.DataFrame) -> Fit:
    """Return the fit of the model `name` ('bgnbd', 'mbgnbd', 'paretonbd' or 'nbd') to the customers.

    Raises
    ------
    SettingError
        There is no such model; the nearest name is given.
    InputError, NoAnswerError
        As the model's own `fit`.
    """
    return MODELS[_known(name)].fit(customers)


def intervals(fit: Fit) -> pd.DataFrame:
    """Return the 90 % interval of each parameter of a fit by profile likelihood (see `clv.btyd.profiles`).

    Returns
    -------
    Indexed by parameter: low (0 where the data set no lower bound), high (inf where they set no upper one).

    Raises
    ------
    SettingError
        The fit was read from JSON, which keeps no histories.
    """
    if fit.rows is None or fit.counts is None:
        raise SettingError(
            tell("a fit read from a file has no histories to learn intervals from; fit the customers again.")
        )
    return profiles.intervals(fit, MODELS[fit.name].surface(fit.rows, fit.counts))


def fit_from_json(text: str) -> Fit:
    """Return the fit that `Fit.to_json` wrote (without the histories it was fitted on).

    Raises
    ------
    InputError
        The text is not such a file, or damaged, or of another version.
    SettingError
        It names a model that this program does not have, or impossible parameters.
    """
    found = fits.parse(text)
    return fits.from_parsed(found, KINDS[_known(found.get("name"))])


def _known(name: object) -> str:
    if not isinstance(name, str) or name not in MODELS:
        raise SettingError(
            tell(
                "there is no model {name!r}; {nearest}",
                name=str(name)[:80],
                nearest=nearest(str(name), MODELS),
            )
        )
    return name
