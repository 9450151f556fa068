"""One playbook for one shop or all: run its notebooks, heed its guards, and hand over the lists.

    OUT/play.html                                what came of each shop
    OUT/index.html, OUT/<shop>/<notebook>.html   what the notebooks say
    OUT/<shop>/plan.json                         the plan, for programs; holds nobody's id
    OUT/<shop>/registration.json, .html          what the campaign is meant to show
    OUT/<shop>/lists/list-<channel>.csv, .xlsx   whom to write to; only its owner can read the folder

Lists are written last, and only where every step is good, no guard is broken and something is worth sending.
What an earlier play left for a shop is taken away first, so that nobody sends an old list for a new one.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clv import batch, design, handover, recall, registering, shop_campaign
from clv.batch import Told
from clv.decision import LEAVE, Decision
from clv.declaring import strict_json, texts
from clv.errors import ClvError, SettingError
from clv.handover import LISTS, PLAN_FILE
from clv.language import tell
from clv.offering.words import Language
from clv.playbooks import RECALL, Playbook
from clv.playing import guards
from clv.running import runs
from clv.running.holding import alone, held
from clv.running.plan import Task
from clv.running.runs import Record
from clv.sending import lists
from clv.telling import play_page

_REGISTERED = "What is it meant to show?"


@dataclass(frozen=True)
class Played:
    """How a play ended for one shop.

    Attributes
    ----------
    status
        'lists' (written), 'leave' (nothing is worth sending), 'stopped' (by a guard), or the status of the
        step that was not good.
    sentence
        Why, or what to do.
    files
        Lists and sheets, below the play's folder.
    notes
        What should be known of the test and the messages.
    """

    shop: str
    status: str
    sentence: str
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether the play came to an answer."""
        return self.status in ("lists", LEAVE)


def run(
    playbook: Playbook,
    todo: Sequence[Task],
    *,
    out: Path,
    jobs: int,
    language: Language,
    force: bool = False,
    timeout: float | None = None,
    memory: float | None = None,
    dask: str = "",
    told: Told = lambda record: None,
) -> list[Played]:
    """Play a playbook's steps, and return how it ended for each shop.

    Parameters
    ----------
    todo
        The steps for every shop, as `running.plan.tasks` makes them.
    language
        Of messages and reasons.
    out, jobs, force, timeout, memory, dask, told
        As `batch.run`.

    Raises
    ------
    Interrupted, SettingError
        As `batch.run`; also when another play writes to `out`.
    """
    shops = list(dict.fromkeys(task.shop.id for task in todo))
    for task in todo:
        if task.name == RECALL:
            shop_campaign.send_on(task.shop, task.parameters)
            task.shop.forget()
    with suppress(OSError):  # what `held` says in a sentence
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(out, lock=".play.lock", what="play"):
        with alone(out):  # told before anything of an earlier play is taken away
            pass
        (out / play_page.PAGE).unlink(missing_ok=True)
        for shop_id in shops:
            _clear(out / shop_id)
        refused = {task.shop.id: said for task in todo if (said := _refusal(playbook, task, language))}
        for task in todo:
            if task.shop.id in refused:
                runs.clear(out, task.shop.id, task.name)
        rest = [task for task in todo if task.shop.id not in refused]
        records = batch.run(
            rest, out=out, jobs=jobs, force=force, timeout=timeout, memory=memory, dask=dask, told=told
        )
        found = [
            refused.get(shop_id) or _played(playbook, shop_id, rest, records, out=out, language=language)
            for shop_id in shops
        ]
        _write_page(playbook, todo, found, out=out)
    return found


def _played_before(out: Path, *, besides: Collection[str]) -> list[dict[str, Any]]:
    """Return the rows of shops that an earlier play into this folder answered, and this one did not touch."""
    rows = []
    for path in sorted(out.glob(f"*/{PLAN_FILE}")):
        shop_id = path.parent.name
        if shop_id in besides:
            continue
        try:
            plan = strict_json.read(texts.read(path))
            sentence = tell(
                "{sentence} (An earlier play, for {send_on}.)",
                sentence=str(plan["decision"]["sentence"]),
                send_on=str(plan["send_on"]),
            )
            names = (Path(name).name for name in plan.get("files", []))
            listed = [f"{shop_id}/{LISTS}/{name}" for name in names if name not in ("", "..")]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # not ours, or damaged
            continue
        files = [*listed, *_beside(out, shop_id)]
        status = "lists" if listed else LEAVE
        reports = {page.stem: f"{shop_id}/{page.name}" for page in sorted(path.parent.glob("*.html"))}
        rows.append(
            {"name": shop_id, "status": status, "sentence": sentence, "reports": reports, "files": files}
        )
    return rows


