"""Every sentence of the models and of money: it names what was found, in the reader's language, whole."""

import json
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from clv import spend, values
from clv.bgnbd import BGNBD
from clv.btyd import search
from clv.btyd.newton import Peak
from clv.errors import ClvError
from clv.language import speaking
from clv.mbgnbd import MBGNBD
from clv.models import fit_by_name, fit_from_json
from clv.money.correlation import frequency_and_spend
from clv.money.discount import daily_rate, discounted_purchases
from clv.money.gammagamma import GammaGamma
from clv.money.repeats import Repeats
from clv.nbd import NBD
from clv.paretonbd import ParetoNBD
from small_shops import table

BG = BGNBD(0.24, 31.0, 0.79, 2.43)
ALL = [BG, MBGNBD(0.52, 43.0, 0.89, 1.61), ParetoNBD(0.553, 74.0, 0.606, 81.7), NBD(0.385, 84.5)]
PEOPLE = table([0, 1, 4], [0, 30, 200], [100, 150, 220])
PAYING = PEOPLE.assign(monetary_value=[0.0, 20.0, 30.0], total_spend=[5.0, 40.0, 150.0])
RNG = np.random.default_rng(3)
FITTED = fit_by_name("nbd", table([0, 1, 4, 2, 0, 0, 3], [0, 30, 200, 9, 0, 0, 50], [90] * 2 + [220] * 5))
# Words that stay as they are in every language: names of columns, of models, of commands, of settings.
KEPT = re.compile(
    r"`[^`]*`|SpendFit\.to_json|（[A-Za-z]+Error：[^）]*）|frequency|recency|monetary_value|total_spend"
    r"|yearly_discount|clv_days|customers|margin|draws|days|groups|[a-z]+nbd|BG/NBD|Pareto/NBD|MBG/NBD"
    r"|NBD|JSON|lifetimes|start|end|alpha"
)


def _saved(**changes: object) -> str:
    return json.dumps(json.loads(FITTED.to_json()) | changes)


def _money(n: int, amounts: list[float], **more: object) -> pd.DataFrame:
    return pd.DataFrame({"frequency": n, "monetary_value": amounts, **more})


def _score(**terms: object) -> pd.DataFrame:
    return values.score(PAYING, FITTED, rng=RNG, **terms)


