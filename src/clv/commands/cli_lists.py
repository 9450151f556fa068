"""`clv addressees` and `clv check-message`: what a list needs before it is sent."""

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from clv.commands.cli_tables import refuse_own_input
from clv.errors import InputError, NoAnswerError, SettingError

if TYPE_CHECKING:
    import pandas as pd

    from clv.shopfile import ShopFile

_file = click.Path(path_type=Path, dir_okay=False)
_BASIS = 10  # characters in which a basis can at least be named
# What a sender needs of a list, beside the address.
_TO_SEND = ("customer_id", "channel", "send_on", "send_from", "send_to", "subject", "message", "code")


@click.command(short_help="A list → whom to send what and when, with the customer ids of the export.")
@click.argument("list_file", metavar="LIST", type=_file)
@click.option("--shops", type=_file, required=True, help="The shop file.")
@click.option("--shop", "shop_id", required=True, metavar="ID", help="The list's shop.")
@click.option("--out", type=_file, required=True, help="Where to write it (.csv).")
def addressees(list_file: Path, shops: Path, shop_id: str, out: Path) -> None:
    """Write what a sender needs for each customer of LIST who is to be contacted.

    That is the customer's id in the shop's own export as `address`, then customer_id, channel, send_on,
    send_from, send_to, subject, message and code. Those who are left alone are not in it. The file names
    people: only its owner can read it, it belongs into no report, and it should be deleted once the list was
    sent.
    """
    from clv import Shop, shopfile
    from clv.commands import table_files
    from clv.sending import lists

    if out.suffix.lower() != ".csv":
        raise SettingError(f"{out.name!r} should end in .csv, for that is how it is written.")
    table_files.check_name(out)
    file = shopfile.load(shops)
    siblings = [path for path in list_file.resolve().parent.glob("*") if path.is_file()]
    refuse_own_input(out, [list_file, shops, *siblings, *_files_of(file)])
    wanted = _to_send(list_file)
    if wanted.empty:
        raise NoAnswerError(f"{list_file.name!r} holds nobody to be contacted; all of it is left alone.")
    ids = wanted["customer_id"].map(lists.as_it_was)
    wanted.insert(0, "address", Shop.open(shops, shop_id).addressees(ids))
    lists.write_csv(wanted, out)
    click.echo(f"{len(wanted):,} addressees in {out}; delete the file once the list was sent.")
    click.echo(
        "An address is the customer's id in the export. A nick or a member's number is no phone number: "
        "the shop's own system knows the phone, e-mail or WeCom contact that belongs to it."
    )


@click.command(short_help="A list → hashed numbers for an advertising platform, if that is lawful.")
@click.argument("list_file", metavar="LIST", type=_file)
@click.option("--shops", type=_file, required=True, help="The shop file.")
@click.option("--shop", "shop_id", required=True, metavar="ID", help="The list's shop.")
@click.option("--basis", required=True, help="Why they may be handed on: where and when they agreed to that.")
@click.option("--out", type=_file, required=True, help="Where to write it (.csv).")
def ad_audience(list_file: Path, shops: Path, shop_id: str, basis: str, out: Path) -> None:
    """Write SHA-256 of the phone numbers or mail addresses of those on LIST who are to be contacted.

    A platform that has the same number can find its owner, so this hands people on: it takes their consent to
    that use, which consent to messages is not (PIPL articles 23 and 29). --basis says what it rests on, and
    stands in the file. Only shops whose customers are told apart by phone or mail address have such numbers.
    """
    import hashlib

    from clv import Shop, shopfile
    from clv.commands import table_files
    from clv.sending import lists

    if len(basis.strip()) < _BASIS:
        raise SettingError("--basis should say where and when these customers agreed to be handed on.")
    table_files.check_name(out)
    file = shopfile.load(shops)
    refuse_own_input(out, [list_file, shops, *_files_of(file)])
    shop = Shop.open(shops, shop_id)
    if shop.read().buyer_kind not in ("phone", "email"):
        raise NoAnswerError(
            f"the orders of shop {shop_id!r} tell customers apart by {shop.read().buyer_kind}, which no "
            "platform knows; phone numbers or mail addresses are needed."
        )
    wanted = _to_send(list_file)
    ids = shop.addressees(wanted["customer_id"].map(lists.as_it_was))
    hashed = ids.map(lambda one: hashlib.sha256(one.strip().lower().encode()).hexdigest())
    lists.write_csv(
        hashed.drop_duplicates().sort_values().to_frame("sha256").assign(basis=basis.strip()), out
    )
    click.echo(f"{hashed.nunique():,} hashed numbers in {out}; delete the file once it was handed over.")


@click.command(short_help="What is wrong with a message before it is sent.")
@click.argument("text")
@click.option("--channel", default="sms", show_default=True, help="sms, wecom, phone or email.")
@click.option("--profile", default="general", show_default=True, help="Whose rules: general or huawei-iot.")
def check_message(text: str, channel: str, profile: str) -> int:
    """Say what is wrong with TEXT: sender's mark, way to refuse, length, superlatives, open placeholders.

    Leaves with 1 where it must not be sent like this.
    """
    from clv.sending import message_faults, messages

    found = message_faults.faults(text, channel=channel, profile=profile)
    for fault in found:
        click.echo(f"{fault.severity}: {fault.sentence}")
    if channel == "sms":
        click.echo(f"{messages.sms_length(text)} characters, {messages.sms_parts(text)} SMS")
    click.echo(f"{len(found)} fault(s)" if found else "nothing wrong")
    return 1 if any(fault.severity == "must" for fault in found) else 0


def _files_of(file: "ShopFile") -> list[Path]:
    """Return every file of every shop that is there."""
    from clv.shop_entry import Extra

    found: list[Path] = []
    for shop_id in file.shops:
        reads = [file.order_files, file.item_files, file.scheme_files]
        reads += [partial(file.extra_files, key=key) for key in get_args(Extra)]
        for read in reads:
            with suppress(InputError):  # a file that is not there cannot be lost
                found += read(shop_id)
    return found


def _to_send(path: Path) -> "pd.DataFrame":
    """Return the rows of a list that are not to be left alone, with the columns that a sender needs."""
    import pandas as pd

    try:
        rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        return rows.loc[rows["arm"] == "send", list(_TO_SEND)].reset_index(drop=True)
    except FileNotFoundError:
        raise InputError(f"there is no list {path.name!r}; `clv play` writes them.") from None
    except (OSError, ValueError, KeyError):
        raise InputError(
            f"{path.name!r} is no list of `clv play`, a .csv with the columns arm, {', '.join(_TO_SEND)}."
        ) from None
