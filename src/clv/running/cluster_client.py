"""A Dask cluster that is there: connected to, quietly, and one sentence where nothing answers."""

import asyncio
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from clv.errors import SettingError
from clv.language import tell
from clv.running.silence import silenced

if TYPE_CHECKING:
    from distributed import Client

_SECONDS = 5
_ADDRESS = re.compile(r"(?:[a-z]+://)?(?:\[[^\s\[\]]+\]|[^\s:/@\[\]]+):(\d{1,5})")
_log = logging.getLogger(__name__)


@contextmanager
def connected(address: str) -> Iterator["Client"]:
    """Connect to the cluster at `address`, which has one worker at least.

    Raises
    ------
    SettingError
        Dask is missing, it is no address, no scheduler answers, or there is no worker.
    """
    try:
        import distributed  # noqa: F401 (its import makes the loggers that `_quiet` looks for)
    except ImportError:
        raise SettingError(
            tell("--dask needs Dask's distributed; install it with: pip install 'clv[dask]'")
        ) from None
    with _quiet():
        client = _client(address)
        try:
            _wait_for_a_worker(client)
            yield client
        finally:
            client.close()


def _client(address: str) -> "Client":
    from distributed import Client

    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[1]) < 2**16:
        raise _no_address(address)
    try:
        asyncio.run(asyncio.wait_for(_greet(address), _SECONDS))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on versions: we compare them ourselves
            return Client(address, timeout=_SECONDS, set_as_default=False)
    except OSError:
        _log.debug("no cluster", exc_info=True)
        raise SettingError(
            tell(
                "no Dask scheduler answers at {address!r} within {seconds} seconds; start one with `dask "
                "scheduler`, or correct --dask.",
                address=address,
                seconds=_SECONDS,
            )
        ) from None
    except (ValueError, TypeError, RuntimeError, ImportError):
        _log.debug("no cluster", exc_info=True)
        raise _no_certificates(address) if address[:3] in ("tls", "wss") else _no_address(address) from None


def _no_address(address: str) -> SettingError:
    shown = re.sub("^([a-z]+://)?.*@", r"\1…@", address)  # a password, maybe
    return SettingError(
        tell(
            "--dask {address!r} is no address of a Dask scheduler; write it as tcp://HOST:8786.",
            address=shown,
        )
    )


def _no_certificates(address: str) -> SettingError:
    return SettingError(
        tell(
            "{address!r} is encrypted, and Dask knows no certificates for it; name them in its settings, "
            "distributed.comm.tls.",
            address=address,
        )
    )


async def _greet(address: str) -> None:
    """Raise what is wrong with an address: Dask's client would wait for ever where something else answers."""
    from distributed.comm import connect
    from distributed.security import Security

    comm = await connect(address, timeout=_SECONDS, **Security().get_connection_args("client"))
    await comm.close()


def _wait_for_a_worker(client: "Client") -> None:
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError:
        raise SettingError(
            tell("the Dask cluster has no worker; start some with `dask worker ADDRESS`.")
        ) from None


def _quiet() -> AbstractContextManager[None]:
    """Keep Dask's own lines off the screen, unless somebody looks for a defect."""
    names = () if os.environ.get("CLV_DEBUG") else ("distributed", "tornado")
    return silenced(handler for name in names for handler in logging.getLogger(name).handlers)
