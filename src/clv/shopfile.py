"""The shop file: which shops there are, where their exports lie, and how each is to be read.

    shops:
      gold:
        name: Gold
        platform: taobao
        orders: gold/ExportOrderList*.csv
    defaults:
      timezone: Asia/Shanghai

Where the files lie that it names: `shop_files`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from clv import parameters, sources
from clv.declaring import strict_yaml, texts
from clv.declaring.paths import FORMS
from clv.declaring.settings import Where, validated
from clv.errors import SettingError
from clv.language import tell
from clv.reading import columns
from clv.shop_entry import DEVICES, NAME, Defaults, Entry, File
from clv.shop_files import ShopFile


def load(path: Path | str) -> ShopFile:
    """Return the checked shop file; nothing is read but this file.

    Raises
    ------
    SettingError
        One sentence: which shop, which line, what is wrong, what to do.
    """
    path = Path(path)
    data, root = _read(path)

    def where(*steps: str | int, place: str = "") -> str:
        line = strict_yaml.line(root, steps)
        return ", ".join(
            [path.name, *([tell("line {line}", line=line)] if line else []), *([place] if place else [])]
        )

    if not isinstance(data, dict):
        raise SettingError(
            tell("{path} is empty or no mapping; it should begin with 'shops:'.", path=path.name)
        )
    file = validated(File, data, noun="key", where=lambda loc: where(*loc))
    given = file.defaults or {}
    validated(Defaults, given, noun="key", where=lambda loc: where("defaults", *loc, place="defaults"))
    found = ShopFile(
        path.resolve(), {i: _entry(i, s or {}, given, root, path) for i, s in file.shops.items()}
    )
    _check_ledgers(found)
    return found


def _check_ledgers(file: ShopFile) -> None:
    """Say which two shops share a ledger: what one's campaigns taught would be believed of the other."""
    owner: dict[Path, str] = {}
    for shop_id in file.shops:
        path = file.ledger_file(shop_id)
        if path is not None and owner.setdefault(path.resolve(), shop_id) != shop_id:
            raise SettingError(
                tell(
                    "{path}: shops {owner!r} and {shop_id!r} name the same ledger; give each shop a file of "
                    "its own.",
                    path=file.path.name,
                    owner=owner[path.resolve()],
                    shop_id=shop_id,
                )
            )


def _read(path: Path) -> tuple[Any, yaml.Node | None]:
    try:
        return strict_yaml.read(texts.read(path))
    except SettingError as error:
        raise SettingError(f"{path.name}, {error}") from None
    except FileNotFoundError:
        raise SettingError(
            tell("there is no shop file {path}; see data/samples/shops.yml for one.", path=path)
        ) from None
    except UnicodeDecodeError:
        raise SettingError(tell("{path} is not UTF-8 text; save it as UTF-8.", path=path.name)) from None
    except OSError as error:
        raise SettingError(
            tell("{path} cannot be read: {strerror}.", path=path, strerror=error.strerror)
        ) from None


def _entry(shop_id: str, own: dict, defaults: dict, root: yaml.Node | None, path: Path) -> Entry:
    def where(loc: tuple[str | int, ...]) -> str:
        loc = tuple(step for step in loc if step not in FORMS)
        line = strict_yaml.line(root, ("shops", shop_id, *loc)) or strict_yaml.line(root, ("defaults", *loc))
        line = line or strict_yaml.line(root, ("shops", shop_id))
        return tell("{path}, line {line}, shop {shop_id!r}", path=path.name, line=line, shop_id=shop_id)

    if not re.fullmatch(NAME, shop_id) or re.fullmatch(DEVICES, shop_id):
        raise SettingError(
            tell(
                "{where}: a shop's id may hold a-z, 0-9, _ and - only, a letter or digit first, 60 at "
                "most, and is no con, aux or nul; it names a folder.",
                where=where(()),
            )
        )
    entry = validated(Entry, _merged(defaults, own), noun="key", where=where)
    _check_source(entry, where)
    for notebook, given in entry.notebooks.items():
        _check_parameters(notebook, given, where(("notebooks", notebook)))
    return entry if entry.name else entry.model_copy(update={"name": shop_id})


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` over `defaults`; mappings key by key, everything else as a whole."""
    both = {
        key: _merged(defaults[key], own[key])
        for key in defaults.keys() & own.keys()
        if isinstance(defaults[key], dict) and isinstance(own[key], dict)
    }
    return {**defaults, **own, **both}


def _check_source(entry: Entry, where: Where) -> None:
    for steps, one in ((), entry), *((("also", name), one) for name, one in entry.also.items()):
        key = "platform"
        try:
            platform = sources.load(one.platform)
            key = "columns"
            columns.declared(platform, one.columns)
        except SettingError as error:
            raise SettingError(f"{where((*steps, key))}: {error}") from None


def _check_parameters(notebook: str, given: Mapping[str, Any], where: str) -> None:
    try:
        model = parameters.contract(notebook)
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from None
    reserved = sorted(set(given) & set(parameters.SET_BY_THE_BATCH))
    if reserved:
        raise SettingError(
            tell(
                "{where}: {notebook} takes {first!r} from the shop; leave it out here.",
                where=where,
                notebook=notebook,
                first=reserved[0],
            )
        )
    parameters.build(model, given, where=f"{where}, {notebook}")
