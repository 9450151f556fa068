"""Hand a fit over to lifetimes: its own fitter object, filled in instead of fitted.

lifetimes 0.11.3 switches FutureWarnings off for the whole process when imported and sets a pandas option;
both are undone here, and nothing else of clv imports it.
"""

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clv.btyd.histories import COLUMNS, people, read
from clv.errors import SettingError
from clv.language import tell

if TYPE_CHECKING:
    from clv.btyd.fits import Fit

_CLASSES = {
    "bgnbd": ("BetaGeoFitter", "beta_geometric_nbd_model"),
    "mbgnbd": ("ModifiedBetaGeoFitter", "modified_beta_geometric_nbd_model"),
    "paretonbd": ("ParetoNBDFitter", "pareto_nbd_model"),
}


def as_lifetimes(fit: "Fit", customers: pd.DataFrame | None) -> object:
    """Return the lifetimes fitter with the parameters, errors and data of `fit` (see `Fit.to_lifetimes`).

    Raises
    ------
    SettingError
        lifetimes has no such model (NBD).
    """
    if fit.name not in _CLASSES:
        raise SettingError(
            tell(
                "lifetimes has no {title} model; choose one of: {classes}.",
                title=fit.model.title,
                classes=", ".join(_CLASSES),
            )
        )
    class_name, generator_name = _CLASSES[fit.name]
    lifetimes = import_lifetimes()
    fitter = getattr(lifetimes, class_name)(penalizer_coef=0.0)
    _fill_in_parameters(fitter, fit)
    data = _data(fit, customers)
    if data is not None:
        generate = getattr(lifetimes.generate_data, generator_name)
        _fill_in_data(fitter, fit, data, generate)
    return fitter


def import_lifetimes() -> object:
    """Return the package, with its marks on the process undone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = pd.options.mode.chained_assignment
        import lifetimes
        import lifetimes.generate_data

        pd.options.mode.chained_assignment = before
    return lifetimes


def _fill_in_parameters(fitter: object, fit: "Fit") -> None:
    values = pd.Series(fit.model.parameters)
    fitter.params_ = values
    fitter.variance_matrix_ = fit.covariance * np.outer(values, values)
    fitter.standard_errors_ = fit.standard_errors.rename(None)
    fitter.confidence_intervals_ = fitter._compute_confidence_intervals()
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time


def _data(fit: "Fit", customers: pd.DataFrame | None) -> pd.DataFrame | None:
    if customers is not None:
        columns, index, counts = read(customers), customers.index, people(customers)
        if counts is not None:  # lifetimes' figures know no weights
            columns, index = (np.repeat(column, counts.astype(int)) for column in columns), None
    elif fit.rows is not None:
        columns, index = (np.repeat(column, fit.counts.astype(int)) for column in fit.rows), None
    else:
        return None
    data = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), index=index)
    return data.assign(frequency=data["frequency"].astype(int), weights=1)


def _fill_in_data(fitter: object, fit: "Fit", data: pd.DataFrame, generate: object) -> None:
    T, values, n = data["T"].to_numpy(), list(fit.model.parameters.values()), len(data)
    fitter.data = data
    fitter._scale = 1 / T.max() if T.max() > 0 else 1.0
    scaled = fit.log_likelihood - data["frequency"].sum() * np.log(fitter._scale)
    per_customer = fit.name != "paretonbd"  # lifetimes keeps a mean for these and a sum for Pareto/NBD
    fitter._negative_log_likelihood_ = -scaled / (n if per_customer else 1)
    fitter._hessian_ = np.linalg.pinv(fit.covariance.to_numpy()) / n if per_customer else None
    fitter.generate_new_data = lambda size=1: generate(T, *values, size=size)