def _beside(out: Path, shop_id: str) -> list[str]:
    """Return what is to be kept with a shop's lists, as far as it is there."""
    paths = [f"{shop_id}/{name}" for name in (registering.FILE, PLAN_FILE)]
    return [path for path in paths if (out / path).is_file()]


def _write_page(playbook: Playbook, todo: Sequence[Task], found: Sequence[Played], *, out: Path) -> None:
    """Write the page that says what came of each shop, with links to all that is there."""
    names = {task.shop.id: task.shop.name for task in todo}
    questions = {task.name: task.question for task in todo}
    rows = []
    for one in found:
        there = {q: f"{one.shop}/{name}.html" for name, q in questions.items()}
        there[_REGISTERED] = f"{one.shop}/{registering.PAGE}"
        reports = {q: path for q, path in there.items() if (out / path).is_file()}
        files = [*one.files, *_beside(out, one.shop)]
        row = {"name": names[one.shop], "status": one.status, "sentence": one.sentence}
        rows.append({**row, "reports": reports, "files": files})
    rows += _played_before(out, besides=names)
    question = f"{playbook.question.en} {playbook.question.zh}"
    play_page.write(out, rows, title=playbook.title, question=question, made_at=runs.now())


def _clear(place: Path) -> None:
    """Take away what an earlier play left for a shop, and what one that was killed did not finish."""
    try:
        (place / PLAN_FILE).unlink(missing_ok=True)
        registering.clear(place)
        lists.clear(place / LISTS)
    except OSError as error:
        raise SettingError(
            tell(
                "the old lists of shop {place!r} cannot be taken away ({strerror}); name another folder "
                "with --out.",
                place=place.name,
                strerror=error.strerror,
            )
        ) from None


def _refusal(playbook: Playbook, task: Task, language: Language) -> Played | None:
    """Return why no list could be made for the shop, whatever the notebooks say."""
    if task.name != RECALL:
        return None
    try:
        recall.require_members(task.shop.members())
        handover.check(playbook, task.shop, task.parameters, language)
    except ClvError as error:
        return Played(task.shop.id, "refused", str(error))
    finally:
        task.shop.forget()
    return None


def _played(
    playbook: Playbook,
    shop_id: str,
    todo: Sequence[Task],
    records: Sequence[Record],
    *,
    out: Path,
    language: Language,
) -> Played:
    mine = [record for record in records if record["shop"] == shop_id]
    bad = next((record for record in mine if record["status"] != "ok"), None)
    if bad:
        return Played(shop_id, bad["status"], f"{bad['notebook']}: {bad['message']}")
    facts = {fact["name"]: fact for record in mine for fact in record["facts"]}
    values = {name: fact["value"] for name, fact in facts.items()}
    units = {name: fact["unit"] for name, fact in facts.items()}
    stops = guards.broken(playbook.guards, values, units=units)
    if stops:
        return Played(shop_id, "stopped", " ".join(stops))
    task = next(task for task in todo if task.shop.id == shop_id and task.name == RECALL)
    try:
        return _handed_over(playbook, task, values, out=out, language=language)
    except OSError as error:
        _clear(out / shop_id)
        said = tell(
            "the lists cannot be written ({strerror}); name another folder with --out.",
            strerror=error.strerror,
        )
        return Played(shop_id, "refused", said)
    except BaseException as error:
        _clear(out / shop_id)
        if isinstance(error, ClvError):
            return Played(shop_id, "refused", str(error))
        raise
    finally:
        task.shop.forget()


def _handed_over(
    playbook: Playbook, task: Task, facts: Mapping[str, Any], *, out: Path, language: Language
) -> Played:
    """Work the campaign out once more, as the notebook did, and write what may be sent."""
    shop, parameters, place = task.shop, task.parameters, out / task.shop.id
    decision = Decision(facts["recall.decision"], facts["recall.why"])
    campaign = shop_campaign.of(shop, playbook, parameters)
    plan = handover.plan_of(
        campaign, playbook, shop, parameters, decision=decision, facts=facts, language=language
    )
    if decision.word == LEAVE:
        handover.save_plan(plan, place / PLAN_FILE)
        return Played(shop.id, LEAVE, decision.sentence)
    paths = handover.write(campaign, playbook, shop, parameters, language=language, folder=place / LISTS)
    files = tuple(f"{shop.id}/{LISTS}/{path.name}" for path in paths)
    notes = tuple(handover.check(playbook, shop, parameters, language))
    proposed = design.propose(campaign)
    registered = registering.of(
        campaign, playbook, shop, parameters, proposed=proposed, facts=facts, at=runs.now()
    )
    registering.write(registered, proposed, shop=shop.name, title=playbook.title, place=place)
    plan |= {"files": files, "messages": notes, "test": proposed.sentence}
    handover.save_plan(plan, place / PLAN_FILE)
    return Played(shop.id, "lists", decision.sentence, files, (proposed.sentence, *notes))
