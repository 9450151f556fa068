"""Customer ids → pseudonyms that nobody without the secret can turn back.

HMAC-SHA256, not a bare hash: there are few enough phone numbers to hash them all.
"""

import hashlib
import hmac
import os
import secrets
from contextlib import closing, suppress
from pathlib import Path

import pandas as pd
import platformdirs

from clv import scratch
from clv.errors import SettingError
from clv.language import tell
from clv.reading.cells import each_once
from clv.whole_files import OWNER_ONLY

_BYTES = 32
_SHOWN = 12
_VARIABLE = "CLV_SECRET"


def pseudonym(ids: pd.Series, *, secret: bytes) -> pd.Series:
    """Return 'c_' and 12 hexadecimal digits per id; the same id and secret always give the same one.

    Missing ids stay missing. Two of a million customers share a pseudonym with a chance of 1 in 560.

    Raises
    ------
    SettingError
        The secret is empty.
    """
    if not secret:
        raise SettingError(
            tell(
                "the secret for pseudonyms is empty; set {variable} to a long random text.",
                variable=_VARIABLE,
            )
        )

    def work(distinct: pd.Series) -> pd.Series:
        return distinct.map(lambda one: _of_one(one, secret), na_action="ignore").astype("str")

    return each_once(ids.astype("str"), work)


def _of_one(one: str, secret: bytes) -> str:
    return "c_" + hmac.new(secret, one.encode(), hashlib.sha256).hexdigest()[:_SHOWN]


def local_secret() -> bytes:
    """Return this user's secret: CLV_SECRET, else a file in the user's configuration, made on first use.

    Raises
    ------
    SettingError
        The file cannot be made or read, or is empty.
    """
    told = os.environ.get(_VARIABLE)
    if told:
        return told.encode()
    path = Path(platformdirs.user_config_dir("clv")) / "secret"
    try:
        return _made_once(path)
    except OSError as error:
        raise SettingError(
            tell(
                "the secret for pseudonyms cannot be kept in {path} ({strerror}); set {variable} instead.",
                path=path,
                strerror=error.strerror,
                variable=_VARIABLE,
            )
        ) from None


def _made_once(path: Path) -> bytes:
    """Read the file, or write it whole before it gets its name: two first runs agree on one secret."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(scratch.folder(scratch.NEW, place=path.parent)) as room:
            draft = room.path / path.name
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
                file.write(secrets.token_hex(_BYTES))
            with suppress(FileExistsError):  # another first run was faster; its secret counts
                os.link(draft, path)
    secret = path.read_bytes().strip()
    if not secret:
        raise SettingError(
            tell(
                "the secret file {path} is empty; delete it or set {variable}.", path=path, variable=_VARIABLE
            )
        )
    return secret
