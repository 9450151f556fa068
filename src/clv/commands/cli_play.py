"""`clv play`: one playbook for one shop or all; and `clv playbooks`: which there are."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clv.commands.run_options import FOLDER, STOPPED, RunProgress, at_a_time, run_options
from clv.errors import SettingError
from clv.language import tell

if TYPE_CHECKING:
    from clv.play import Played
    from clv.playbooks import Playbook

_file = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="The playbooks: one decision each.")
@click.option("--folder", type=FOLDER, help="Folder of the playbooks.  [default: here, or at the source]")
def playbooks(folder: Path | None) -> None:
    """List the playbooks: name, title, how often, and the question that each answers."""
    from clv import playbooks as pages

    place = pages.folder(folder)
    for name in pages.names(place):
        page = pages.load(name, place=place)
        click.echo(f"{name}: {page.title} ({page.cadence})")
        click.echo(f"    {page.question.en}\n    {page.question.zh}")


@click.command(short_help="Run a playbook: reports, a plan, and lists that may be sent.")
@click.argument("playbook")
@click.option("--shops", type=_file, required=True, help="The shop file.")
@click.option("--shop", "shop_ids", multiple=True, metavar="ID", help="Only this shop; repeatable.")
@click.option(
    "--set",
    "lines",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of 05_recall_offers (budget=5000), or NOTEBOOK.NAME=VALUE; repeatable.",
)
@click.option("--out", type=FOLDER, help="Folder of reports, plan and lists.  [default: plays/PLAYBOOK]")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of messages."
)
@run_options
def play(
    playbook: str,
    shops: Path,
    shop_ids: tuple[str, ...],
    lines: tuple[str, ...],
    until: str,
    jobs: int | None,
    out: Path | None,
    lang: str,
    notebooks: Path | None,
    force: bool,  # noqa: FBT001 (click passes it by name)
    timeout: float | None,
    memory: float | None,
    dask: str,
) -> int:
    """Run PLAYBOOK (a name that `clv playbooks` lists, or a page in .md) for the shops of a shop file.

    Runs its notebooks, heeds its guards, and leaves reports, a plan for programs and lists per channel below
    OUT. A guard that is broken, or a step that is not good, leaves a shop without lists and says why. Leaves
    with 1 where a shop came to no answer.
    """
    from clv import batch, shopfile
    from clv import play as playing
    from clv import playbooks as pages
    from clv.running import notebook_files, plan

    page = pages.load(playbook)
    file = shopfile.load(shops)
    place = notebook_files.folder(shops, notebooks)
    given = _given(page, playbook, place, lines)
    todo = plan.tasks(
        file, notebook_files.chosen(place, list(page.steps)), shops=shop_ids, given=given, until=until
    )
    folder = out or Path("plays") / page.name
    with RunProgress(len(todo)) as progress:
        try:
            played = playing.run(
                page, todo, out=folder, jobs=at_a_time(jobs, dask), language=lang, force=force,
                timeout=timeout, memory=memory, dask=dask, told=progress.tell,
            )  # fmt: skip
        except batch.Interrupted:
            progress.close()
            click.echo(tell("clv: stopped; no list was written, the next run goes on from there."), err=True)
            return STOPPED
    click.echo(_summary(played, folder))
    return 0 if all(one.is_good for one in played) else 1


def _given(page: "Playbook", playbook: str, place: Path, lines: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the parameters of the steps: the playbook's, and over them those of the call."""
    from clv import playbooks as pages
    from clv.running import plan

    full = [line if "." in line.partition("=")[0] else f"{pages.RECALL}.{line}" for line in lines]
    called = plan.settings(full)
    if "playbook" in called.get(pages.RECALL, {}):
        raise SettingError(
            tell("--set playbook is not possible; name the playbook as the command's first word.")
        )
    path = Path(playbook) if playbook.lower().endswith(pages.FILE_ENDING) else pages.find(playbook)
    steps = {name: {**given, **called.pop(name, {})} for name, given in page.steps.items()}
    steps[pages.RECALL]["playbook"] = plan.seen_from(place, path)
    return {**steps, **called}


def _summary(played: "Sequence[Played]", folder: Path) -> str:
    lines = [""]
    for one in played:
        told = {"shop": one.shop, "status": one.status, "sentence": one.sentence}
        lines.append(tell("{shop:s}: {status}. {sentence}", **told))
        lines += [f"    {folder / name}" for name in one.files]
        lines += [tell("    note: {note}", note=note) for note in one.notes]
    return "\n".join([*lines, "", str(folder / "play.html")])
