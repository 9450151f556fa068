"""Contracts of notebooks: names, types and ranges, in the shop file, on the command line, in the notebook."""

from pathlib import Path

import nbformat
import pytest

from clv import parameters, tables
from clv.errors import SettingError
from clv.running import notebook_files
from tiny_notebooks import Tiny, everything, write

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def defaults(name: str) -> dict[str, object]:
    return {n: f.default for n, f in parameters.contract(name).model_fields.items()}


@pytest.mark.parametrize("name", parameters.CONTRACTS)
def test_the_defaults_keep_their_own_contract(name: str) -> None:
    assert parameters.check(name, {**defaults(name), "pd": object()}).model_dump() == defaults(name)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"horizon_days": 0}, "horizon_days is 0; it should be greater than or equal to 1"),
        ({"horizon_days": 90.5}, "horizon_days is 90.5; it should be of type integer"),
        ({"horizon_days": True}, "horizon_days is True"),
        ({"margin": "1"}, "margin is '1'"),
        ({"margin": float("nan")}, "margin is nan"),
        ({"model": "bgndb"}, "model is 'bgndb'; it should be 'auto', 'bgnbd'"),
        ({"until": "2026-13-01"}, "day of the calendar"),
        ({"until": f"{min(tables.YEARS) - 1}-12-31"}, "day of the years 1900 to 2200"),
        ({"until": f"{max(tables.YEARS) + 1}-01-01"}, "day of the years 1900 to 2200"),
    ],
)
def test_a_notebook_refuses_what_is_out_of_its_contract(values: dict, words: str) -> None:
    name = "03_lifetime_value"
    with pytest.raises(SettingError, match="03_lifetime_value: ") as caught:
        parameters.check(name, defaults(name) | values)
    assert words in str(caught.value)


def test_a_parameter_that_the_cell_forgot_is_named() -> None:
    values = defaults("02_customers")
    del values["windows"]
    with pytest.raises(SettingError, match="does not set 'windows'"):
        parameters.check("02_customers", values)


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ([90, 180, 180], "ascending"),
        ([90, 180], "at least 3"),
        ([1, 2, 3, 4], "at most 3"),
        ([0, 1, 2], "equal to 1"),
    ],
)
def test_windows_are_three_rising_days(windows: list[int], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        parameters.build(parameters.contract("02_customers"), {"windows": windows})


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_notebook_keeps_its_contract_and_carries_no_output(path: Path) -> None:
    assert notebook_files.contract_problems(path) == []
    assert notebook_files.question(path).endswith("?")
    assert not any(cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(parameters.CONTRACTS, "tiny", Tiny)
    return write(tmp_path, Tiny, everything(Tiny))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("depth = 1", "depth = 2", "depth is 2 in the notebook, 1 in clv.parameters"),
        ("depth = 1", "depth = 1.0", "depth is 1.0 in the notebook"),
        ("depth = 1", "width = 1", "does not set 'depth'"),
        ("depth = 1", "depth = 1  # how\\nwidth = 3", "sets 'width', which Tiny"),
        ("depth = 1  # how deep", "depth = 1", "no comment explains"),
        ("depth = 1", "depth = len('x')", "cannot be checked"),
        (", depth)", ")", "nothing below the parameters cell reads 'depth'"),
        ('"parameters"', '"params"', "0 cells are tagged"),
    ],
)
def test_every_departure_from_the_contract_is_found(tiny: Path, before: str, after: str, words: str) -> None:
    assert notebook_files.contract_problems(tiny) == []
    text = tiny.read_text("utf-8")
    assert before in text
    tiny.write_text(text.replace(before, after), "utf-8")
    assert words in " ".join(notebook_files.contract_problems(tiny))


def test_a_checked_parameter_counts_as_read(tiny: Path) -> None:
    text = tiny.read_text("utf-8")
    read = ", ".join(f"p.{name}" for name in Tiny.model_fields)
    checked = f"p = clv.parameters.check('tiny', globals())\\n%matplotlib inline\\nsaid = ({read})"
    tiny.write_text(text.replace("said = (shop_file, shop_id, until, depth)", checked), "utf-8")
    assert notebook_files.contract_problems(tiny) == []


def test_the_source_and_nothing_else_makes_the_fingerprint(tiny: Path) -> None:
    before = notebook_files.source_fingerprint(tiny)
    nb = nbformat.read(tiny, as_version=4)
    nb.cells[1].execution_count = 7
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "x"}
    nbformat.write(nb, tiny)
    assert notebook_files.source_fingerprint(tiny) == before
    nb.cells[-1].source += "\n1"
    nbformat.write(nb, tiny)
    assert notebook_files.source_fingerprint(tiny) != before
