"""A shop's campaign measured: what notebook 06 and `clv learn` both stand on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clv import departures, evidence, experiments, findings, responses, uplifts
from clv.errors import NoAnswerError
from clv.findings import Verdict
from clv.language import tell
from clv.ledger import Cell, Result
from clv.measuring.earned import Money
from clv.measuring.ratio import Ratio
from clv.offering.contract import Uplift
from clv.parameters import CampaignResults
from clv.registration import Registration
from clv.responses import Responses
from clv.shop import Shop


@dataclass(frozen=True, eq=False)
class Results:
    """A campaign with everything that is said of it.

    Attributes
    ----------
    found
        Who was in it, and what they did.
    registered
        What was written down before; None where nothing was.
    money
        What an order earns and a contact costs.
    sizes
        The arms against the share that was meant; None where that was registered, or nobody said it.
    effects
        See `experiments.effects`.
    verdict
        See `findings`.
    """

    found: Responses
    registered: Registration | None
    money: Money
    sizes: Ratio | None
    effects: pd.DataFrame
    verdict: Verdict

    @property
    def notes(self) -> list[str]:
        """What should be known before the figures are believed, in sentences."""
        strangers = int(self.found.customers["total_spend"].isna().sum())
        said = (
            [
                tell(
                    "{strangers:,} customers of the list have no order before the sending.",
                    strangers=strangers,
                )
            ]
            if strangers
            else []
        )
        if self.registered is None:
            return said
        if self.money.redeemed < 1:
            said.append(
                tell(
                    "That {redeemed:.0%} of those who could redeem did so was not registered, but said now.",
                    redeemed=self.money.redeemed,
                )
            )
        return said + departures.departures(self.found, self.registered)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Customers and buyers of both arms by offer, channel and segment; see `evidence.counts`."""
        people = self.found.customers.reset_index()
        people = people.assign(campaign=self.found.campaign, sent_on=pd.Timestamp(self.found.sent_on))
        return evidence.counts(people)


def of(shop: Shop, parameters: CampaignResults, *, rng: np.random.Generator) -> Results:
    """Return a campaign of a shop, measured.

    Raises
    ------
    SettingError, InputError, NoAnswerError
        As `responses.chosen` and `responses.of`.
    """
    past, until = shop.past_campaigns(), shop.until
    name = responses.chosen(past, parameters.campaign, window=parameters.window_days, until=until)
    registered = shop.registration(name)
    money = _money(parameters, registered)
    found = responses.of(
        _counted_as_registered(past, registered),
        shop.orders(),
        campaign=name,
        until=until,
        money=money,
        window=parameters.window_days,
    )
    effects = experiments.effects(found, rng=rng)
    sizes = None if registered else findings.sizes(found, control_share=parameters.control_share)
    verdict = findings.verdict(found, effects, sizes=sizes, registered=registered, currency=shop.currency)
    return Results(found, registered, money, sizes, effects, verdict)


def _counted_as_registered(past: pd.DataFrame, registered: Registration | None) -> pd.DataFrame:
    """Return the lists with the registered last day, which nobody may choose afterwards."""
    if registered is None:
        return past
    mine = past["campaign"].eq(registered.campaign)
    return past.assign(runs_until=past["runs_until"].mask(mine, pd.Timestamp(registered.stops_on)))


def _money(parameters: CampaignResults, registered: Registration | None) -> Money:
    """Return the registered terms, as nobody may choose them afterwards; else those of the parameters."""
    if registered is None:
        margin = parameters.margin - parameters.commission
        return Money(margin, {}, dict(parameters.contact_costs), parameters.redeemed)
    offers = {offer.name: offer for offer in registered.offers}
    costs = {**parameters.contact_costs, **registered.contact_costs}
    return Money(registered.margin, offers, costs, parameters.redeemed)


def ledger_says(results: Results, ledger: list[Result], *, has_one: bool) -> str:
    """Return in a sentence whether the campaign is in the shop's ledger, and how it gets there."""
    if not has_one:
        return tell(
            "The shop file names no ledger, so what this campaign taught is forgotten with its list; "
            "`ledger: ledger.jsonl` keeps it."
        )
    name = results.found.campaign
    line = next((one for one in ledger if one.campaign == name), None)
    if line is None:
        return tell("The ledger does not hold {name!r} yet; `clv learn` adds it.", name=name)
    return tell(
        "The ledger holds {name!r} as {verdict!r}, recorded on {recorded_at}.",
        name=name,
        verdict=line.verdict,
        recorded_at=line.recorded_at[:10],
    )


def taught(results: Results) -> pd.DataFrame:
    """Return what the campaign alone teaches of each offer by each channel, and what was believed before.

    Returns
    -------
    Index option; sent, control (customers), before, now, low, high (times the odds to buy; 5 to 95 %). Only
    offers that were registered, as nothing was believed of others.
    """
    believed = {} if results.registered is None else {one.name: one for one in results.registered.offers}
    rows = {}
    for (offer, channel), mine in results.counts.groupby(["offer", "channel"]):
        if offer not in believed or not (mine[["sent", "control"]].sum() > 0).all():
            continue
        prior: Uplift = believed[offer].uplift_by_channel.get(channel, believed[offer].uplift)
        learned = uplifts.learn(mine, prior=prior)
        low, high = (np.exp(learned.uplift.mean + side * 1.645 * learned.uplift.sd) for side in (-1, 1))
        row = {"sent": learned.sent, "control": learned.control, "before": np.exp(prior.mean)}
        rows[tell("{offer} by {channel}", offer=offer, channel=channel)] = row | {
            "now": np.exp(learned.uplift.mean),
            "low": low,
            "high": high,
        }
    columns = ["sent", "control", "before", "now", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("option")


def entry(results: Results, *, currency: str, at: str) -> Result:
    """Return the line of the ledger that keeps what came of a campaign.

    Parameters
    ----------
    at
        ISO time of recording.

    Raises
    ------
    NoAnswerError
        The campaign is not over, or its arms are not what they were meant to be.
    """
    verdict, found = results.verdict, results.found
    if verdict.word in (findings.TOO_EARLY, findings.UNREADABLE):
        raise NoAnswerError(
            tell(
                "{campaign!r} teaches nothing: {sentence}", campaign=found.campaign, sentence=verdict.sentence
            )
        )
    kinds = {name: offer.kind for name, offer in results.money.offers.items()}
    counted = results.counts.drop(columns=["campaign", "sent_on"])
    cells = [Cell(kind=kinds.get(row["offer"], ""), **row) for row in counted.to_dict("records")]
    finite = np.isfinite(verdict.low)
    return Result(
        campaign=found.campaign,
        sent_on=found.sent_on.isoformat(),
        stops_on=found.stops_on.isoformat(),
        recorded_at=at,
        cells=cells,
        verdict=verdict.word,
        profit=round(verdict.value, 2),
        profit_low=round(verdict.low, 2) if finite else None,
        profit_high=round(verdict.high, 2) if finite else None,
        currency=currency,
    )
