"""Every playbook over a planted shop, and the search: `PYTHONPATH=tests python -m red_team [FOLDER]`.

It takes minutes, so it is no test: `tests/test_red_team_commands.py` tries the other commands. A
playbook that stops, for a guard or for want of an audience, leaves reports without lists; both are searched.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from red_team import scanner, shops

REPO = Path(__file__).parents[2]
PEOPLE = 400


def playbooks() -> list[str]:
    """Return the names of all playbooks of the kit."""
    return sorted(path.stem for path in (REPO / "playbooks").glob("*.md") if path.stem != "README")


def played(place: Path, name: str) -> int:
    """Run one playbook in `place`; return its exit code, and keep what it said."""
    words = ["play", name, "--shops", "shops/shops.yml", "--out", f"plays/{name}"]
    words += ["--notebooks", str(REPO / "notebooks")]
    told = {"CLV_CACHE": str(place / "cache"), "CLV_SECRET": "a secret that stands in no report"}
    done = subprocess.run(
        [sys.executable, "-m", "clv.cli", *words],
        cwd=place,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
    )
    (place / f"said-{name}.txt").write_text(done.stdout + done.stderr, "utf-8")
    return done.returncode


def main(place: Path) -> int:
    """Run them all; say what each left, and what of the planted stands in it; return 1 if anything does."""
    shops.write_all(place / "shops", people=PEOPLE, shops=("csv",), hostile=("csv",))
    found = {}
    for name in playbooks():
        code = played(place, name)
        left = [path for path in (place / "plays" / name).rglob("*") if path.is_file()]
        lists = sum(path.parent.name == "lists" for path in left)
        leaks = scanner.leaks(place / "plays" / name, place / f"said-{name}.txt")
        found |= leaks
        told = f"{name}: exit {code}, {len(left)} files, {lists} lists, {len(leaks)} with something planted"
        sys.stdout.write(told + "\n")
        sys.stdout.flush()
    found |= scanner.leaks(place / "cache")
    for path, hits in found.items():
        sys.stdout.write(f"{path} {hits[:5]}\n")
    return int(bool(found))


if __name__ == "__main__":
    asks = argparse.ArgumentParser(prog="python -m red_team")
    asks.add_argument("folder", type=Path, nargs="?", help="where to; a new one where none is named")
    folder = asks.parse_args().folder or Path(tempfile.mkdtemp(prefix="clv-red-"))
    sys.exit(main(folder.resolve()))
