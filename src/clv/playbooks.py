"""Playbooks: one Markdown page each, which people read and the program runs.

The front matter says whom a campaign is for, what may be offered, which notebooks answer and which facts stop
it; the page below says why. Everything named there must exist: keys, notebooks, parameters, facts, headings.
"""

from pathlib import Path

import clv
from clv.declaring.settings import validated
from clv.errors import SettingError, nearest
from clv.language import tell
from clv.playing import checks, front_matter, sections
from clv.playing.contract import OF_THE_FILE, RECALL, Playbook
from clv.playing.front_matter import Page

__all__ = ["RECALL", "Playbook", "find", "folder", "load", "names", "parse", "seen_from"]

FILE_ENDING = ".md"


def folder(given: Path | None = None) -> Path:
    """Return the folder of playbooks: the given one, else `playbooks` here, one above, or at the source.

    Raises
    ------
    SettingError
        There is none that holds a playbook.
    """
    here = Path.cwd()
    places = [here, here.parent, Path(clv.__file__).resolve().parents[2]]
    for place in [given] if given else [place / "playbooks" for place in places]:
        if place.is_dir() and _files(place):
            return place.resolve()
    looked = (
        tell("the folder {given!r}", given=given.name)
        if given
        else "this folder, the one above or at the program's source"
    )
    raise SettingError(
        tell(
            "there are no playbooks in {looked}; name a playbook by its path, such as mine.md.", looked=looked
        )
    )


def names(place: Path | None = None) -> list[str]:
    """Return the names of all playbooks of a folder, sorted; README is none."""
    return [path.stem for path in _files(folder(place))]


def find(name: str, *, place: Path | None = None) -> Path:
    """Return the file of the playbook with this name.

    Raises
    ------
    SettingError
        There is none; with the nearest.
    """
    home = folder(place)
    if name not in names(home):
        raise SettingError(
            tell("there is no playbook {name!r}; {nearest}", name=name, nearest=nearest(name, names(home)))
        )
    return home / f"{name}{FILE_ENDING}"


def load(playbook: Path | str, *, place: Path | None = None) -> Playbook:
    """Return a checked playbook: by its name, or the page at a path that ends in .md.

    Parameters
    ----------
    place
        The folder in which names are sought; without it, as `folder`.

    Raises
    ------
    SettingError
        One sentence: which line, what is wrong, what to do.
    """
    path = Path(playbook) if _is_path(playbook) else find(str(playbook), place=place)
    return _checked(front_matter.read(path, what="playbook"), name=path.stem)


def parse(text: str, *, name: str) -> Playbook:
    """Return the checked playbook that a text says.

    Raises
    ------
    SettingError
        As `load`.
    """
    return _checked(front_matter.parse(text, file=f"{name}{FILE_ENDING}"), name=name)


def seen_from(place: Path, playbook: str) -> Path:
    """Return the file of the playbook that something in the folder `place` names: by its name or its path.

    Raises
    ------
    SettingError
        As `find`.
    """
    return place / playbook if _is_path(playbook) else find(playbook)


def _is_path(playbook: Path | str) -> bool:
    return str(playbook).lower().endswith(FILE_ENDING)


def _files(place: Path) -> list[Path]:
    return sorted(
        path
        for path in place.glob(f"*{FILE_ENDING}")
        if path.is_file() and path.stem.lower() != "readme" and not path.name.startswith(".")
    )


def _checked(page: Page, *, name: str) -> Playbook:
    for key in page.keys:
        if key in OF_THE_FILE:
            raise SettingError(
                tell(
                    "{where}: unknown key {key!r}; it is {of_the_file}.",
                    where=page.where([key]),
                    key=key,
                    of_the_file=OF_THE_FILE[key],
                )
            )
    own = {"name": name, "title": sections.title(page.body), "body": page.body}
    playbook = validated(Playbook, {**page.keys, **own}, noun="key", where=page.where)
    checks.check_steps(playbook, page)
    checks.check_facts(playbook, page)
    checks.check_messages(playbook, page)
    sections.check(page.body, file=page.file, begins=page.begins)
    return playbook
