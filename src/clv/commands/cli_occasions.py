"""`clv visitors`, `clv contact-calendar`, `clv follow-up`: whom there is a reason to write to."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.reaching import allowed, by_day, first_day, written
from clv.commands.run_options import FOLDER
from clv.errors import NoAnswerError
from clv.language import tell

if TYPE_CHECKING:
    import pandas as pd

_file = click.Path(path_type=Path, dir_okay=False)
_DAYS = click.IntRange(1, 90)
_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_RUNS = 14  # days in which an order counts as an answer
_LONGEST_NAME = 60
_channel = click.option(
    "--channel",
    type=click.Choice(["sms", "wecom", "phone", "email"]),
    default="sms",
    show_default=True,
    help="By which they would be written to.",
)
_OPTIONS = (
    click.argument("shops", type=_file),
    click.option("--shop", "shop_id", required=True, metavar="ID", help="Which shop."),
    click.option("--until", default="", metavar="DAY", help="Last day of observation, 2026-06-30."),
    click.option("--out", type=FOLDER, default=Path("lists"), show_default=True, help="Where the lists go."),
)


def _of_a_shop(command: Callable) -> Callable:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(short_help="What was looked at and not bought, and visitors who never bought.")
@_of_a_shop
@_channel
@click.option("--look-back", type=_DAYS, default=14, show_default=True, help="Days of visits.")
@click.option("--delay", type=_DAYS, default=3, show_default=True, help="Days between a visit and a message.")
@click.option("--control-share", type=_SHARE, default=0.3, show_default=True, help="Part that is left alone.")
def visitors(
    shops: Path,
    shop_id: str,
    until: str,
    out: Path,
    channel: str,
    look_back: int,
    delay: int,
    control_share: float,
) -> None:
    """Write two lists of what was looked at, liked or put into the cart, and not bought.

    One is of customers (left-lying), one of visitors who never bought (never-bought); the column kind says
    what they did. Only who agreed to the channel and may be written to is on them, and a part is left alone
    to compare with (arm: control): chance decides once for each person, who then stays in that arm on every
    later list. Keep the lists: they can come back as `past_campaigns:`. Prints how many come back by
    themselves, and how many of those who have not yet still would: a message is wasted on them.
    """
    from clv import visits
    from clv.shop import Shop

    shop = Shop.open(shops, shop_id, until=until)
    seen, orders = shop.visits(), shop.orders()
    if seen is None:
        raise NoAnswerError(
            tell("shop {shop_id!r} names no visits; add `visits:` to the shop file.", shop_id=shop_id)
        )
    came = visits.came_back(seen, orders, until=shop.until, contacts=shop.contacts())
    for row in came[came["days"].isin([3, 7])].dropna(subset="share").itertuples():
        click.echo(
            tell(
                "{kind}: {share:.0%} [{low:.0%}, {high:.0%}] of {visitors:,} ordered within {days} days "
                "by themselves; of {open:,} still open then, {later:.0%} [{later_low:.0%}, "
                "{later_high:.0%}] came in the next 14 days all the same",
                kind=row.kind,
                share=row.share,
                low=row.low,
                high=row.high,
                visitors=row.visitors,
                days=row.days,
                open=row.open,
                later=row.later,
                later_low=row.later_low,
                later_high=row.later_high,
            )
        )
    lying = visits.left_lying(seen, orders, on=shop.until, at_most=look_back)
    for bought, name in ((True, "left-lying"), (False, "never-bought")):
        rows = lying[lying["has_bought"] == bought].drop(columns="has_bought")
        rows = allowed(rows, shop, channel, called=name)
        drawn = _drawn(rows, name, first=first_day(shop), delay=delay, share=control_share)
        written(drawn.assign(channel=channel), out, shop, f"{name}.csv")


def _drawn(
    rows: "pd.DataFrame", name: str, *, first: "pd.Timestamp", delay: int, share: float
) -> "pd.DataFrame":
    """Return the rows with the columns of a past campaign; the arm hangs on person and list, on no day."""
    import pandas as pd

    from clv import arms, pseudonyms

    alone = pd.Series(rows.index, index=rows.index)  # a stratum each: the others of a list change nothing
    arm = arms.split(rows.index, strata=alone, share=share, campaign=name, secret=pseudonyms.local_secret())
    send_on = (rows["at"].dt.normalize() + pd.Timedelta(days=delay)).clip(lower=first)
    return rows.assign(
        campaign=f"{name}-{first:%Y-%m-%d}",
        offer=name,
        arm=arm,
        send_on=send_on.dt.strftime("%Y-%m-%d"),
        runs_until=(send_on + pd.Timedelta(days=_RUNS)).dt.strftime("%Y-%m-%d"),
    )


@click.command(short_help="Whom there is a reason to write to in the next 90 days.")
@_of_a_shop
@_channel
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How far ahead.")
@click.option("--rest", type=_DAYS, default=14, show_default=True, help="Days between two messages.")
def contact_calendar(
    shops: Path, shop_id: str, until: str, out: Path, channel: str, days: int, rest: int
) -> None:
    """Write a calendar of reasons to write: birthdays, points that expire, festivals bought in before.

    Who has not agreed to the channel, opted out of it or has to be left in peace on that day is not written
    to. Where two reasons of a customer lie too close, the better one is kept. The column `kept` says which,
    `why_not` why not.
    """
    from clv import contact_calendar as calendar
    from clv.shop import Shop

    shop = Shop.open(shops, shop_id, until=until)
    festivals = shop.festivals()
    buyers = calendar.festival_buyers(shop.orders(), festivals, before=shop.until)
    found = calendar.reasons(shop.members(), festivals=festivals, buyers=buyers, on=shop.until, days=days)
    if found.empty:
        raise NoAnswerError(
            tell(
                "shop {shop_id!r}: there is no reason to write to anybody in the next {days} days.",
                shop_id=shop_id,
                days=days,
            )
        )
    told = {"on": shop.until, "reached": shop.contacts(), "allowed": by_day(found, shop, channel)}
    kept = calendar.capped(found, rest=rest, **told)
    click.echo(calendar.by_week(kept).to_string())
    written(kept.assign(channel=channel).set_index("customer_id"), out, shop, "contact-calendar.csv")


@click.command(short_help="The second step of a campaign that was sent.")
@_of_a_shop
@click.option("--campaign", required=True, help="Its name in the contacts.")
@click.option("--wait", type=_DAYS, default=3, show_default=True, help="Days after the first message.")
def follow_up(shops: Path, shop_id: str, until: str, out: Path, campaign: str, wait: int) -> None:
    """Say who of a campaign did what, and write the list of those who may get a second message.

    Nobody who opted out, complained, replied or ordered is on it, nor anybody who may not be written to by
    the channel. The control group gets neither step.
    """
    from clv import follow_ups
    from clv.shop import Shop

    shop = Shop.open(shops, shop_id, until=until)
    states = follow_ups.states(shop.contacts(), shop.orders(), campaign=campaign, on=shop.until)
    for row in follow_ups.steps(states).itertuples():
        said = tell("{name}: {said}", name=row.state, said=row.next)
        click.echo(f"{row.customers:6,}  {row.share:4.0%}  {said}")
    due = follow_ups.second(states, wait=wait)
    for channel, rows in due.groupby("channel"):
        left = allowed(rows, shop, str(channel), called="second message")
        due = due.drop(index=rows.index.difference(left.index))
    safe = re.sub(r"[^\w.-]", "_", campaign)[:_LONGEST_NAME]
    written(due, out, shop, f"follow-up-{safe}.csv")
