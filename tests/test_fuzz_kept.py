"""What the kit keeps for itself, damaged: what is accepted is what was written, down to the last byte."""

import pytest

from clv import purged, purged_list
from clv.errors import SettingError
from clv.running import segments_kept
from fuzz import kept_files
from fuzz.choices import Choices
from test_fuzz_handed import try_on


@pytest.mark.parametrize("name", sorted(kept_files.TARGETS))
def test_what_is_kept_is_what_was_written_or_nothing(name):
    try_on(kept_files.TARGETS[name], kept_files.SEEDS[name], most=200)


@pytest.mark.parametrize("name", ["purged_list", "segments"])
def test_what_was_written_is_accepted(name):
    assert kept_files.TARGETS[name](kept_files.SEEDS[name][0]) == kept_files.KEPT


@pytest.mark.parametrize("wrong", [1, 16, 128])
def test_a_list_of_purged_customers_with_a_wrong_byte_anywhere_lets_nobody_come_back(wrong):
    whole = kept_files.SEEDS["purged_list"][0]
    for at in range(len(whole)):
        kept_files.purged_list(whole[:at] + bytes([whole[at] ^ wrong]) + whole[at + 1 :])
    for length in range(len(whole) - 1):
        assert kept_files.purged_list(whole[:length]) == kept_files.REFUSED


def test_a_list_of_another_shop_lets_nobody_come_back():
    with kept_files._own():
        purged_list.path("silver").write_bytes(kept_files.SEEDS["purged_list"][0])
        with pytest.raises(SettingError, match="is damaged"):
            purged.of("silver")
        purged_list.path("silver").unlink()


def test_ids_that_became_bytes_are_nobody_s(tmp_path):
    """One byte of the file says whether a column holds text; the seal holds for it either way."""
    found = kept_files._frame(Choices(bytes(range(3, 90))))
    sealed = {**found.attrs, "seal": segments_kept._seal(found)}
    found.attrs = sealed
    found.to_parquet(tmp_path / segments_kept.FILE)
    assert segments_kept.read(tmp_path) is not None
    found = found.set_axis(found.index.map(str.encode).rename("customer"))
    found.attrs = sealed
    assert segments_kept._seal(found) == sealed["seal"]
    found.to_parquet(tmp_path / segments_kept.FILE)
    assert segments_kept.read(tmp_path) is None
