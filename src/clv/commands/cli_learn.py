"""`clv learn`: what a past campaign showed, kept for the next plan."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.errors import ClvError, SettingError
from clv.language import tell

if TYPE_CHECKING:
    from clv.parameters import CampaignResults
    from clv.shop import Shop
    from clv.shop_files import ShopFile

_file = click.Path(path_type=Path, dir_okay=False)
_NOTEBOOK = "06_campaign_results"


@click.command(short_help="Keep what a campaign showed, for the next plan.")
@click.option("--shops", type=_file, required=True, help="The shop file.")
@click.option("--shop", "shop_ids", multiple=True, metavar="ID", help="Only this shop; repeatable.")
@click.option("--until", default="", metavar="DAY", help="Last day of observation, 2026-06-30.")
@click.option(
    "--set", "lines", multiple=True, metavar="NAME=VALUE", help=f"A parameter of {_NOTEBOOK}; repeatable."
)
def learn(shops: Path, shop_ids: tuple[str, ...], until: str, lines: tuple[str, ...]) -> int:
    """Measure campaigns of each shop as 06_campaign_results does, and add them to the shop's ledger.

    All that are over, or with --set campaign=NAME one. The shop file says where the ledger is kept, `ledger:
    ledger.jsonl`. A campaign whose figures are in it already is not added again; corrected figures supersede
    the earlier ones. Leaves with 1 where a campaign could not be added, or there was none.
    """
    from clv import shopfile

    file = shopfile.load(shops)
    given = _parameters(lines)
    ids = list(dict.fromkeys(shop_ids)) or [one for one in file.shops if file.entry(one).ledger]
    if not ids:
        raise SettingError(
            tell("no shop of {shops} names a ledger; add `ledger: ledger.jsonl` to one.", shops=shops.name)
        )
    todo = [_checked(file, shops, shop_id, until, given) for shop_id in ids]
    good = [_learned(shop, one) for shop, parameters in todo for one in _each(shop, parameters)]
    return 0 if all(good) else 1


def _parameters(lines: tuple[str, ...]) -> dict[str, object]:
    from clv.running import plan

    full = [line if "." in line.partition("=")[0] else f"{_NOTEBOOK}.{line}" for line in lines]
    found = plan.settings(full)
    other = sorted(found.keys() - {_NOTEBOOK})
    if other:
        raise SettingError(
            tell(
                "--set names {first}; only parameters of {notebook} count here.",
                first=other[0],
                notebook=_NOTEBOOK,
            )
        )
    return found.get(_NOTEBOOK, {})


def _checked(
    file: "ShopFile", shops: Path, shop_id: str, until: str, given: dict[str, object]
) -> "tuple[Shop, CampaignResults]":
    """Return the shop and the parameters of its measuring, all checked before anything is added."""
    from clv import parameters
    from clv.shop import Shop

    entry = file.entry(shop_id)
    if not entry.ledger:
        raise SettingError(
            tell(
                "shop {shop_id!r} names no ledger in {shops}; add `ledger: ledger.jsonl`, and what its "
                "campaigns show is kept there.",
                shop_id=shop_id,
                shops=shops.name,
            )
        )
    reserved = sorted(given.keys() & set(parameters.SET_BY_THE_BATCH))
    if reserved:
        raise SettingError(
            tell("--set {first} is not possible; the shop file or an option sets it.", first=reserved[0])
        )
    values = {**entry.notebooks.get(_NOTEBOOK, {}), **given, "shop_file": str(shops), "shop_id": shop_id}
    model = parameters.build(
        parameters.CampaignResults, values, where=tell("shop {shop_id!r}", shop_id=shop_id)
    )
    return Shop.of(file, shop_id, until), model


def _each(shop: "Shop", parameters: "CampaignResults") -> "list[CampaignResults]":
    """Return the parameters for each campaign that is over; as they are where one is named or none is."""
    from clv import responses

    if parameters.campaign:
        return [parameters]
    try:
        past, until = shop.past_campaigns(), shop.until
    except ClvError:  # told when the shop's turn comes
        return [parameters]
    names = responses.over(past, window=parameters.window_days, until=until)
    return [parameters.model_copy(update={"campaign": name}) for name in names] or [parameters]


def _learned(shop: "Shop", parameters: "CampaignResults") -> bool:
    import numpy as np

    from clv import ledger, shop_results
    from clv.running import runs

    try:
        results = shop_results.of(shop, parameters, rng=np.random.default_rng(parameters.seed))
        line = shop_results.entry(results, currency=shop.currency, at=runs.now())
        path = shop.file.ledger_file(shop.id)
        added = ledger.append(path, line)
    except ClvError as error:
        click.echo(tell("{shop:s}: nothing added. {error}", shop=shop.id, error=error), err=True)
        return False
    done = tell("added to {path}", path=path.name) if added else tell("in {path} already", path=path.name)
    told = {"shop": shop.id, "campaign": line.campaign, "done": done, "verdict": results.verdict.sentence}
    click.echo(tell("{shop:s}: {campaign:s}, {done}. {verdict}", **told))
    if results.registered is None:
        click.echo(
            tell("    note: nothing was registered, so what the offer gave is not known and not taken off.")
        )
    for said in results.notes:
        click.echo(tell("    note: {note}", note=said))
    return True
