"""`clv batch`: every notebook for every shop, and a table of how it went."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.commands.run_options import FOLDER, STOPPED, RunProgress, at_a_time, lang_option, run_options
from clv.commands.text_table import aligned
from clv.language import label, tell

if TYPE_CHECKING:
    from clv.running.plan import Task
    from clv.running.runs import Record


@click.command(short_help="Run every notebook for every shop of a shop file.")
@click.argument("shops", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--notebook", "names", multiple=True, metavar="NAME", help="Only this notebook; repeatable.")
@click.option("--shop", "shop_ids", multiple=True, metavar="ID", help="Only this shop; repeatable.")
@click.option(
    "--set",
    "lines",
    multiple=True,
    metavar="NOTEBOOK.NAME=VALUE",
    help="A parameter, over the shop file's; repeatable.",
)
@lang_option
@click.option("--out", type=FOLDER, default=Path("runs"), show_default=True, help="Folder of the reports.")
@click.option("--pdf", is_flag=True, help="Print each report to a PDF too, by a Chromium that is there.")
@run_options
def batch(
    shops: Path,
    names: tuple[str, ...],
    shop_ids: tuple[str, ...],
    lines: tuple[str, ...],
    lang: str,
    until: str,
    jobs: int | None,
    out: Path,
    pdf: bool,  # noqa: FBT001 (click passes it by name)
    notebooks: Path | None,
    force: bool,  # noqa: FBT001 (click passes it by name)
    timeout: float | None,
    memory: float | None,
    dask: str,
) -> int:
    """Run every notebook for every shop of the shop file SHOPS and write OUT/index.html.

    Everything is checked before anything starts. One shop's failure never stops another. What is good
    already and made from the same exports, notebooks, parameters and program is not run again. A notebook
    about a file that a shop does not have (past campaigns) is left out, unless it is named; so is one about
    all shops where only some are asked for, or there is only one. Ctrl-C leaves whole files only, and the
    next run goes on from there.
    """
    from clv import batch as running
    from clv import shopfile
    from clv.running import notebook_files, plan

    file = shopfile.load(shops)
    place = notebook_files.folder(shops, notebooks)
    paths = notebook_files.chosen(place, names)
    todo = plan.tasks(
        file, paths, shops=shop_ids, given=plan.settings(lines), until=until, lang=lang, out=out
    )
    if not names:
        _say_skipped(place, paths)
        todo = plan.answerable(todo)
    warnings: list[str] = []
    with RunProgress(len(todo)) as progress:
        try:
            records = running.run(
                todo, out=out, jobs=at_a_time(jobs, dask), force=force, timeout=timeout,
                memory=memory, pdf=pdf, dask=dask, told=progress.tell, warned=warnings.append,
            )  # fmt: skip
        except running.Interrupted:
            progress.close()
            done = tell("{done} of {todo} runs were finished", done=progress.done, todo=len(todo))
            click.echo(
                tell("clv: stopped; {done} and kept, the next run goes on from there.", done=done), err=True
            )
            return STOPPED
    for sentence in warnings:
        click.echo(f"clv: {sentence}", err=True)
    click.echo(_summary(todo, records))
    click.echo(f"\n{out / 'index.html'}")
    return 0 if all(record["status"] == "ok" for record in records) else 1


def _say_skipped(place: Path, paths: Iterable[Path]) -> None:
    for path in sorted(set(place.glob("*.ipynb")) - set(paths)):
        click.echo(
            tell("skipped {path}: it has no contract in clv.notebook_contracts.", path=path.name), err=True
        )


def _summary(todo: Sequence["Task"], records: Sequence["Record"]) -> str:
    """Return shops × notebooks as aligned text, a line for what is about all, and for each bad run."""
    found = {(record["shop"], record["notebook"]): record for record in records}
    alone = [task for task in todo if not task.parameters.of_all_shops]
    shops = list(dict.fromkeys(task.shop.id for task in alone))
    notebooks = list(dict.fromkeys(task.name for task in alone))
    rows = [[label("shop"), *notebooks]]
    rows += [[shop, *(_word(found.get((shop, notebook))) for notebook in notebooks)] for shop in shops]
    lines = aligned(rows, numbers=False) if alone else []
    across = [task for task in todo if task.parameters.of_all_shops]
    lines += [
        tell("all shops: {task} {word}", task=task.name, word=_word(found.get((task.shop.id, task.name))))
        for task in across
    ]
    bad = [record for record in records if record["status"] != "ok"]
    return "\n".join(["", *lines, *map(_said, bad)])


def _said(record: "Record") -> str:
    return tell(
        "{shop:s} {notebook:s} {status}: {message}",
        **{name: record[name] for name in ("shop", "notebook", "status", "message")},
    )


def _word(record: "Record | None") -> str:
    if record is None:
        return "–"
    return label("ok (kept)") if record.get("kept") else label(record["status"])
