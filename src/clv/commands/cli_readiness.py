"""`clv readiness`: which answers a shop's files carry, and which file would unlock the others."""

from pathlib import Path

import click

from clv.commands.run_options import FOLDER
from clv.errors import ClvError
from clv.language import tell, translated

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Say which file would unlock which answer.")
@click.argument("shops", type=_file)
@click.option("--shop", "shop_ids", multiple=True, metavar="ID", help="Only this shop; repeatable.")
@click.option("--until", default="", metavar="DAY", help="Last day of observation, 2026-06-30.")
@click.option("--out", type=FOLDER, default=Path("runs"), show_default=True, help="Where the pages go.")
def readiness(shops: Path, shop_ids: tuple[str, ...], until: str, out: Path) -> int:
    """Say what the files of each shop in SHOPS answer, and what one more file would.

    Writes a page for each shop, OUT/SHOP/readiness.html, as `clv batch` does.
    """
    from clv import shopfile
    from clv.running import readying
    from clv.shop import Shop

    file = shopfile.load(shops)
    chosen = [Shop.of(file, one, until) for one in dict.fromkeys(shop_ids or file.shops)]
    failed = False
    for shop in chosen:
        try:
            table = readying.write(out, shop)
        except ClvError as error:  # this shop's, not the other shops'
            click.echo(f"clv: {translated(str(error))}", err=True)
            failed = True
            continue
        click.echo(
            tell(
                "{shop:s}: {ready} of {table} answers can be had.",
                shop=shop.id,
                ready=table["ready"].sum(),
                table=len(table),
            )
        )
        for lacking, rows in table[~table["ready"]].groupby("lacking", sort=True):
            click.echo(f"  {lacking}")
            for answer in rows["answer"]:
                click.echo(f"    → {answer}")
        click.echo(f"  {out / shop.id / readying.NAME}")
    return int(failed)
