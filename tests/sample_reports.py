"""The reports of the sample shops as `clv batch` makes them: every notebook once, one for two months."""

import pytest

from clv import history
from clv.cli import main
from clv.commands import in_language
from conftest import REPO

SAMPLES = REPO / "data" / "samples"
NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))
OF_DEPARTMENT = "06_campaign_results"  # of the sample shops that had a campaign, the one with fewer orders
OF_ALL = "09_stores"
TWICE, EARLIER = "02_customers", "2026-05-31"  # the notebook that also ran for an earlier last day
FOLDERS = {OF_DEPARTMENT: "department", OF_ALL: history.ALL}


def place(notebook: str) -> str:
    """Return the folder below the runs in which a notebook's report is."""
    return FOLDERS.get(notebook, "gift")


def batch(shops, out, *options: str) -> int:
    """Return the exit code of `clv batch`."""
    with pytest.raises(SystemExit) as ended:
        main(["batch", str(shops), "--out", str(out), *options])
    return ended.value.code


def write_all(out, *, lang: str):
    """Run every notebook for the smallest shop that can, one also for the month before; return `out`."""
    spoken = ("--lang", lang)
    try:
        assert sample(out, "--shop", "gift", "--notebook", TWICE, "--until", EARLIER, *spoken) == 0
        assert sample(out, "--shop", "gift", *spoken) == 0
        assert not (out / "gift" / f"{OF_DEPARTMENT}.json").exists()  # gift had no campaign, and nobody asked
        assert sample(out, "--shop", "department", "--notebook", OF_DEPARTMENT, *spoken) == 0
        assert not (out / history.ALL).exists()  # some shops only, and nobody asked
        both = ("--shop", "gift", "--shop", "department", "--notebook", OF_ALL)
        assert sample(out, *both, *spoken) == 0
    finally:
        in_language.speak("en")
    return out


def sample(out, *options: str) -> int:
    """Return the exit code of `clv batch` for the sample shops."""
    return batch(SAMPLES / "shops.yml", out, *options)