REFUSED: dict[str, tuple[Callable[[], object], list[str]]] = {
    "no column": (lambda: BG.p_alive(PEOPLE.drop(columns="T")), ["'T'", "clv customers"]),
    "first of two columns": (lambda: BG.p_alive(PEOPLE[["frequency"]]), ["'recency'"]),
    "words": (lambda: BG.p_alive(table(["one"], [2], [3])), ["frequency", "recency", "T"]),
    "infinite": (
        lambda: BG.p_alive(table([1, 1, 1], [2, np.inf, np.nan], [9, 9, 9])),
        ["2", "clv customers"],
    ),
    "row": (lambda: BG.p_alive(table([1, 1, 1, -1], [2, 2, 2, 2], [9, 9, 9, 9])), ["1", "4"]),
    "negative recency": (lambda: BG.p_alive(table([1, 1, 1], [2, 2, -2], [9, 9, 9])), ["1", "3", "recency"]),
    "negative T": (lambda: BG.p_alive(table([0, 0, 0], [0, 0, 0], [9, 9, -9])), ["1", "3", "T"]),
    "broken": (lambda: BG.p_alive(table([1, 1, 1.5], [2, 2, 2], [9, 9, 9])), ["1", "3"]),
    "late": (lambda: BG.p_alive(table([1, 1, 1], [2, 2, 12], [9, 9, 9])), ["1", "3", "recency", "T"]),
    "no recency": (lambda: BG.p_alive(table([0, 1, 1, 1], [0, 2, 2, 0], [9, 9, 9, 9])), ["1", "4"]),
    "no frequency": (lambda: BG.p_alive(table([0, 0, 0, 1], [0, 2, 0, 1], [9, 9, 9, 9])), ["1", "2"]),
    "counted": (
        lambda: fit_by_name("nbd", PEOPLE.assign(customers=[1, 0, 2.5])),
        ["customers", "2", "2"],
    ),
    "parameter": (lambda: BGNBD(0.24, -3.5, 0.79, 2.43), ["BG/NBD", "alpha", "-3.5"]),
    "whole": (lambda: BG.p_exactly(PEOPLE, n=1.5, days=30), ["n ", "1.5"]),
    "whole, new": (lambda: BG.p_new_exactly(n=1.5, days=30), ["n ", "1.5"]),
    "one number": (lambda: BG.p_buy(PEOPLE, days=[30, 60, 90]), ["days", "3"]),
    "draws of a fit": (lambda: FITTED.draws(1.5, rng=RNG), ["n ", "1.5"]),
    "no JSON": (lambda: fit_from_json("{"), ["JSON", "clv fit"]),
    "no fit": (lambda: fit_from_json("{}"), ["JSON", "clv fit"]),
    "other version": (lambda: fit_from_json(_saved(version=7)), ["7", "1", "clv fit"]),
    "damaged": (lambda: fit_from_json(_saved(covariance=[[1.0]])), ["ValueError", "clv fit"]),
    "lacking": (
        lambda: fit_from_json(json.dumps({"format": "clv.fit", "version": 1, "name": "nbd"})),
        ["KeyError"],
    ),
    "nobody": (lambda: fit_by_name("nbd", table([], [], [])), ["NBD", "0"]),
    "one": (lambda: fit_by_name("bgnbd", table([3], [5], [9])), ["BG/NBD", "1"]),
    "once": (lambda: fit_by_name("nbd", table([0] * 1200, [0] * 1200, [90] * 1200)), ["1,200"]),
    "today": (lambda: fit_by_name("nbd", table([0] * 1200, [0] * 1200, [0] * 1200)), ["1,200"]),
    "no such model in lifetimes": (FITTED.to_lifetimes, ["NBD", "bgnbd, mbgnbd, paretonbd"]),
    "rate": (lambda: daily_rate(-0.1), ["yearly_discount", "-0.1"]),
    "for ever": (lambda: discounted_purchases(BG, PEOPLE, yearly_discount=0), ["yearly_discount", "0.10"]),
    "turned window": (
        lambda: discounted_purchases(BG, PEOPLE, start=30, end=20, yearly_discount=0.1),
        ["30", "20"],
    ),
    "start": (lambda: discounted_purchases(BG, PEOPLE, start=-3, yearly_discount=0.1), ["start", "-3"]),
    "days": (lambda: _score(days=-7), ["days", "-7"]),
    "clv days": (lambda: _score(clv_days=-7), ["clv_days", "-7"]),
    "margin": (lambda: _score(margin=-7), ["margin", "-7"]),
    "two horizons": (lambda: _score(clv_days=[1, 2]), ["clv_days"]),
    "no rate": (lambda: _score(yearly_discount=0), ["yearly_discount", "0.10"]),
    "draws": (lambda: _score(draws=19), ["19", "20"]),
    "no money": (lambda: values.expected(PEOPLE, FITTED), ["'monetary_value'", "clv customers"]),
    "no group": (
        lambda: values.total(PAYING, FITTED, groups=pd.Series(["a"], index=[0]), rng=RNG),
        ["groups", "2"],
    ),
    "n of a table": (lambda: values.p_exactly(PAYING, FITTED, n=1.5, days=9, rng=RNG), ["n ", "1.5"]),
    "days of a table": (lambda: values.p_exactly(PAYING, FITTED, n=1, days=-9, rng=RNG), ["days", "-9"]),
    "money column": (lambda: spend.fit(PEOPLE), ["'monetary_value'", "clv customers"]),
    "unusable": (lambda: spend.fit(_money(2, [5.0, 5.0, -1.0, -2.0])), ["2", "3"]),
    "no amount": (lambda: spend.fit(_money(0, [0.0, 0.0])), ["total_spend"]),
    "no money model": (lambda: spend.SpendFit.from_json("{"), ["SpendFit.to_json()"]),
}
for model in ALL:
    new = {
        f"days ahead, {model.name}": (lambda m=model: m.expected_purchases(PEOPLE, days=-7), ["days", "-7"]),
        f"paths, {model.name}": (lambda m=model: m.expected_path(PEOPLE, days=[1, -7]), ["days", "-7"]),
        f"buying, {model.name}": (lambda m=model: m.p_buy(PEOPLE, days=-7), ["days", "-7"]),
        f"n times, {model.name}": (lambda m=model: m.p_exactly(PEOPLE, n=-7, days=1), ["n ", "-7"]),
        f"days, {model.name}": (lambda m=model: m.p_exactly(PEOPLE, n=1, days=-7), ["days", "-7"]),
        f"new, {model.name}": (lambda m=model: m.expected_new(days=-7), ["days", "-7"]),
        f"new n, {model.name}": (lambda m=model: m.p_new_exactly(n=-7, days=1), ["n ", "-7"]),
        f"new days, {model.name}": (lambda m=model: m.p_new_exactly(n=1, days=-7), ["days", "-7"]),
        f"drawn, {model.name}": (
            lambda m=model: m.purchases_of(m.individuals(PEOPLE, rng=RNG), days=-7, rng=RNG),
            ["days", "-7"],
        ),
        f"simulated, {model.name}": (lambda m=model: m.simulate(-7, T=90, rng=RNG), ["n ", "-7"]),
    }
    REFUSED |= new


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_says_what_was_found_in_the_language_spoken(case: str) -> None:
    ask, facts = REFUSED[case]
    for language in ("en", "zh"):
        with speaking(language), pytest.raises(ClvError) as caught:
            ask()
        _whole(str(caught.value), facts, language)


