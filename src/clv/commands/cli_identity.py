"""`clv identity`: who of a shop's customers is one person across its channels, and what speaks against it."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.errors import ClvError, NoAnswerError, SettingError
from clv.language import tell

if TYPE_CHECKING:
    import pandas as pd

    from clv.identity import Resolved
    from clv.shop_files import ShopFile

_file = click.Path(path_type=Path, dir_okay=False)
_folder = click.Path(path_type=Path, file_okay=False)


@click.command(short_help="Who is one person across channels, and what speaks against it.")
@click.argument("shops", type=_file)
@click.option("--shop", "shop_ids", multiple=True, metavar="ID", help="Only this shop; repeatable.")
@click.option("--until", default="", metavar="DAY", help="Last day of observation, 2026-06-30.")
@click.option(
    "--out", type=_folder, default=Path("lists"), show_default=True, help="Where to: a folder for each shop."
)
def identity(shops: Path, shop_ids: tuple[str, ...], until: str, out: Path) -> int:
    """Write persons.csv, conflicts.csv and what_if.csv for each shop of SHOPS.

    Persons are joined as the shop file says; customers and keys are written as pseudonyms, whatever the shop
    file says of ids. Leaves with 1 where a shop's orders name no customer or cannot be read.
    """
    from clv import shopfile

    file = shopfile.load(shops)
    ids = list(dict.fromkeys(shop_ids)) or list(file.shops)
    for shop_id in ids:
        file.entry(shop_id)
    _make(out)
    good = [_written(file, shop_id, until, out, alone=len(ids) == 1) for shop_id in ids]
    return 0 if all(good) else 1


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            tell("the folder {out!r} cannot be made ({strerror}).", out=str(out), strerror=error.strerror)
        ) from None


def _written(file: "ShopFile", shop_id: str, until: str, out: Path, *, alone: bool) -> bool:
    try:
        resolved, tables, notes = _tables(file, shop_id, until)
    except ClvError as error:
        if alone:
            raise
        click.echo(tell("{shop_id}: nothing written. {error}", shop_id=shop_id, error=error), err=True)
        return False
    _write(tables, out / shop_id)
    click.echo(f"{shop_id}: {_summary(resolved, tables)} → {out / shop_id}")
    for note in notes:
        click.echo(f"{shop_id}: {note}")
    return True


def _tables(
    file: "ShopFile", shop_id: str, until: str
) -> "tuple[Resolved, dict[str, pd.DataFrame], tuple[str, ...]]":
    """Return who is one person, the tables by their files' names, and what there is to say of the links."""
    from clv import identity, pseudonyms, shop_reading
    from clv.keeping import hidden
    from clv.shop import Shop

    last = Shop.of(file, shop_id, until).last_day
    secret = pseudonyms.local_secret()
    read = hidden.of_orders(shop_reading.read_orders(file, shop_id, until=last), secret=secret)
    exports = [source.name for source in file.sources(shop_id)]
    told = hidden.of_links(shop_reading.read_links(file, shop_id), secret=secret, exports=exports)
    links = told.table
    level = "strong" if file.entry(shop_id).merges else "none"
    found = shop_reading.read_extra(file, shop_id, "members", buyer_kind=read.buyer_kind)
    members = found and hidden.of_extra(found, secret=secret, ours=read.orders["customer_id"]).table
    resolved = identity.resolve(read.orders, read.keys, links=links, level=level, members=members)
    if not len(resolved.persons):
        raise NoAnswerError(
            tell(
                "no order names a customer: {why_no_customers}; {what_would_help}.",
                why_no_customers=read.why_no_customers,
                what_would_help=read.what_would_help,
            )
        )
    what_if = identity.what_if(read.orders, read.keys, links=links, until=last or None, level=level)
    tables = {"persons": resolved.persons, "conflicts": resolved.conflicts, "what_if": what_if}
    return resolved, tables, (*told.notes, *identity.lost_links(resolved))


def _write(tables: "Mapping[str, pd.DataFrame]", folder: Path) -> None:
    """Write all tables, or leave the folder as it was."""
    from clv import scratch
    from clv.commands import table_files

    folder.mkdir(exist_ok=True, mode=0o700)
    with closing(scratch.folder(scratch.NEW, place=folder)) as room:
        for name, table in tables.items():
            table_files.write(table, room.path / f"{name}.csv")
        for name in tables:
            (room.path / f"{name}.csv").replace(folder / f"{name}.csv")


def _summary(resolved: "Resolved", tables: "Mapping[str, pd.DataFrame]") -> str:
    from clv.told import listed

    people, what_if = resolved.persons, tables["what_if"].set_index("level")
    before, now, strong = (what_if.loc[level] for level in ("none", resolved.level, "strong"))
    said = [
        tell(
            "{customers:,} customer ids are {people:,} persons",
            customers=int(before["customers"]),
            people=len(people),
        )
    ]
    several = people[people["ids"] > 1]
    if len(several):
        sure = several["confidence"].value_counts()
        told = (tell("{n:,} joined with {name} confidence", n=n, name=name) for name, n in sure.items())
        said[0] = tell("{said} ({more})", said=said[0], more=listed(told))
        said.append(
            tell(
                "{repeat_rate:.1%} bought again as ids, {repeat_rate2:.1%} as persons",
                repeat_rate=before["repeat_rate"],
                repeat_rate2=now["repeat_rate"],
            )
        )
    if strong["joined"] > now["joined"]:
        said.append(
            tell(
                "`identity: strong` would join {joined:,} ids more",
                joined=int(strong["joined"] - now["joined"]),
            )
        )
    said.append(tell("{conflicts:,} conflict(s)", conflicts=len(resolved.conflicts)))
    return tell("; ").join(said)
