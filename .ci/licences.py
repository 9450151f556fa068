"""Write docs/licences.md: every package that pip may bring, its version, its licence, and what it is for.

    python .ci/licences.py

Licences are read from what is installed; DECIDED says so by hand where a package says nothing that can be
read, or is not installed here. A test refuses what is not listed, and what may not be there at run time.
"""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPO = Path(__file__).parents[1]
PAGE = REPO / "docs" / "licences.md"
PYTHONS = ("3.11", "3.12", "3.13")
_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}  # where pins are made
RUN_TIME = "run time"
# What may be there at run time: all may be used by a program under MIT, as a package beside it.
PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU",
    "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
BY_FILE = {"MPL-2.0"}  # asks for changes to its own files only, of which we make none
# Not at run time, but as an extra that a user asks for, or for tests: used, never copied or changed.
LESSER = {"LGPL-3.0-only"}
# What packages call their licence → SPDX. Where there is only a family, the family.
_KNOWN = {
    "Apache 2.0": "Apache-2.0", "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0", "http://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
    "BSD License": "BSD", "BSD 2-Clause License": "BSD-2-Clause", "BSD 3-Clause License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC", "ISC license": "ISC", "MIT License": "MIT", "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip
# name → licence, read in the package's own LICENSE file or repository
DECIDED = {
    "aiohappyeyeballs": "PSF-2.0",
    "aiohttp": "Apache-2.0 AND MIT",
    "aiosignal": "Apache-2.0",
    "atheris": "Apache-2.0",
    "axe-playwright-python": "MIT",  # carries axe-core, MPL-2.0: for tests only
    "frozenlist": "Apache-2.0",
    "libcst": "MIT AND PSF-2.0 AND Apache-2.0",
    "linkify-it-py": "MIT",
    "mdit-py-plugins": "MIT",
    "multidict": "Apache-2.0",
    "mutmut": "BSD-3-Clause",
    "propcache": "Apache-2.0",
    "rfc3987-syntax": "MIT",  # its classifier says Apache; the licence file and the expression say MIT
    "setproctitle": "BSD-3-Clause",
    "textual": "MIT",
    "typeguard": "MIT",
    "yarl": "Apache-2.0",
}
# What the packages that are not installed here are for; of the others, what asks for them tells. Papermill
# asks for aiohttp on Python 3.12, mutmut for textual.
_FOR = {
    **dict.fromkeys(
        ("aiohappyeyeballs", "aiosignal", "frozenlist", "multidict", "propcache", "yarl"), RUN_TIME
    ),
    **dict.fromkeys(("libcst", "linkify-it-py", "mdit-py-plugins", "setproctitle", "textual"), "mutants"),
}
_WORDS = {RUN_TIME: "run time", "test": "tests"}
_HEAD = """\
# Licences

Written by `.ci/licences.py`; `tests/test_dependencies.py` holds it. The kit itself is under MIT, its fonts
under OFL-1.1. Nothing here is copied into it: pip installs each package beside it, as its authors publish it.

- At run time there are permissive licences and MPL-2.0 alone, which asks for nothing of a program that uses a
  package unchanged. No GPL, no AGPL, nothing whose licence is not known.
- psycopg is under LGPL-3.0. It comes only with `pip install 'clv[postgres]'`, and for the tests.
- Wheels bring libraries of their own. numpy and scipy bring libgfortran (GPL-3.0 with the GCC Runtime Library
  Exception, which frees the programs that use it) and libquadmath (LGPL-2.1), as their authors state; psycopg
  brings libpq and OpenSSL.
- MySQL is read by PyMySQL (MIT), as mysqlclient is under the GPL.

| package | version | licence | for |
| --- | --- | --- | --- |
"""


def pinned() -> dict[str, list[str]]:
    """Return the versions of constraints.txt by package; several where the Pythons differ."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (REPO / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition(";")[0].strip().partition("==")
            found[name] = list(dict.fromkeys([*found[name], version]))
    return dict(found)


def licence(name: str) -> str:
    """Return a package's licence by SPDX; empty where neither it nor DECIDED says one."""
    if name in DECIDED:
        return DECIDED[name]
    found = _installed(name)
    if found is None:
        return ""
    said = found.metadata
    words = [said.get("License-Expression") or "", (said.get("License") or "").strip()]
    words += [
        one.rpartition(" :: ")[2] for one in said.get_all("Classifier") or () if one.startswith("License ::")
    ]
    spdx = (_KNOWN.get(word, word) for word in words)
    return next((one for one in spdx if one and not parts(one) - PERMISSIVE - BY_FILE - LESSER), "")


def parts(expression: str) -> set[str]:
    """Return the licences that an SPDX expression names; of `A OR B` all, so that none surprises."""
    return set(re.split(r"\s+(?:AND|OR|WITH)\s+", expression.strip("()")))


def uses() -> dict[str, list[str]]:
    """Return what each package is for: run time, or the extras of pyproject.toml that bring it."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {RUN_TIME: project["dependencies"], **project["optional-dependencies"]}
    found: dict[str, list[str]] = defaultdict(list)
    for group, needs in groups.items():
        for name in sorted(_reached(map(Requirement, needs))):
            found[name].append(group)
    for name, group in _FOR.items():
        found.setdefault(name, [group])
    return {name: [RUN_TIME] if RUN_TIME in groups else groups for name, groups in found.items()}


def rows() -> Mapping[str, tuple[str, str, str]]:
    """Return versions, licence and uses of each pinned package, as the page shows them."""
    what = uses()
    return {
        name: (
            " / ".join(versions),
            licence(name) or "UNKNOWN",
            ", ".join(_WORDS.get(one, one) for one in what.get(name, ["?"])),
        )
        for name, versions in sorted(pinned().items())
    }


def listed() -> Mapping[str, tuple[str, str, str]]:
    """Return the rows of the page."""
    lines = PAGE.read_text("utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return {name: (version, said, use) for name, version, said, use in cells[2:]}


def _reached(needs: Iterable[Requirement]) -> set[str]:
    """Return the packages that these requirements bring, one asking for the next."""
    found, waiting = set(), list(needs)
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        if (name, frozenset(need.extras)) in found or not _applies(need, {""}):
            continue
        found.add((name, frozenset(need.extras)))
        known = _installed(name)
        further = map(Requirement, known.requires or ()) if known else ()
        waiting += [Requirement(str(one)) for one in further if _applies(one, {"", *need.extras}, drop=True)]
    return {name for name, _ in found}


def _applies(need: Requirement, extras: Iterable[str], *, drop: bool = False) -> bool:
    """Return whether a requirement holds on any Python that we run on; `drop` takes its marker off then."""
    marker = need.marker
    fits = marker is None or any(
        marker.evaluate(
            {**_LINUX, "extra": extra, "python_version": python, "python_full_version": f"{python}.9"}
        )
        for extra in extras
        for python in PYTHONS
    )
    if fits and drop:
        need.marker = None
    return fits


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def main() -> int:
    """Write the page; leave with 1 where a licence is not known."""
    found = rows()
    table = "".join(f"| {name} | {' | '.join(cells)} |\n" for name, cells in found.items())
    PAGE.write_text(_HEAD + table, "utf-8")
    unknown = [name for name, (_, said, use) in found.items() if said == "UNKNOWN" or use == "?"]
    for name in unknown:
        sys.stdout.write(f"{name}: {found[name]}; look it up and add it to DECIDED or _FOR.\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
