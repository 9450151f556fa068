"""Files that the kit wrote and somebody changed: models, kept rules, registrations, ledgers, plans."""

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np

from clv import festivals, ledger, models, prices, registration, rfm, schemes, spend
from clv import play as playing
from clv.commands import model_files
from clv.declaring import strict_json
from clv.errors import ClvError, InputError
from clv.known import Known
from clv.telling import play_page
from fuzz import answers
from fuzz.declared import KEPT, REFUSED, REPO


def json_text(data: bytes) -> dict[str, int]:
    """What is read is plain, and means the same to every program."""
    try:
        said = strict_json.read(data)
    except ValueError:
        return REFUSED
    answers.plain(said)
    assert strict_json.read(json.dumps(said, allow_nan=False)) == said
    return KEPT


def model(data: bytes) -> dict[str, int]:
    """An accepted model answers every customer with finite numbers, and so do models drawn from it."""
    try:
        found = model_files.load(answers.written("model.json", data))
    except ClvError as error:
        answers.hold(error)
        return REFUSED
    people = answers.customers()
    with np.errstate(all="ignore"):
        for one in (found.fit.model, *found.fit.draws(2, rng=np.random.default_rng(1))):
            for chance in (
                one.p_alive(people),
                one.p_buy(people, days=90),
                one.p_exactly(people, n=1, days=30),
            ):
                assert ((chance >= 0) & (chance <= 1 + 1e-9)).all(), (one, chance)
            purchases = one.expected_purchases(people, days=90)
            assert (np.isfinite(purchases) & (purchases >= 0)).all(), (one, purchases)
        if found.spend is not None:
            money = found.spend.model.expected_spend(people)
            assert (np.isfinite(money) & (money >= 0)).all(), (found.spend.model, money)
    assert models.fit_from_json(found.fit.to_json()).model == found.fit.model
    return KEPT


def kept_rule(data: bytes) -> dict[str, int]:
    """An accepted rule gives every customer one of its segments, and is kept as it was read."""
    try:
        rule = rfm.from_json(data.decode())
    except UnicodeDecodeError:
        return REFUSED
    except ClvError as error:
        answers.hold(error)
        return REFUSED
    with np.errstate(all="ignore"):
        found = rfm.segments(rule, Known(answers.customers()))
    assert set(found["segment"]) <= {name.en for name in rule.segments}
    assert rfm.to_json(rfm.from_json(rfm.to_json(rule))) == rfm.to_json(rule)
    return KEPT


def registered(data: bytes) -> dict[str, int]:
    """An accepted registration is written as it was read."""
    try:
        found = registration.load(answers.written("registration.json", data))
    except InputError as error:
        answers.hold(error)
        return REFUSED
    again = answers.written("again.json", registration.text(found).encode())
    assert registration.load(again).send_on == found.send_on
    assert isinstance(registration.is_late(found), bool)
    assert registration.find([again], campaign=found.campaign) is not None
    return KEPT


def ledger_lines(data: bytes) -> dict[str, int]:
    """Lines with their seals put right: what is accepted can be added up and added to."""
    sealed, so_far = [], hashlib.sha256()
    for line in data.splitlines():
        so_far.update(line.rstrip(b"}"))
        sealed.append(line.rstrip(b"}") + ledger._seal(so_far))
        so_far.update(ledger._seal(so_far))
    path = answers.written("ledger.jsonl", b"".join(sealed))
    try:
        found = ledger.read(path)
    except InputError as error:
        answers.hold(error)
        return REFUSED
    assert (ledger.cells(found)["sent"] >= ledger.cells(found)["sent_bought"]).all()
    for one in found:
        assert ledger.append(path, one.model_copy(update={"verdict": "other"}))
    assert len(ledger.read(path)) == len(found)
    return KEPT


def earlier_plan(data: bytes) -> dict[str, int]:
    """A plan of an earlier play is told on the page, or passed over."""
    place = answers.folder() / "gold"
    place.mkdir(exist_ok=True)
    (place / "plan.json").write_bytes(data)
    rows = playing._played_before(answers.folder(), besides=())
    play_page.write(answers.folder(), rows, title="t", question="q", made_at="2026-06-30T09:30:00+08:00")
    for row in rows:
        assert all(name.startswith("gold/") and ".." not in name.split("/") for name in row["files"])
    return KEPT if rows else REFUSED


def festival_table(data: bytes) -> dict[str, int]:
    """Accepted windows hold their day and are no longer than half a year."""
    try:
        own = festivals.load(answers.written("festivals.csv", data))
    except InputError as error:
        answers.hold(error)
        return REFUSED
    assert ((own["from"] <= own["day"]) & (own["day"] <= own["to"])).all()
    assert ((own["to"] - own["from"]).dt.days < 366).all()
    assert len(festivals.table(own)) >= len(own)
    return KEPT


def price_table(data: bytes) -> dict[str, int]:
    """An accepted index has one finite number above 0 for each day."""
    try:
        found = prices.load(answers.written("prices.csv", data))
    except InputError as error:
        answers.hold(error)
        return REFUSED
    assert np.isfinite(found).all() and found.gt(0).all() and found.index.is_unique
    return KEPT


