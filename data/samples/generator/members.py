"""What the shops know beside their orders: members with their consents, birthdays and points.

Drawn from a stream of its own, so that the orders are the same with and without.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from generator import calendar, csvfile, people

CONSENTS = {"consent_sms": 0.70, "consent_wecom": 0.50, "consent_phone": 0.25, "consent_email": 0.30}
OURS = [*CONSENTS, "consent_basis", "birthday", "tier", "points", "points_expire_on"]
YOUZAN = {
    "customer_id": "客户手机号", "consent_sms": "允许短信", "consent_wecom": "允许企微",
    "consent_phone": "允许电话", "consent_email": "允许邮件", "consent_basis": "同意依据",
    "birthday": "客户生日", "tier": "免费等级", "points": "客户积分", "points_expire_on": "积分有效期",
}  # fmt: skip
GENDERS = (0.62, 0.30, 0.08)  # women, men, not said; what they buy does not hang on it
JOINED, BIRTHDAYS, SOON = 0.88, 0.80, 0.15
TWICE, TORN, WORDS, FORMS, QUOTED, IMPOSSIBLE, COMMAS = 5, 3, 12, 10, 9, 2, 3


@dataclass(frozen=True)
class Shape:
    """How one shop keeps its members and contacts.

    `ids`: customer numbers to ids as the order export has them; `basis`: words before the day of consent;
    `tiers`: least yuan of the last year for each, lowest first; `points_per_yuan`; `strangers`: members who
    never bought; `headers`: ours, or those of the platform; `years`: birthdays come with a year.
    """

    ids: Callable[[pd.Series], pd.Series]
    encoding: str
    basis: tuple[str, str]
    tiers: Mapping[str, float]
    points_per_yuan: float
    strangers: int
    headers: Mapping[str, str]
    years: bool


_OURS = {name: name for name in ("customer_id", *OURS)}
_TIERS = ("普通会员", "银卡", "金卡")
SHAPES = {
    "gold": Shape(people.nicks, "gb18030", ("入会登记", "门店签名"),
                  dict(zip(_TIERS, (0.0, 3000.0, 8000.0), strict=True)), 0.1, 40, _OURS, years=False),
    "department": Shape(people.phones, "utf-8-sig", ("入会登记", "小程序授权"),
                        dict(zip(_TIERS, (0.0, 500.0, 2000.0), strict=True)), 1.0, 30, YOUZAN, years=True),
    "gift": Shape(people.mails, "utf-8", ("signed up", "at the counter"),
                  {"friend": 0.0, "silver": 200.0, "gold": 600.0}, 1.0, 8, _OURS, years=False),
}  # fmt: skip


def draw(shape: Shape, bought: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row per member, clean: customer (a number), since, consents as booleans, and the rest.

    `bought`: customer, paid_at, value of every purchase.
    """
    by = bought.groupby("customer")
    buyers = pd.DataFrame({"since": by["paid_at"].min().dt.normalize(), "spent": by["value"].sum()})
    last_year = bought[bought["paid_at"] > calendar.LAST_DAY - pd.Timedelta(days=364)]
    buyers["lately"] = last_year.groupby("customer")["value"].sum().reindex(buyers.index, fill_value=0.0)
    chosen = buyers[rng.random(len(buyers)) < JOINED].reset_index()
    new = np.arange(len(buyers), len(buyers) + shape.strangers)
    joined = calendar.DAYS[rng.integers(0, len(calendar.DAYS), shape.strangers)]
    strangers = pd.DataFrame({"customer": new, "since": joined, "spent": 0.0, "lately": 0.0})
    return _filled(shape, pd.concat([chosen, strangers], ignore_index=True), rng)


def _filled(shape: Shape, who: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(who)
    consents = {name: rng.random(count) < share for name, share in CONSENTS.items()}
    agreed = np.any(list(consents.values()), axis=0)
    words = rng.choice(shape.basis, count, p=[0.8, 0.2]).astype(object)
    basis = pd.Series(words, dtype=object) + " " + who["since"].dt.strftime("%Y-%m-%d")
    born = pd.Timestamp("1965-01-01") + pd.to_timedelta(rng.integers(0, 40 * 365, count), unit="D")
    known = rng.random(count) < BIRTHDAYS
    points = (who["spent"] * shape.points_per_yuan * rng.uniform(0.2, 1.0, count)).round()
    ends = np.where(rng.random(count) < SOON, "2026-07-31", "2026-12-31")
    at = np.searchsorted(list(shape.tiers.values()), who["lately"].to_numpy(), side="right") - 1
    return who[["customer", "since"]].assign(
        **consents,
        consent_basis=basis.where(agreed, ""),
        birthday=pd.Series(born.strftime("%Y-%m-%d" if shape.years else "%m-%d")).where(known, ""),
        tier=np.array(list(shape.tiers))[at],
        points=points.astype(int),
        points_expire_on=pd.Series(ends).where(points > 0, ""),
    )


def write(
    folder: Path,
    shape: Shape,
    members: pd.DataFrame,
    rng: np.random.Generator,
    *,
    genders: np.random.Generator | None = None,
) -> None:
    """Write members.csv with the dirt of tables kept by hand; with 客户性别 where `genders` draws it."""
    cells = members.drop(columns=["customer", "since"]).assign(customer_id=shape.ids(members["customer"]))
    for name in CONSENTS:
        cells[name] = np.where(cells[name], "yes", "no")
    cells["points"] = cells["points"].astype(str)
    cells = _with_dirt(cells.astype(object), members, rng)
    header = [shape.headers[name] for name in ("customer_id", *OURS)]
    if genders is not None:
        told = pd.Series(genders.choice(["女", "男", "未知"], len(members), p=GENDERS), index=members.index)
        cells["客户性别"] = told.loc[cells.index].to_numpy()
        header.append("客户性别")
    csvfile.write(
        cells.rename(columns=shape.headers), header, folder / "members.csv", encoding=shape.encoding
    )


def _with_dirt(cells: pd.DataFrame, members: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Write some cells otherwise, two birthdays that do not exist, and rows that stand twice."""
    marks = [QUOTED, WORDS, FORMS, IMPOSSIBLE, TWICE, TORN]
    born = members.index[members["birthday"] != ""]
    rows = np.split(people.some(sum(marks), born, rng).to_numpy(), np.cumsum(marks)[:-1])
    quoted, words, forms, impossible, twice, torn = rows
    for row, form in zip(quoted, ["\t{}", "'{}", '="{}"'] * 3, strict=True):
        cells.loc[row, "customer_id"] = form.format(cells.loc[row, "customer_id"])
    for row, (yes, no) in zip(words, [("是", "否"), ("TRUE", "FALSE"), ("1", "0")] * 4, strict=True):
        said = cells.loc[row, list(CONSENTS)]
        cells.loc[row, list(CONSENTS)] = said.map({"yes": yes, "no": no})
    for row, form in zip(forms, ["{}月{}日", "1990/{}/{}"] * 5, strict=True):
        month, day = cells.loc[row, "birthday"][-5:].split("-")
        cells.loc[row, "birthday"] = form.format(int(month), int(day))
    cells.loc[impossible, "birthday"] = ["02-30", "13-01"]
    dear = members["points"].nlargest(COMMAS).index
    cells.loc[dear, "points"] = members.loc[dear, "points"].map("{:,}".format)
    cells.loc[torn, "consent_sms"] = "yes"
    again = pd.concat([cells.loc[twice], cells.loc[torn].assign(consent_sms="no")])
    return pd.concat([cells, again]).sort_index(kind="stable")
