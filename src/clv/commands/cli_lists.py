"""`clv addressees` and `clv check-message`: what a list needs before it is sent."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands import table_files
from clv.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="A list's pseudonyms → the customer ids of the export, for sending.")
@click.argument("list_file", metavar="LIST", type=_file)
@click.option("--shops", type=_file, required=True, help="The shop file.")
@click.option("--shop", "shop_id", required=True, metavar="ID", help="The list's shop.")
@click.option("--out", type=_file, required=True, help="Where to write customer_id and address (.csv).")
def addressees(list_file: Path, shops: Path, shop_id: str, out: Path) -> None:
    """Write for each customer of LIST who is to be contacted the id that the shop's own export has.

    The file names people: only its owner can read it, it belongs into no report, and it should be deleted
    once the list was sent. Those who are left alone are not in it.
    """
    from clv import Shop
    from clv.sending import lists

    table_files.check_name(out)
    wanted = _to_send(list_file)
    found = Shop.open(shops, shop_id).addressees(wanted).map(lists.neutralised)
    table_files.write(wanted.to_frame().assign(address=found), out, mode=0o600)
    click.echo(f"{len(wanted):,} addressees in {out}; delete the file once the list was sent.")


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


def _to_send(path: Path) -> "pd.Series":
    """Return the customers of a list who are not left alone."""
    import pandas as pd

    try:
        rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        return rows.loc[rows["arm"] == "send", "customer_id"].reset_index(drop=True)
    except FileNotFoundError:
        raise InputError(f"there is no list {path.name!r}; `clv play` writes them.") from None
    except (OSError, ValueError, KeyError):
        raise InputError(
            f"{path.name!r} is no list of `clv play`: it needs the columns customer_id and arm, as .csv."
        ) from None
