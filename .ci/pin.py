"""Write constraints.txt and environment.yml: the versions that pip chooses today, for every Python we run on.

    python .ci/pin.py python3.11 python3.12 python3.13

One line a package; where the Pythons differ, one line each with an environment marker; no addresses.
environment.yml names our own dependencies and JupyterLab at the versions of the newest Python. Conda brings
Python, the packages come through pip: conda users run the very versions that the tests ran with.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

REPO = Path(__file__).parents[1]


def resolved(python: str) -> dict[str, str]:
    """Return name → version for all that the extras below need under one interpreter."""
    command = [python, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    extras = "[test,lab,spark,fuzz,mutants]"
    done = subprocess.run([*command, f"{REPO}{extras}"], check=True, capture_output=True, text=True)
    found = [item["metadata"] for item in json.loads(done.stdout[done.stdout.index("{") :])["install"]]
    return {item["name"].lower().replace("_", "-"): item["version"] for item in found}


def minor(python: str) -> str:
    """Return the interpreter's version as markers write it, such as 3.12."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def main(pythons: list[str]) -> None:
    """Resolve under each interpreter and write the file."""
    pins: dict[str, dict[str, str]] = defaultdict(dict)
    for python in pythons:
        for name, version in resolved(python).items():
            pins[name][minor(python)] = version
    pins.pop("clv", None)
    lines = ["# Written by .ci/pin.py; the versions that the tests ran with."]
    for name, versions in sorted(pins.items()):
        if len(versions) == len(pythons) and len(set(versions.values())) == 1:
            lines.append(f"{name}=={next(iter(versions.values()))}")
        else:
            lines += [f'{name}=={v}; python_version == "{p}"' for p, v in sorted(versions.items())]
    (REPO / "constraints.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    newest = max(map(minor, pythons), key=lambda text: tuple(map(int, text.split("."))))
    versions = {name: found[newest] for name, found in pins.items() if newest in found}
    (REPO / "environment.yml").write_text(environment(newest, versions), encoding="utf-8")


def environment(python: str, versions: dict[str, str]) -> str:
    """Return environment.yml: the dependencies of pyproject.toml, and JupyterLab, at the given versions."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = sorted(project["dependencies"] + project["optional-dependencies"]["lab"], key=str.lower)
    named = [re.match(r"([\w.-]+)(\[[\w,]+\])?", need) for need in needs]
    pinned = [f"      - {name[0]}=={versions[name[1].lower()]}" for name in named]
    head = ["# Written by .ci/pin.py from pyproject.toml; `conda env create` in this folder.", "name: clv"]
    conda = [
        "channels: [conda-forge]",
        "dependencies:",
        f"  - python={python}",
        "  - pip",
        "  - pip:",
        "      - -c constraints.txt",
    ]
    return "\n".join([*head, *conda, *pinned, "      - -e .", ""])


if __name__ == "__main__":
    main(sys.argv[1:] or [sys.executable])
