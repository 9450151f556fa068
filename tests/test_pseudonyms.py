"""Pseudonyms: the same id always the same one, nothing to be read back, one secret per user."""

import hashlib
import stat

import pandas as pd
import pytest

from clv import pseudonyms
from clv.errors import SettingError

IDS = pd.Series(["13800000000", None, "13800000001", "13800000000"], index=[5, 6, 7, 8], name="customer_id")


def test_pseudonyms_keep_equality_and_missing_ids_and_nothing_else():
    made = pseudonyms.pseudonym(IDS, secret=b"one")
    assert made.iloc[0] == made.iloc[3] != made.iloc[2]
    assert pd.isna(made.iloc[1])
    assert made.index.equals(IDS.index)
    assert made.dropna().str.fullmatch(r"c_[0-9a-f]{12}").all()
    assert not made.dropna().str.contains("138").any() or made.iloc[0] != "c_13800000000"


def test_another_secret_gives_other_pseudonyms_and_a_bare_hash_does_not_find_them():
    one, two = (pseudonyms.pseudonym(IDS, secret=secret) for secret in (b"one", b"two"))
    assert (one.dropna() != two.dropna()).all()
    assert one.iloc[0][2:] != hashlib.sha256(b"13800000000").hexdigest()[:12]


def test_pseudonym_is_the_published_hmac():
    # RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?"
    made = pseudonyms.pseudonym(pd.Series(["what do ya want for nothing?"]), secret=b"Jefe")
    assert made.iloc[0] == "c_" + "5bdcc146bf60"


def test_the_secret_comes_from_the_environment_or_from_one_private_file(monkeypatch, tmp_path):
    monkeypatch.setenv("CLV_SECRET", "told")
    assert pseudonyms.local_secret() == b"told"
    monkeypatch.delenv("CLV_SECRET")
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: str(tmp_path / "config" / name))
    made = pseudonyms.local_secret()
    path = tmp_path / "config" / "clv" / "secret"
    assert len(made) >= 32
    assert pseudonyms.local_secret() == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


def test_an_empty_secret_is_refused(monkeypatch, tmp_path):
    with pytest.raises(SettingError, match="empty"):
        pseudonyms.pseudonym(IDS, secret=b"")
    monkeypatch.delenv("CLV_SECRET", raising=False)
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: str(tmp_path))
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(SettingError, match="is empty"):
        pseudonyms.local_secret()
