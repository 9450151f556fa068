"""One look for every page that we hand out: the templates, and files written whole or not at all."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clv import language
from clv.language import label, tell
from clv.telling.wording import ends, number, span, unit
from clv.whole_files import write_whole

WITHOUT_KEYS = 5  # facts of a notebook that names none
TEMPLATES = Path(__file__).with_name("templates")
HTML_LANG: dict[language.Language, str] = {"en": "en", "zh": "zh-CN"}


def render(template: str, **values: object) -> str:
    """Return a template of ours, filled, in the language spoken; every value but markup is escaped."""
    lang = HTML_LANG[language.spoken()]
    return _environment().get_template(template).render(lang=lang, **values)


def write_marked(path: Path, page: str) -> None:
    """Write a page with a mark that tells later whether it is still as it was written."""
    write_whole(path, f"{page.rstrip()}\n{_mark(page.rstrip())}")


def is_up_to_date(path: Path, made_from: str) -> bool:
    """Return whether the page is there, as `write_marked` wrote it, and names what it is made from."""
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return False
    page, _, _ = text.rpartition("\n<!-- ")
    return made_from in page and text == f"{page}\n{_mark(page)}"


def _mark(page: str) -> str:
    return f"<!-- {hashlib.sha256(page.encode()).hexdigest()[:24]} -->\n"


def when(moment: str) -> str:
    """Return an ISO date or time as the reader writes it; other text comes back as it is.

    >>> when("2026-07-01T09:30:12+08:00"), when("2026-06-30"), when("yesterday")
    ('1 July 2026, 09:30', '30 June 2026', 'yesterday')
    """
    try:
        time = datetime.fromisoformat(str(moment))
    except ValueError:
        return str(moment)
    clock = "" if len(str(moment)) <= len("2026-06-30") else f"{time:%H:%M}"
    if language.spoken() == "zh":
        return f"{time.year}年{time.month}月{time.day}日 {clock}".rstrip()
    return f"{time.day} {time:%B %Y}, {clock}".rstrip(", ")


def first_and_others(facts: Sequence[dict], keys: Sequence[str]) -> tuple[list[dict], list[dict]]:
    """Return the labelled facts that a notebook stands for, in the order of its keys, and the others.

    Without one of its keys it stands for the first that it told.
    """
    said = [fact for fact in facts if fact.get("label")]
    by_name = {fact["name"]: fact for fact in said}
    first = [by_name[name] for name in keys if name in by_name] or said[:WITHOUT_KEYS]
    return first, [fact for fact in said if fact not in first]


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(number=number, unit=unit, ends=ends, span=span, when=when)
    environment.globals.update(tell=tell, label=label)
    return environment
