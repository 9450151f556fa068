"""The three places that name versions agree: pyproject.toml, constraints.txt, environment.yml."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from conftest import REPO

PYTHONS = ["3.11", "3.12", "3.13"]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CARD = ["jupyterlab", "pandas", "lifetimes", "seaborn", "papermill", "nbdime"]


def pins(python: str) -> dict[str, str]:
    lines = (REPO / "constraints.txt").read_text(encoding="utf-8").splitlines()
    needs = [Requirement(line) for line in lines if not line.startswith("#")]
    right = [n for n in needs if n.marker is None or n.marker.evaluate({"python_version": python})]
    return {need.name: str(need.specifier).removeprefix("==") for need in right}


def in_conda() -> tuple[str, dict[str, str]]:
    parts = yaml.safe_load((REPO / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    needs = [Requirement(line) for line in parts[-1]["pip"] if not line.startswith("-")]
    return parts[0].removeprefix("python="), {n.name: str(n.specifier).removeprefix("==") for n in needs}


@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_is_pinned_inside_its_range(python):
    pinned = pins(python)
    wanted = PROJECT["dependencies"] + [*EXTRAS["test"], *EXTRAS["lab"]]
    for need in map(Requirement, wanted):
        assert need.specifier.contains(Version(pinned[need.name.lower()])), need


def test_conda_users_get_the_same_versions():
    python, found = in_conda()
    wanted = {Requirement(need).name for need in PROJECT["dependencies"] + EXTRAS["lab"]}
    assert set(found) == wanted
    assert found == {name: pins(python)[name.lower()] for name in wanted}


def test_the_six_packages_of_the_kit_are_there():
    assert set(CARD) <= set(in_conda()[1])


def test_no_pin_names_an_address():
    for name in ("constraints.txt", "environment.yml", "pyproject.toml"):
        assert not re.search(r"https?://|--(extra-)?index-url", (REPO / name).read_text(encoding="utf-8"))
