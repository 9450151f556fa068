"""What a playbook asks for, in the shop's own money: its audience, its offers."""

from collections.abc import Sequence

import pandas as pd

from clv import audience, evidence, extras, ledger, uplifts
from clv.audience import Audience
from clv.errors import SettingError
from clv.known import Known
from clv.language import tell
from clv.ledger import Result
from clv.offering import options as offering
from clv.offering.contract import MONEY, Bounds, Condition, Declared
from clv.offering.options import Option
from clv.recalling import names
from clv.recalling.terms import Tables, Terms
from clv.schemes.axes import Name
from clv.tables import as_day

YEAR = 365
ALIKE = 0.25  # part by which the days of a campaign in the ledger may differ from those of this one


def usual_order(orders: pd.DataFrame, *, until: object) -> float:
    """Return the median order of the last year before a day, which "8 % of basket" is a part of (money)."""
    day = pd.Timestamp(until)
    paid = orders["paid_at"].dt.normalize()
    before = orders.loc[paid <= day, "amount"]
    recent = before[paid > day - pd.Timedelta(days=YEAR)]
    return float((recent if len(recent) else before).median())


def conditions(declared: Declared, *, basket: float) -> dict[str, Condition]:
    """Return the audience's conditions with parts of the usual order as money."""
    return {name: _in_money(name, one, basket=basket) for name, one in declared.audience.items()}


def chosen_audience(
    tables: Tables, declared: Declared, terms: Terms, today: Known, *, basket: float
) -> Audience:
    """Return the customers whom the campaign is for; see `audience.choose`."""
    asked = conditions(declared, basket=basket)
    known = () if tables.members is None else tables.members.columns
    also = [name for name in ("points", "tier") if name in known and name not in asked]
    return audience.choose(
        _on_the_day(today.customers, terms),
        asked,
        on=terms.send_on,
        members=tables.members,
        orders=tables.orders,
        p_alive=today.fit.model.p_alive(today.customers) if "p_alive" in asked else None,
        tiers=_tiers(tables, declared, basket=basket),
        festivals=tables.festivals,
        also=also,
    )


def _on_the_day(customers: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Return the customers as they will stand on the day of sending, if nobody orders meanwhile."""
    days = (terms.send_on - terms.until).days
    return customers.assign(T=customers["T"] + days, days_since_last=customers["days_since_last"] + days)


def _tiers(tables: Tables, declared: Declared, *, basket: float) -> dict[str, float]:
    """Return the shop's tiers, or where it names none the playbook's; they must not contradict the members.

    Raises
    ------
    SettingError
        The members file has tiers of other names.
    """
    own = {name: offering.money(value, basket=basket) for name, value in declared.tiers.items()}
    found = dict(tables.tiers) or own
    if "to_next_tier" in declared.audience and tables.members is not None and "tier" in tables.members:
        held = set(tables.members["tier"].dropna())
        if held and not held & set(found):
            raise SettingError(
                tell(
                    "the tiers {found} are not those of the members file, so messages would be untrue; name "
                    "the shop's own in the shop file, `tiers: {{name: money of the last year}}`.",
                    found=", ".join(found),
                )
            )
    return found


def offered(
    tables: Tables, declared: Declared, terms: Terms, *, basket: float, segments: Sequence[Name]
) -> tuple[list[Option], list[str]]:
    """Return offer × channel, with what past campaigns taught of them, and sentences on that."""
    options = offering.options(declared, basket=basket, window=terms.window, costs=terms.contact_costs)
    options = names.of_options(options, segments)
    seen, doubts = _evidence(tables, declared, terms), _doubts(tables, terms)
    if seen.empty:
        return options, doubts
    english = {"": "", **{key: one.en for one in segments for key in (one.en, one.zh)}}
    known = seen["segment"].map(english)
    strange = int(seen.loc[known.isna(), ["sent", "control"]].to_numpy().sum())
    found, said = uplifts.updated(options, seen.assign(segment=known.fillna("")))
    if strange:
        said.append(
            tell(
                "{strange:,} customers of past campaigns carry segments of another scheme; they count "
                "without.",
                strange=strange,
            )
        )
    return found, [*said, *doubts]


def _doubts(tables: Tables, terms: Terms) -> list[str]:
    """Return in sentences which past campaigns are not learned from."""
    said = [
        tell("{name!r} teaches nothing: its list is not the one that was registered.", name=name)
        for name in tables.doubtful
    ]
    listed = set() if tables.past is None else set(tables.past["campaign"])
    other = [one for one in tables.ledger if one.campaign not in listed and not _is_alike(one, terms)]
    if other:
        said.append(
            tell(
                "{other:,} campaign(s) of the ledger counted much fewer or more days than the {window} "
                "of this one, or were not over; they teach nothing here.",
                other=len(other),
                window=terms.window,
            )
        )
    return said


def _is_alike(result: Result, terms: Terms) -> bool:
    """Return whether a campaign was over by then, and counted about as many days as this one will.

    The same offer moves the odds of a month more than those of a year.
    """
    days = (as_day(result.stops_on) - as_day(result.sent_on)).days + 1
    return as_day(result.stops_on) <= terms.until and abs(days / terms.window - 1) <= ALIKE


def _evidence(tables: Tables, declared: Declared, terms: Terms) -> pd.DataFrame:
    """Return what past campaigns showed up to the last day: those with a list, and those of the ledger."""
    until = pd.Timestamp(terms.until)
    past = tables.past if tables.past is not None else extras.nothing(extras.PAST_CAMPAIGNS).table
    past = past[~past["campaign"].isin(tables.doubtful)]
    lists = evidence.counts(evidence.outcomes(past, tables.orders, window=terms.window, until=until))
    recorded = ledger.cells([one for one in tables.ledger if _is_alike(one, terms)])
    return evidence.gathered(lists, recorded, kinds={offer.name: offer.kind for offer in declared.offers})


def _in_money(name: str, condition: Condition, *, basket: float) -> Condition:
    if name not in MONEY or not isinstance(condition, Bounds):
        return condition
    ends = {end: getattr(condition, end) for end in ("min", "max")}
    return Bounds(**{k: None if v is None else offering.money(v, basket=basket) for k, v in ends.items()})
