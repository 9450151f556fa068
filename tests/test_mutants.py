"""Which mutants are run: those that were asked for, and none where there are none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mutants import __main__ as mutants

NAMES = [f"clv.split.x_of__mutmut_{n}" for n in range(1, 4)]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    meta = tmp_path / "mutants" / "src" / "clv" / "split.py.meta"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"exit_code_by_key": dict.fromkeys(NAMES)}), "utf-8")
    ran = []
    monkeypatch.setattr(mutants, "_copy", lambda folder: None)
    monkeypatch.setattr(mutants, "_tell", lambda folder: None)
    monkeypatch.setattr(subprocess, "run", lambda command, **more: ran.append(command[4:]))
    return ran


def main(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["mutants", "--folder", str(folder), *arguments])
    return mutants.main()


@pytest.mark.parametrize("asked", [("--only", "spilt.py"), ("--part", "5/6"), ("--only", "")])
def test_where_none_is_chosen_not_all_are_run(
    tmp_path: Path,
    runs: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    asked: tuple[str, str],
) -> None:
    assert main(tmp_path, monkeypatch, *asked) == 2
    assert runs == [[mutants._FIRST]]
    said = capsys.readouterr().err
    assert said.startswith("no mutant is in part ") and said.count("\n") == 1


def test_the_chosen_are_run(tmp_path: Path, runs: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(tmp_path, monkeypatch, "--only", "split.py", "--part", "1/2") == 0
    assert runs[0] == [mutants._FIRST] and len(runs[1]) == 2 and set(runs[1]) < set(NAMES)
