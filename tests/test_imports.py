"""What is loaded before anything is asked for: the lists of modules, exactly."""

import subprocess
import sys

import pytest

NEW = """
import sys
before = set(sys.modules)
{does}
new = set(sys.modules) - before
kinds = {{name.partition(".")[0] for name in new}} - set(sys.stdlib_module_names)
print(*sorted(kinds), "|", *sorted(name for name in new if name.startswith("clv")), file=sys.stderr)
"""
COMMAND_LINE = """
sys.argv = ["clv", *{arguments}]
from clv.cli import main
try:
    main()
except SystemExit:
    pass
"""
OF_THE_COMMAND_LINE = ("clv.cli", "clv.commands", "clv.errors", "clv.language", "clv.room", "clv.veils")


def loaded(does: str) -> tuple[set[str], set[str]]:
    """Return the packages that are none of Python's own, and the modules of ours, that `does` loads."""
    done = subprocess.run(
        [sys.executable, "-c", NEW.format(does=does)], capture_output=True, text=True, check=True
    )
    packages, _, ours = done.stderr.strip().splitlines()[-1].partition("|")
    return {name for name in packages.split() if not name.startswith("_sysconfigdata")}, set(ours.split())


def test_the_package_alone_loads_nothing() -> None:
    assert loaded("import clv") == ({"clv"}, {"clv"})


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--help"], {"click"}),
        (["batch", "--help"], {"click"}),
        (["--version"], {"click"}),
        (["--lang", "zh", "--help"], {"click", "babel"}),  # which reads the catalogues
    ],
)
def test_the_command_line_loads_click_and_itself(arguments: list[str], needed: set[str]) -> None:
    packages, ours = loaded(COMMAND_LINE.format(arguments=arguments))
    assert packages == {"clv", *needed}
    assert [name for name in ours if not name.startswith(OF_THE_COMMAND_LINE)] == ["clv"]


def test_a_shop_is_opened_without_models_figures_or_notebooks() -> None:
    packages, _ = loaded("import clv; clv.Shop")
    assert not packages & {"matplotlib", "seaborn", "papermill", "nbformat", "nbconvert", "lifetimes"}
    # pyspark is not among them: pandera imports it wherever it is installed
    assert not packages & {"jupyterlab", "jupyter_server", "nbdime", "distributed", "psycopg"}
