"""`clv segments`: who is in which segment of a scheme."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands import scheme_options
from clv.commands.cli_tables import refuse_own_input
from clv.commands.engine_options import out_file
from clv.commands.folders import check_folder_of
from clv.errors import InputError, SettingError
from clv.language import tell

if TYPE_CHECKING:
    import pandas as pd

    from clv.known import Known
    from clv.segmenting.rule import Rule

_path = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 20  # segments whose sizes are printed


@click.command(short_help="Customers and a scheme → who is in which segment.")
@click.argument("customers", type=_path)
@click.option("--scheme", required=True, metavar="NAME|FILE", help="Of the kit, a .yml file, or a rule kept.")
@click.option("--keep", type=_path, help="Keep what was learned as a rule in .json, to be used next month.")
@click.option("--orders", type=_path, help="The orders behind CUSTOMERS; windows-own learns from them.")
@scheme_options.horizon_option
@scheme_options.model_option
@scheme_options.threshold_option
@out_file
def segments(
    customers: Path,
    scheme: str,
    keep: Path | None,
    orders: Path | None,
    horizon: int | None,
    model: str | None,
    lines: tuple[str, ...],
    out: Path,
) -> None:
    """Write the segment of each customer, in English and Chinese, with its code and its R, F and M bits.

    --scheme takes a name that `clv schemes` lists, the shop's own file in .yml, or a rule that --keep wrote:
    the last is applied as it was learned then.
    """
    from clv import rfm
    from clv.commands import table_files
    from clv.telling.pages import write_whole

    table_files.check_name(out)
    refuse_own_input(out, [customers, *([orders] if orders else [])])
    _check_keep(keep)
    if keep is not None:
        refuse_own_input(keep, [customers, scheme, *([orders] if orders else [])])
    if scheme.lower().endswith(".json"):
        _refuse_settings({"--threshold": lines, "--horizon": horizon, "--model": model})
    known = scheme_options.known(customers, orders, horizon=horizon, model=model)
    rule = _rule(scheme, known, lines)
    found = rfm.segments(rule, known)
    if keep is not None:
        write_whole(keep, rfm.to_json(rule) + "\n")
    table_files.write(found, out)
    click.echo(_sizes(found))
    click.echo(
        tell(
            "{found:,} customers, {segment} segments of {en} → {out}",
            found=len(found),
            segment=found["segment"].nunique(),
            en=rule.scheme.name.en,
            out=out,
        )
    )


def _rule(scheme: str, known: "Known", lines: tuple[str, ...]) -> "Rule":
    from clv import rfm
    from clv import schemes as declared
    from clv.declaring import texts

    if not scheme.lower().endswith(".json"):
        return rfm.learn(declared.load(scheme, thresholds=scheme_options.numbers(lines)), known)
    try:
        return rfm.from_json(texts.read(Path(scheme)))
    except OSError:
        raise SettingError(
            tell("there is no rule {scheme!r}; keep one with `clv segments --keep`.", scheme=scheme)
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            tell("{scheme!r} is not UTF-8 text; keep the rule again with --keep.", scheme=scheme)
        ) from None
    except InputError as error:
        raise InputError(f"{Path(scheme).name}: {error}") from None


def _refuse_settings(given: dict[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise SettingError(
                tell(
                    "a kept rule has its own {option} already; leave {option2} out.",
                    option=option[2:],
                    option2=option,
                )
            )


def _check_keep(keep: Path | None) -> None:
    if keep is None:
        return
    if keep.suffix.lower() != ".json":
        raise SettingError(
            tell("--keep {keep!r} should end in .json; a rule is kept as JSON.", keep=keep.name)
        )
    check_folder_of(keep)


def _sizes(found: "pd.DataFrame") -> str:
    from clv.segment_map import common_bits

    sizes = found["segment"].value_counts()
    bits = found.groupby("segment")["bits"].agg(common_bits)
    shown = sizes.head(_SHOWN).items()
    rows = [f"{n:>9,}  {n / len(found):>6.1%}  {bits[name]}  {name}" for name, n in shown]
    more = len(sizes) - len(rows)
    return "\n".join([*rows, *([tell("           and {more} more", more=more)] if more else [])])
