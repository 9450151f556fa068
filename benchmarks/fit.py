"""How long a fit takes beside lifetimes and pymc-marketing, and whether it is the same fit.

    python benchmarks/fit.py                       # all models, shops and sizes; writes its section
    python benchmarks/fit.py bgnbd cdnow 50000     # one of them, printed

All packages get the same table of customers. Ours and lifetimes take turns in one fresh process, one thread,
and the least seconds of CPU of each count; pymc-marketing has a process of its own (its import is not
counted, its building and compiling of the model is, as every fit has to do it).
"""

import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import fields
from types import ModuleType

import numpy as np
import pandas as pd
from results import answer, fresh, installed, seconds, section, table, timed, times
from simulated_customers import customers

from clv import bgnbd, mbgnbd, paretonbd, spend
from clv.btyd.histories import collapse
from clv.btyd.lifetimes_objects import import_lifetimes
from clv.money import repeats
from clv.money.gammagamma import GammaGamma

OURS: dict[str, ModuleType] = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "paretonbd": paretonbd, "gammagamma": spend}
KINDS = {
    "bgnbd": bgnbd.BGNBD,
    "mbgnbd": mbgnbd.MBGNBD,
    "paretonbd": paretonbd.ParetoNBD,
    "gammagamma": GammaGamma,
}
LIFETIMES = {
    "bgnbd": "BetaGeoFitter",
    "mbgnbd": "ModifiedBetaGeoFitter",
    "paretonbd": "ParetoNBDFitter",
    "gammagamma": "GammaGammaFitter",
}
PYMC = {"bgnbd": "BetaGeoModel", "mbgnbd": "ModifiedBetaGeoModel", "gammagamma": "GammaGammaModel"}
TITLES = {"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "gammagamma": "Gamma-Gamma", "paretonbd": "Pareto/NBD"}
SIZES = (2_357, 50_000, 200_000, 1_000_000)
LONG = {"paretonbd": (2_357, 50_000)}  # lifetimes needs minutes for more
PATIENCE = 120.0  # seconds on the wall for a fit of pymc-marketing


def run() -> None:
    parts = [_table(name) for name in TITLES]
    section("Fit", "\n\n".join([INTRODUCTION, *parts, NOTES]))


def _table(name: str) -> str:
    columns = (
        "shop, customers",
        "distinct rows",
        "clv",
        "lifetimes",
        "faster",
        "pymc-marketing MAP",
        "faster",
        "parameters",
        "standard errors",
        "log-likelihood",
    )
    sizes = LONG.get(name, SIZES)
    rows = [_row(name, shop, n) for shop in ("jewellery", "cdnow") for n in sizes]
    return f"### {TITLES[name]}\n\n" + table(columns, rows)


def _row(name: str, shop: str, n: int) -> list[str]:
    both = fresh(__file__, name, shop, n)
    peer = _pymc(name, shop, n)
    if both is None:
        return [f"{shop}, {n:,}", *["failed"] * 9]
    return [
        f"{shop}, {n:,}",
        f"{both['rows']:,}",
        seconds(both["clv"]),
        seconds(both["lifetimes"]),
        times(both["lifetimes"], both["clv"]),
        peer if isinstance(peer, str) else seconds(peer["seconds"]),
        "-" if isinstance(peer, str) else times(peer["seconds"], both["clv"]),
        f"{both['parameters']:.0e}",
        "-" if both["errors"] is None else f"{both['errors']:.0e}",
        f"{both['height']:.0e}",
    ]


def _pymc(name: str, shop: str, n: int) -> dict | str:
    if name not in PYMC:
        return "not run"
    if installed("pymc-marketing") is None:
        return "not installed"
    found = fresh(__file__, "pymc", name, shop, n, threads=None, patience=3 * PATIENCE)
    return "failed" if found is None else found


def measure(name: str, shop: str, n: int, *, rounds: int = 5) -> dict[str, object]:
    """Fit with ours and with lifetimes by turns; differences are relative, the largest of all parameters."""
    people = customers(n, shop)
    theirs, ours = _lifetimes(name, people), lambda: OURS[name].fit(people)
    best = [np.inf, np.inf]
    begun = time.perf_counter()
    for _ in range(rounds):
        (fit, taken), (fitter, took) = timed(ours, times=3), timed(theirs, times=1)
        best = [min(best[0], taken.cpu), min(best[1], took.cpu)]
        if time.perf_counter() - begun > 60:
            break
    values = pd.Series(fit.model.parameters)
    errors = getattr(fitter, "standard_errors_", None)
    return {
        "rows": len(repeats.of(people).x) if name == "gammagamma" else len(collapse(people)[1]),
        "clv": best[0],
        "lifetimes": best[1],
        "parameters": _apart(values, fitter.params_),
        "errors": None if errors is None else _apart(fit.standard_errors, errors),
        "height": _height(fit, KINDS[name](**fitter.params_.to_dict()), people),
    }


def _lifetimes(name: str, people: pd.DataFrame) -> Callable[[], object]:
    fitter = getattr(import_lifetimes(), LIFETIMES[name])
    if name == "gammagamma":
        again = people[people["frequency"] > 0]
        return lambda: fitter().fit(again["frequency"], again["monetary_value"])
    return lambda: fitter().fit(people["frequency"], people["recency"], people["T"])


def _apart(ours: pd.Series, theirs: pd.Series) -> float:
    return float((ours / theirs[ours.index] - 1).abs().max())


def _height(fit: object, theirs: object, people: pd.DataFrame) -> float:
    """Return how far above the log-likelihood at their parameters ours lies, relative to it."""
    return (fit.log_likelihood - theirs.log_likelihood(people)) / abs(fit.log_likelihood)


def measure_pymc(name: str, shop: str, n: int) -> dict[str, object]:
    from pymc_marketing import clv as peer

    people = customers(n, shop).reset_index()
    if name == "gammagamma":
        people = people[people["frequency"] > 0]

    def fit() -> object:
        model = getattr(peer, PYMC[name])(data=people)
        model.fit(method="map", progressbar=False)
        return model

    model, taken = timed(fit, times=2)
    names = [field.name for field in fields(KINDS[name])]
    return {"seconds": taken.cpu, "parameters": {k: float(model.fit_result[k].mean()) for k in names}}


INTRODUCTION = """Maximum likelihood from the same table of customers, in days. `clv`: standard errors, five
starts and the search for limiting models included. lifetimes: standard errors where it has them.
pymc-marketing: the MAP, whose priors make it another estimate. Seconds of CPU; one thread for ours and
lifetimes; the least of several runs.

The last three columns compare with lifetimes: the largest relative difference of parameters and of standard
errors, and how far our log-likelihood lies above the one at its parameters, relative to it (minus: below;
1e-15 is the rounding of a sum). Parameters differ by as much as its search (BFGS; Nelder-Mead for Pareto/NBD)
stops early; that of Pareto/NBD starts at random, and may end at parameters of another order."""
NOTES = """What takes the time of our BG/NBD. At 2,357 customers: 70 % are some 30 evaluations of likelihood,
gradient and Hessian from five starts, .1 ms each and mostly the calls of NumPy, not the numbers; the rest is
the spread of the parameters, reading and checking. One start would save half of it, and miss second optima.
At 1,000,000: reading, checking and counting equal histories (one sort) take two fifths (jewellery) or a fifth
(cdnow), the last steps on all distinct rows nearly all else. Gamma-Gamma has hardly any equal rows, so its
last steps go over all repeat buyers. Pareto/NBD has an integral of 32 points in every row; lifetimes is
measured on its smaller sizes only, for the time that it takes."""

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    match sys.argv[1:]:
        case []:
            run()
        case ["pymc", name, shop, n]:
            answer(**measure_pymc(name, shop, int(n)))
        case [name, shop, n]:
            answer(**measure(name, shop, int(n)))
