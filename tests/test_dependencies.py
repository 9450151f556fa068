"""Packages of others: each is pinned, its licence is known and fits; an audit that asked nobody says so."""

import importlib.util
import re
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType

import pytest
from packaging.utils import canonicalize_name

REPO = Path(__file__).parents[1]
OF_EVERY_VENV = {"clv", "pip", "setuptools", "wheel"}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, REPO / ".ci" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LICENCES, AUDIT = script("licences"), script("audit")
LISTED, PINNED, USES = LICENCES.listed(), LICENCES.pinned(), LICENCES.uses()
RUN_TIME = sorted(name for name, groups in USES.items() if groups == [LICENCES.RUN_TIME])


class TestPins:
    def test_hold_all_that_is_needed_at_run_time(self) -> None:
        assert len(RUN_TIME) > 80
        assert [name for name in RUN_TIME if name not in PINNED] == []

    def test_are_what_is_installed(self) -> None:
        found = {canonicalize_name(one.metadata["Name"]): one.version for one in distributions()}
        ours = {name: version for name, version in found.items() if name in RUN_TIME}
        assert len(ours) > 70
        assert {name: v for name, v in ours.items() if v not in PINNED[name]} == {}

    def test_are_names_and_versions_alone(self) -> None:
        lines = (REPO / "constraints.txt").read_text("utf-8").splitlines()
        form = r'[a-z0-9-]+==[0-9][0-9a-z.]*(; python_version == "3\.\d+")?|# .*'
        assert [line for line in lines if not re.fullmatch(form, line)] == []


class TestLicences:
    def test_the_page_is_of_these_pins(self) -> None:
        said = "python .ci/licences.py writes docs/licences.md again"
        assert {name: row[0] for name, row in LISTED.items()} == {
            n: " / ".join(v) for n, v in PINNED.items()
        }, said

    def test_the_page_says_what_the_packages_say(self) -> None:
        rows = LICENCES.rows()
        there = [name for name in rows if LICENCES._installed(name) is not None or name in LICENCES.DECIDED]
        assert len(there) > 80
        assert {name: rows[name][1] for name in there} == {name: LISTED[name][1] for name in there}

    def test_are_known(self) -> None:
        assert [name for name, (_, said, use) in LISTED.items() if said == "UNKNOWN" or use == "?"] == []

    def test_at_run_time_are_permissive_or_of_files(self) -> None:
        fit = LICENCES.PERMISSIVE | LICENCES.BY_FILE
        assert {name: row for name in RUN_TIME if LICENCES.parts((row := LISTED[name])[1]) - fit} == {}

    def test_are_under_no_gpl_anywhere(self) -> None:
        lesser = {name for name, row in LISTED.items() if "LGPL" in row[1]}
        assert lesser == {"psycopg", "psycopg-binary"}
        assert [name for name, row in LISTED.items() if re.search(r"(?<!L)GPL|AGPL|SSPL|BUSL", row[1])] == []

    def test_a_package_that_is_new_here_is_refused(self) -> None:
        found = {canonicalize_name(one.metadata["Name"]) for one in distributions()}
        strange = sorted(found - set(LISTED) - OF_EVERY_VENV)
        assert [name for name in strange if name in USES] == [], "pin it, and write docs/licences.md again"

    @pytest.mark.parametrize(
        ("said", "parts"),
        [
            ("MIT", {"MIT"}),
            ("Apache-2.0 OR BSD-2-Clause", {"Apache-2.0", "BSD-2-Clause"}),
            ("GPL-3.0-only WITH GCC-exception-3.1", {"GPL-3.0-only", "GCC-exception-3.1"}),
        ],
    )
    def test_are_read_part_by_part(self, said: str, parts: set[str]) -> None:
        assert LICENCES.parts(said) == parts


FOUND = {"name": "a", "version": "1.0", "vulns": []}
BUG = {"name": "b", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
UNASKED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited"}


class TestAudit:
    def test_nobody_asked_is_no_good_news(self) -> None:
        assert AUDIT.verdict([]) == (
            2,
            ["NOT AUDITED: the database of vulnerabilities was not reachable for any package."],
        )
        code, (said,) = AUDIT.verdict([FOUND, UNASKED])
        assert code == 2 and "NOT AUDITED" in said and "1 of 2 packages" in said

    def test_all_asked_and_nothing_found_is_good_news(self) -> None:
        assert AUDIT.verdict([FOUND]) == (0, ["1 packages looked up; no known vulnerability."])

    def test_what_is_found_is_said(self) -> None:
        code, said = AUDIT.verdict([FOUND, BUG, UNASKED])
        assert (code, said) == (1, ["b 2.0: CVE-1, mended in 2.1"])

    def test_a_tool_without_an_answer_is_nobody_asked(self, tmp_path: Path) -> None:
        (tool := tmp_path / "tool").write_text("#!/bin/sh\necho broken\nexit 0\n", "utf-8")
        tool.chmod(0o755)
        assert AUDIT.asked(str(tool), "pypi") == []