@cache
def _models() -> tuple[bytes, ...]:
    """Return saved models of every kind, fitted on many alike and unlike customers."""
    rng = np.random.default_rng(2)
    T = rng.integers(1, 700, 400)
    x = np.minimum(rng.poisson(rng.gamma(0.5, 4, 400)), T)
    recency = np.where(x > 0, np.maximum((T * rng.random(400)).astype(int), x), 0)
    people = answers.customers().iloc[:1].reindex(["c0"] * 400).reset_index(drop=True)
    amounts = np.where(x > 0, rng.gamma(3, 1 / rng.gamma(4, 0.01, 400)), 0.0)
    people = people.assign(frequency=x, recency=recency, T=T, monetary_value=amounts, total_spend=amounts + 1)
    money, found = spend.fit(people), []
    for name in models.MODELS:
        fitted = model_files.Fitted(models.fit_by_name(name, people), money, "because")
        path = answers.folder() / "seed.json"
        model_files.save(fitted, path)
        found.append(path.read_bytes())
    return tuple(found)


@cache
def _rules() -> tuple[bytes, ...]:
    said = json.loads(_models()[1])
    fits = models.fit_from_json(json.dumps(said["fit"])), spend.SpendFit.from_json(json.dumps(said["spend"]))
    known = Known(answers.customers(), given=fits)
    names = [name for name in schemes.names() if name not in ("windows-own",)]
    return tuple(
        rfm.to_json(rfm.learn(schemes.load(name), known)).encode() for name in names if name != "kmeans"
    )


REGISTRATION = {
    "campaign": "spring",
    "shop": "gold",
    "playbook": "birthday",
    "registered_at": "2026-06-30T09:30:00+08:00",
    "send_on": "2026-07-01",
    "stops_on": "2026-08-30",
    "primary": registration.PROFIT,
    "secondary": ["buyers"],
    "send": 800,
    "control": 200,
    "control_share": 0.2,
    "expected_effect": 0.02,
    "smallest_effect": 0.01,
    "smallest_profit": 1.5,
    "expected_profit": 100.0,
    "expected_profit_low": -5.0,
    "expected_profit_high": 300.0,
    "margin": 0.4,
    "currency": "CNY",
    "contact_costs": {"sms": 0.05},
    "offers": [{"name": "ten", "kind": "coupon", "amount": 10.0, "uplift": {"mean": 0.2, "sd": 0.1}}],
}
CELL = {
    "offer": "ten",
    "channel": "sms",
    "segment": "old",
    "sent": 9,
    "sent_bought": 2,
    "control": 5,
    "control_bought": 1,
}
RESULT = {
    "kind": "result",
    "campaign": "spring",
    "sent_on": "2026-07-01",
    "stops_on": "2026-08-30",
    "cells": [CELL],
    "recorded_at": "2026-09-01T00:00:00Z",
    "verdict": "it paid",
    "profit": 12.5,
    "profit_low": 1,
    "profit_high": 20,
}
PLAN = {
    "decision": {"word": "send", "sentence": "Send."},
    "send_on": "2026-07-01",
    "files": ["gold/lists/list-sms.csv"],
}

TARGETS = {
    "json_text": json_text,
    "model": model,
    "kept_rule": kept_rule,
    "registered": registered,
    "ledger_lines": ledger_lines,
    "earlier_plan": earlier_plan,
    "festival_table": festival_table,
    "price_table": price_table,
}
SEEDS = {
    "json_text": [b'{"a": [1, 2.5e3, null, true, "\\u00e9"]}'],
    "model": _models(),
    "kept_rule": _rules(),
    "registered": [json.dumps(REGISTRATION).encode()],
    "ledger_lines": [json.dumps(RESULT).encode(), (json.dumps(RESULT) + "\n" + json.dumps(RESULT)).encode()],
    "earlier_plan": [
        json.dumps(PLAN | files).encode() for files in ({}, {"files": ["a/..", "..", "x/y.csv"]})
    ],
    "festival_table": [
        "name,from,to,day\n七夕,2026-08-10,2026-08-19,2026-08-19\n".encode(),
        "名称,开始,结束\n店庆,2026-05-01,2026-05-03\n".encode(),
    ],
    "price_table": [
        b"date,index\n2026-06-30,780.5\n2026-07-01,781\n",
        Path(REPO / "data/samples/gold/gold_price.csv").read_bytes()[:600],
    ],
}
_JSON = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e400",
    b"1e308",
    b"-1e-320",
    b"null",
    b"true",
    b"\\ud800",
    b"[[[[[[",
    b'{"',
    b'": ',
    b"9999999999999999999",
    b'"p"',
    b'"q"',
    b'"point"',
    b'"covariance"',
]
WORDS = dict.fromkeys(
    ("json_text", "model", "kept_rule", "registered", "ledger_lines", "earlier_plan"), _JSON
)
