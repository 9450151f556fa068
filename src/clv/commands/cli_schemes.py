"""`clv schemes` and `clv check-scheme`: which schemes there are, and what is wrong with one."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands import scheme_options
from clv.language import tell

if TYPE_CHECKING:
    from clv.schemes.contract import Scheme

_path = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="The segmentation schemes of the kit.")
def schemes() -> None:
    """List the schemes that the kit ships: id, name, source and rule; those easiest to apply first."""
    from clv import schemes as declared

    for scheme in declared.field():
        click.echo(f"{scheme.id}: {scheme.name.en} / {scheme.name.zh}")
        click.echo(tell("    {rule}\n    Source: {source}", rule=scheme.rule, source=scheme.source))


@click.command(short_help="What is wrong with a scheme file.")
@click.argument("scheme")
@click.option("--customers", type=_path, help="Also look at what these customers reveal, such as ties.")
def check_scheme(scheme: str, customers: Path | None) -> int:
    """Say what is wrong with SCHEME: a file in .yml, a scheme of the kit, or one as others published it.

    Gaps, overlaps, recency the wrong way round, levels that nobody can reach, names that others use for
    something else. Leaves with 1 where something is wrong.
    """
    from clv import faults

    declared = _as_it_stands(scheme)
    found = faults.of_scheme(declared)
    if customers is not None:
        found += faults.on_customers(declared, scheme_options.known(customers, None))
    for fault in found:
        click.echo(tell("{name}: {said}", name=fault.kind, said=fault.sentence))
    click.echo(
        tell("{declared}: {faults} fault(s)", declared=declared.id, faults=len(found))
        if found
        else tell("{declared}: nothing wrong", declared=declared.id)
    )
    return 1 if found else 0


def _as_it_stands(name: str) -> "Scheme":
    from clv import schemes as declared

    if name.lower().endswith(declared.FILE_ENDINGS):
        return declared.read(name)
    return declared.read_published(name) if name in declared.published() else declared.load(name)
