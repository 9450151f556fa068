"""What a run was made from, piece by piece, so that two runs can be told apart: files, program, libraries."""

import platform
from pathlib import Path

import clv
from clv import shop_extras
from clv.errors import InputError
from clv.keeping import fingerprints
from clv.running import notebook_files
from clv.running.all_shops import AllShops
from clv.running.plan import Task, seen_from
from clv.shop import Shop
from clv.shop_files import ShopFile
from clv.veils import veiled

Pieces = dict[str, dict[str, str]]


def of(task: Task) -> Pieces:
    """Return what stands for each file, by its name as the shop file sees it, and for the program."""
    shops = task.shop.shops if isinstance(task.shop, AllShops) else (task.shop,)
    files = {name: digest for shop in shops for name, digest in _files(shop).items()}
    program = {
        "notebook": notebook_files.source_fingerprint(task.notebook),
        "clv": f"{clv.__version__} {fingerprints.of_package()}",
        "python": platform.python_version(),
    }
    return {"files": files, "program": program | fingerprints.library_versions()}


def _files(shop: Shop) -> dict[str, str]:
    """Return what stands for each file and table of a shop; nothing where one of them is not there."""
    try:
        return _read(shop.file, shop.id) | shop.marks()
    except (InputError, OSError):  # among all shops one may be broken; the report says why
        return {}


def _read(file: ShopFile, shop_id: str) -> dict[str, str]:
    sources = file.sources(shop_id)
    paths = [path for one in sources for path in (*one.orders, *one.items)]
    paths += [path for found in shop_extras.files(file, shop_id).values() for path in found]
    folder = file.path.parent
    return {veiled(_name(path, folder)): fingerprints.of_files([path]) for path in paths if path.is_file()}


def _name(path: Path, folder: Path) -> str:
    """Return a file's name below the shop file's folder; of one that lies elsewhere the name alone."""
    name = seen_from(folder, path)
    return path.name if name.startswith("..") or Path(name).is_absolute() else name
