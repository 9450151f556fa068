"""`clv addressees` and `clv check-message`: what a list needs before it is sent."""

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from clv.commands.cli_tables import refuse_own_input
from clv.errors import InputError, NoAnswerError, SettingError
from clv.language import tell

if TYPE_CHECKING:
    import pandas as pd

    from clv.shop_files import ShopFile

_file = click.Path(path_type=Path, dir_okay=False)
_BASIS = 6  # characters in which a basis can at least be named
# What a sender needs of a list, beside the address.
_TO_SEND = ("customer_id", "channel", "send_on", "send_from", "send_to", "subject", "message", "code")
_NEEDED = ("customer_id", "channel")
_OUR_OWN = ("arm", "kept", "why_not", "campaign", "offer", "runs_until")  # says nothing to a sender


@click.command(short_help="A list → whom to send what and when, with the customer ids of the export.")
@click.argument("list_file", metavar="LIST", type=_file)
@click.option("--shops", type=_file, required=True, help="The shop file.")
@click.option("--shop", "shop_id", required=True, metavar="ID", help="The list's shop.")
@click.option("--out", type=_file, required=True, help="Where to write it (.csv).")
def addressees(list_file: Path, shops: Path, shop_id: str, out: Path) -> None:
    """Write what a sender needs for each customer of LIST who is to be contacted.

    That is the customer's id in the shop's own export as `address`, then customer_id, channel, and what LIST
    has of send_on, send_from, send_to, subject, message, code and columns that the kit does not know. LIST is
    one of `clv play`, `clv visitors`, `clv contact-calendar` or `clv follow-up`. Those who are left alone are
    not in it: where LIST has an arm only `send` is sent, where it has `kept` only what is kept. The file
    names people: only its owner can read it, it belongs into no report, and it should be deleted once the
    list was sent.
    """
    from clv import Shop
    from clv.sending import lists

    _checked(out, list_file, shops)
    wanted = _to_send(list_file)
    wanted.insert(0, "address", Shop.open(shops, shop_id).addressees(wanted["customer_id"]))
    lists.write_csv(wanted, out)
    click.echo(
        tell(
            "{wanted:,} addressees in {out}; delete the file once the list was sent.",
            wanted=len(wanted),
            out=out,
        )
    )
    click.echo(
        tell(
            "An address is the customer's id in the export. A nick or a member's number is no phone "
            "number: the shop's own system knows the phone, e-mail or WeCom contact that belongs to "
            "it."
        )
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
    that use, which consent to messages is not (PIPL article 23). --basis says what it rests on, and stands in
    the file. Only who is known by a whole phone number or mail address has such a number; the others are left
    out and counted.
    """
    from clv import Shop, shopfile
    from clv.sending import ad_numbers, lists

    said = basis.strip()
    if len(said) < _BASIS or len(set(said)) == 1:
        raise SettingError(tell("--basis should say where and when these customers agreed to be handed on."))
    _checked(out, list_file, shops)
    shop, (_, *further) = Shop.open(shops, shop_id), shopfile.load(shops).sources(shop_id)
    kind = shop.read().buyer_kind
    if kind not in ("phone", "email") and not further:
        raise NoAnswerError(
            tell(
                "the orders of shop {shop_id!r} tell customers apart by {kind}, which no platform knows; "
                "phone numbers or mail addresses are needed.",
                shop_id=shop_id,
                kind=kind,
            )
        )
    ids = shop.addressees(_to_send(list_file)["customer_id"]).drop_duplicates()
    hashed = ad_numbers.hashed(ids, kind=kind, further=[source.name for source in further])
    if hashed.empty:
        raise NoAnswerError(
            tell("none of the {ids:,} to be contacted has a phone number or mail address.", ids=len(ids))
        )
    lists.write_csv(hashed.to_frame("sha256").assign(basis=said), out)
    click.echo(
        tell(
            "{hashed:,} hashed numbers in {out}, of {ids:,} to be contacted; delete the file once it "
            "was handed over.",
            hashed=len(hashed),
            out=out,
            ids=len(ids),
        )
    )


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
        click.echo(tell("{name}: {said}", name=fault.severity, said=fault.sentence))
    if channel == "sms":
        click.echo(
            tell(
                "{sms_length} characters, {sms_parts} SMS",
                sms_length=messages.sms_length(text),
                sms_parts=messages.sms_parts(text),
            )
        )
    click.echo(tell("{faults} fault(s)", faults=len(found)) if found else tell("nothing wrong"))
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


def _checked(out: Path, list_file: Path, shops: Path) -> None:
    """Refuse a name that is no .csv, is in no folder, or is a file that is read or lies beside the list."""
    from clv import shopfile
    from clv.commands import table_files

    if out.suffix.lower() != ".csv":
        raise SettingError(tell("{out!r} should end in .csv, for that is how it is written.", out=out.name))
    table_files.check_name(out)
    siblings = [path for path in Path(os.path.realpath(list_file)).parent.glob("*") if path.is_file()]
    refuse_own_input(out, [list_file, shops, *siblings, *_files_of(shopfile.load(shops))])


def _to_send(path: Path) -> "pd.DataFrame":
    """Return the rows of a list that are not to be left alone, with what a sender needs of their columns.

    Raises
    ------
    InputError
        It is no list.
    NoAnswerError
        All of it is left alone.
    """
    import pandas as pd

    from clv.commands import table_files
    from clv.tables import SENDLIST

    try:
        rows = table_files.as_text(path)
    except FileNotFoundError:
        raise InputError(
            tell("there is no list {path!r}; commands like `clv play` write them.", path=path.name)
        ) from None
    except (OSError, ValueError):
        rows = pd.DataFrame()
    if not {*_NEEDED} <= set(rows):
        needed = ", ".join(_NEEDED)
        raise InputError(
            tell(
                "{path!r} is no list of the kit, a .csv with the columns {needed}.",
                path=path.name,
                needed=needed,
            )
        )
    for name, yes in (("arm", "send"), ("kept", "True")):
        rows = rows[rows[name] == yes] if name in rows else rows
    if rows.empty:
        raise NoAnswerError(
            tell("{path!r} holds nobody to be contacted; all of it is left alone.", path=path.name)
        )
    first = [name for name in _TO_SEND if name in rows]
    told = SENDLIST.columns if "message" in rows else _OUR_OWN  # with a message all is said
    others = [name for name in rows if name not in (*first, *told)]
    return rows[[*first, *others]].reset_index(drop=True)
