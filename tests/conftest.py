"""What many tests need: the shared real data (skipped where it is missing), CDNOW, a seeded generator."""

import os
import signal
import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")
pytest.register_assert_rewrite("every_figure")
os.environ.setdefault("CLV_SECRET", "a secret for tests only")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as for what a script starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Importing lifetimes warns on pandas 3 and silences FutureWarning for the whole process: contain both.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lifetimes  # noqa: F401

from clv.commands import in_language  # noqa: E402

REPO = Path(__file__).parents[1]
CDNOW_COLUMNS = ["customer_id", "date", "quantity", "amount"]
SCREENSHOTS = pytest.StashKey[Path]()  # the folder of those that tests of pages wrote


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over from a process that ended where its screenshots are."""
    if folder := getattr(node, "workeroutput", {}).get("screenshots"):
        node.config.stash[SCREENSHOTS] = Path(folder)


def pytest_terminal_summary(terminalreporter: object, config: pytest.Config) -> None:
    """Say where the screenshots are."""
    if SCREENSHOTS in config.stash:
        terminalreporter.write_line(f"screenshots of pages: {config.stash[SCREENSHOTS]}")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every test begin in English, on a Chinese machine and after a Chinese test too."""
    monkeypatch.setenv("CLV_LANG", "en")
    yield
    in_language.speak("en")


@pytest.fixture(scope="session", autouse=True)
def _configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the secret and the purged customers of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def english_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a batch that ran every notebook for sample shops, in English."""
    return _runs_once(tmp_path_factory, lang="en")


@pytest.fixture(scope="session")
def chinese_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same batch in Chinese."""
    return _runs_once(tmp_path_factory, lang="zh")


def _runs_once(tmp_path_factory: pytest.TempPathFactory, *, lang: str) -> Path:
    """Write the runs of a language where all processes of this test run find them; the first writes them."""
    from filelock import FileLock

    import sample_reports

    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each process has a folder below that of all
        base = base.parent
    out, written = base / f"runs-{lang}", base / f"runs-{lang}-written"
    with FileLock(base / f"runs-{lang}.lock"):
        if not written.exists():
            sample_reports.write_all(out, lang=lang)
            written.touch()
    return out


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real exports beside the checkout; tests that need it skip themselves without it."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real exports are not beside this checkout")
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260630)


@pytest.fixture(scope="session")
def cdnow_log() -> pd.DataFrame:
    """The whole CDNOW log: 69,659 rows, 23,570 customers (customer_id, date, quantity, amount, paid_at)."""
    path = str(files("lifetimes") / "datasets" / "CDNOW_master.txt")
    log = pd.read_csv(path, sep=r"\s+", dtype={"customer_id": str}, header=0, names=CDNOW_COLUMNS)
    return log.assign(paid_at=pd.to_datetime(log["date"].astype(str), format="%Y%m%d"))


def orders_table(log: pd.DataFrame) -> pd.DataFrame:
    """Return an ORDERS table from customer_id, paid_at, amount (category and channel where given)."""
    return pd.DataFrame(
        {
            "order_id": [str(n) for n in range(len(log))],
            "customer_id": log["customer_id"].to_numpy(),
            "paid_at": log["paid_at"].to_numpy(),
            "amount": log["amount"].to_numpy(dtype=float),
            "refunded": 0.0,
            "category": log["category"].to_numpy() if "category" in log else None,
            "channel": log["channel"].to_numpy() if "channel" in log else None,
            "is_gift": False,
        }
    )


@pytest.fixture(scope="session")
def cdnow_orders(cdnow_log: pd.DataFrame) -> pd.DataFrame:
    """The CDNOW log as an ORDERS table: the 69,579 rows with money."""
    return orders_table(cdnow_log[cdnow_log["amount"] > 0])