def _whole(text: str, facts: list[str], language: str) -> None:
    """The facts stand in it, nothing is left of what a sentence is made with, and Chinese is Chinese."""
    for fact in facts:
        assert fact in text, (fact, text)
    assert not re.search(r"XX|\bNone\b|[{}]", text), text
    if language == "zh":
        assert re.search("[\u4e00-\u9fff]{3}", text), text
        assert not re.search(r"[A-Za-z]{3,}", KEPT.sub("", text)), text
    else:
        assert text.strip() == text


def _pairs(rng: np.random.Generator, power: float) -> Repeats:
    x = 1.0 + rng.poisson(2, 400)
    z = x**power * np.exp(rng.normal(0, 0.3, 400))
    return Repeats(x, z, np.ones(400))


MONEY = GammaGamma(6.0, 4.0, 400.0)
SAID: dict[str, tuple[Callable[[np.random.Generator], str], list[str]]] = {
    "nothing varies": (lambda rng: frequency_and_spend(Repeats(*np.ones((3, 40)))).sentence, []),
    "more": (lambda rng: frequency_and_spend(_pairs(rng, 1.0)).sentence, ["90"]),
    "less": (lambda rng: frequency_and_spend(_pairs(rng, -1.0)).sentence, ["90"]),
    "no relation": (lambda rng: frequency_and_spend(_pairs(rng, 0.0)).sentence, ["90"]),
    "few": (lambda rng: spend.fit(_money(2, [5.0, 6.0, 8.0])).limit, ["3"]),
    "alike": (lambda rng: spend.fit(_money(2, [9.9] * 50)).limit, []),
    "no mean": (lambda rng: spend.fit(_money(2, list(rng.lognormal(5, 2.2, 900)))).limit, ["q <= 1"]),
    "unseen mean": (
        lambda rng: spend._refused_after(GammaGamma(6.0, 1.1, 400.0), Repeats(*np.ones((3, 40)))),
        ["24000.0"],
    ),
    "customers alike": (lambda rng: spend._limit(np.array([False, True, False])), []),
    "always alike": (lambda rng: spend._limit(np.array([True, False, False])), []),
    "doubtful": (lambda rng: spend._doubts(GammaGamma(6.0, 1.5, 400.0), np.eye(3))[0], ["q"]),
    "not asked for": (lambda rng: spend.stand_in(PAYING, "none was asked for").limit, []),
}


@pytest.mark.parametrize("case", SAID)
def test_a_remark_says_what_was_found_in_the_language_spoken(case: str) -> None:
    ask, facts = SAID[case]
    for language in ("en", "zh"):
        with speaking(language):
            _whole(ask(np.random.default_rng(7)), facts, language)


def _peak(point: list[float], height: float, *, converged: bool = True) -> Peak:
    zero = np.zeros(2)
    return Peak(np.array(point), height, zero, np.eye(2), np.array([False, False]), converged)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_fit_warns_of(language: str) -> None:
    """Few who came back, a second top nearly as high, a search that did not end; nothing else."""
    rows, counts = search.collapse(table([0] * 1000 + [2] * 9, [0] * 1000 + [50] * 9, [300] * 1009))
    best = _peak([0.0, np.log(0.01)], -100.0, converged=False)
    other = _peak([np.log(2.0), np.log(0.02)], -101.25)
    far = _peak([np.log(3.0), np.log(0.02)], -102.0)
    with speaking(language):
        few, second, stopped = search._warnings(
            rows, counts, [best, other, far], best, NBD.chart, ["r", "alpha"]
        )
        none = search._warnings(rows, counts * 2, [best], best._replace(converged=True), NBD.chart, ["r"])
    _whole(few, ["9", "1009"], language)
    _whole(second, ["r 2, alpha 100", "1.25"], language)
    _whole(stopped, [], language)
    assert none == ()
