"""Small tables and what every fit on them must hold (shared by the tests of the models)."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from clv.btyd.fits import Fit


def table(x: Iterable[float], t_x: Iterable[float], T: Iterable[float]) -> pd.DataFrame:
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T})


def hold(fit: Fit, people: pd.DataFrame) -> None:
    """Everything the fit says is finite, not negative, and so is everything its draws say."""
    rng = np.random.default_rng(0)
    for model in (fit.model, *fit.draws(8, rng=rng)):
        assert np.isfinite(list(model.parameters.values())).all()
        purchases = model.expected_purchases(people, days=365)
        for found in (purchases, model.p_alive(people), model.p_buy(people, days=90)):
            assert np.isfinite(found).all()
            assert (found >= 0).all()
        assert purchases.sum() < 1e4 * (1 + people["frequency"].sum())
    assert np.isfinite(fit.covariance).all(axis=None)
    assert np.isfinite(fit.standard_errors).all()
    assert "NaN" not in fit.to_json()
