"""No memory: one sentence, and nothing half made."""

import pytest

from clv import cli
from clv.commands import table_files
from faults import places
from faults.stories import STORIES


def test_a_command_without_memory_says_so_and_leaves_nothing(tmp_path, monkeypatch, capsys) -> None:
    place = places.make(tmp_path)
    monkeypatch.setenv("CLV_CACHE", str(place.folder / "cache"))
    monkeypatch.chdir(place.folder)

    def needs_too_much(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(table_files, "write", needs_too_much)
    with pytest.raises(SystemExit) as left:
        cli.main(list(STORIES["orders"].command))
    assert left.value.code == 1
    said = capsys.readouterr().err
    assert said == "clv: there is not enough memory for this; close other programs or take fewer orders.\n"
    assert not (tmp_path / "orders.parquet").exists()
