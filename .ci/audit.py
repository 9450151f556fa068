"""Ask pip-audit whether a pinned version has a known vulnerability, and say plainly what could not be asked.

    python .ci/audit.py path/to/pip-audit

pip-audit leaves out what its database does not know and still says that nothing was found; from behind a
mirror that is every package. So what was looked up is counted. Leaves with 0 where all was looked up and
nothing found, 1 with vulnerabilities, 2 where the database did not answer for a package.
"""

import json
import subprocess
import sys
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
# PyPI's advisories, then the same of OSV where these are not reachable
SERVICES = ("pypi", "osv")


def asked(tool: str, service: str) -> list[dict]:
    """Return pip-audit's answer for each pinned package; nothing where the service does not answer."""
    command = [tool, "--requirement", str(CONSTRAINTS), "--no-deps", "--disable-pip", "--format", "json"]
    done = subprocess.run(
        [*command, "--progress-spinner", "off", "--vulnerability-service", service],
        capture_output=True,
        text=True,
    )
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []


def verdict(found: list[dict]) -> tuple[int, list[str]]:
    """Return the exit code and what to say of pip-audit's answers."""
    unasked = [one["name"] for one in found if "skip_reason" in one]
    said = [_told(one, bug) for one in found for bug in one.get("vulns", ())]
    if said:
        return 1, said
    if not found or unasked:
        what = f"{len(unasked)} of {len(found)} packages" if found else "any package"
        return 2, [f"NOT AUDITED: the database of vulnerabilities was not reachable for {what}."]
    return 0, [f"{len(found)} packages looked up; no known vulnerability."]


def _told(one: dict, bug: dict) -> str:
    mended = ", ".join(bug["fix_versions"]) or "no version yet"
    return f"{one['name']} {one['version']}: {bug['id']}, mended in {mended}"


def main(tool: str) -> int:
    """Ask one service after the other until one has looked everything up."""
    code, said = 2, []
    for service in SERVICES:
        code, said = verdict(asked(tool, service))
        if code != 2:
            break
    sys.stdout.write("\n".join([*said, ""]))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
