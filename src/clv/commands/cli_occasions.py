"""`clv visitors`, `clv contact-calendar`, `clv follow-up`: whom there is a reason to write to."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.run_options import FOLDER
from clv.errors import NoAnswerError, SettingError

if TYPE_CHECKING:
    import pandas as pd

    from clv.shop import Shop

_file = click.Path(path_type=Path, dir_okay=False)
_DAYS = click.IntRange(1, 90)
_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
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


def _written(rows: "pd.DataFrame", out: Path, shop: "Shop", name: str) -> None:
    """Write a list as text that only its owner can read, and say where."""
    from clv.sending import lists

    folder = out / shop.id
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError(f"the folder {folder} cannot be made ({error.strerror}).") from None
    path = folder / name
    text = rows.reset_index().astype("str").where(rows.reset_index().notna(), "")
    lists.write_csv(text, path)
    click.echo(f"{len(rows):,} rows in {path}")


def _may(rows: "pd.DataFrame", shop: "Shop", channel: str) -> "pd.Series":
    """Return who of the rows may be reached by the channel on the day after the last."""
    import pandas as pd

    from clv.offering.channels import CHANNELS
    from clv.sending import suppression

    if channel not in CHANNELS:
        raise SettingError(f"there is no channel {channel!r}; choose one of {', '.join(CHANNELS)}.")
    day = (pd.Timestamp(shop.until) + pd.Timedelta(days=1)).date()
    found = suppression.allowed(
        rows, channels={channel: CHANNELS[channel]}, on=day, members=shop.members(), contacts=shop.contacts(),
        orders=shop.orders(), returns=shop.returns(), campaigns=shop.past_campaigns(),
    )  # fmt: skip
    return found.allowed[channel]


@click.command(short_help="Carts that were left, and visitors who never bought.")
@_of_a_shop
@click.option("--channel", default="sms", show_default=True, help="By which they would be written to.")
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
    """Write two lists of a shop's visits: what was left in the cart, and visitors who never bought.

    Only who agreed to the channel and may be written to is on them, and a part is left alone to compare with
    (arm: control). Prints how many come back by themselves, so that nobody pays for those.
    """
    import pandas as pd

    from clv import arms, pseudonyms, visits
    from clv.shop import Shop

    shop = Shop.open(shops, shop_id, until=until)
    seen, orders = shop.visits(), shop.orders()
    if seen is None:
        raise NoAnswerError(f"shop {shop_id!r} names no visits; add `visits:` to the shop file.")
    came = visits.came_back(seen, orders, until=shop.until)
    for row in came[came["days"].isin([3, 7])].itertuples():
        click.echo(
            f"{row.kind}: {row.share:.0%} [{row.low:.0%}, {row.high:.0%}] of {row.visitors:,} ordered within "
            f"{row.days} days by themselves"
        )
    lying = visits.left_lying(seen, orders, on=shop.until, at_most=look_back)
    lying = lying[_may(lying, shop, channel)]
    first = pd.Timestamp(shop.until) + pd.Timedelta(days=1)
    day = (lying["at"].dt.normalize() + pd.Timedelta(days=delay)).clip(lower=first)
    lying = lying.assign(channel=channel, send_on=day.dt.strftime("%Y-%m-%d"))
    for bought, name in ((True, "left-lying"), (False, "never-bought")):
        rows = lying[lying["has_bought"] == bought].drop(columns="has_bought")
        campaign = f"{name}-{first:%Y-%m-%d}"
        drawn = {"share": control_share, "campaign": campaign, "secret": pseudonyms.local_secret()}
        split = arms.split(rows.index, strata=rows["kind"], **drawn)
        _written(rows.assign(arm=split, campaign=campaign), out, shop, f"{name}.csv")


@click.command(short_help="Whom there is a reason to write to in the next 90 days.")
@_of_a_shop
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How far ahead.")
@click.option("--rest", type=_DAYS, default=14, show_default=True, help="Days between two messages.")
def contact_calendar(shops: Path, shop_id: str, until: str, out: Path, days: int, rest: int) -> None:
    """Write a calendar of reasons to write: birthdays, points that expire, festivals bought in before.

    Where two reasons of a customer lie too close, the better one is kept; the column `kept` says which.
    """
    from clv import contact_calendar as calendar
    from clv.shop import Shop

    shop = Shop.open(shops, shop_id, until=until)
    festivals = shop.festivals()
    buyers = calendar.festival_buyers(shop.orders(), festivals, before=shop.until)
    found = calendar.reasons(shop.members(), festivals=festivals, buyers=buyers, on=shop.until, days=days)
    if found.empty:
        raise NoAnswerError(
            f"shop {shop_id!r}: there is no reason to write to anybody in the next {days} days."
        )
    kept = calendar.capped(found, reached=shop.contacts(), rest=rest)
    click.echo(calendar.by_week(kept).to_string())
    _written(kept.set_index("customer_id"), out, shop, "contact-calendar.csv")


@click.command(short_help="The second step of a campaign that was sent.")
@_of_a_shop
@click.option("--campaign", required=True, help="Its name in the contacts.")
@click.option("--wait", type=_DAYS, default=3, show_default=True, help="Days after the first message.")
def follow_up(shops: Path, shop_id: str, until: str, out: Path, campaign: str, wait: int) -> None:
    """Say who of a campaign did what, and write the list of those who may get a second message.

    Nobody who opted out, complained, replied or ordered is on it, nor anybody who may not be written to by
    the channel. The control group gets neither step.
    """
    import pandas as pd

    from clv import follow_ups
    from clv.shop import Shop

    shop = Shop.open(shops, shop_id, until=until)
    states = follow_ups.states(shop.contacts(), shop.orders(), campaign=campaign, on=shop.until)
    for row in follow_ups.steps(states).itertuples():
        click.echo(f"{row.customers:6,}  {row.share:4.0%}  {row.state}: {row.next}")
    due = follow_ups.second(states, wait=wait)
    may = [_may(rows, shop, channel) for channel, rows in due.groupby("channel")]
    allowed = pd.concat(may).reindex(due.index) if may else pd.Series(dtype=bool)
    _written(due[allowed.astype(bool)], out, shop, f"follow-up-{campaign}.csv")
