"""Notebooks of a few lines, written where a test wants them, that keep a contract of `clv.parameters`."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pydantic import Field

from clv.notebook_contracts.base import OfAllShops
from clv.parameters import Contract, Notebook
from clv.telling.facts import FACT_MIME


class Tiny(Notebook):
    """tiny: how deep is it?"""

    name = "tiny"
    facts = ("depth",)
    figures = ("well",)

    depth: int = Field(1, ge=0, le=10, description="how deep")


class TinyOfAll(OfAllShops):
    """tiny_of_all: how deep are all of them?"""

    name = "tiny_of_all"
    facts = ("depths",)


def fact(name: str, value: str = "1") -> str:
    """Return code that leaves a fact behind without importing clv (kernels start sooner)."""
    about = f"{{'name': {name!r}, 'value': {value}, 'unit': '', 'low': None, 'high': None, 'label': ''}}"
    return f"display({{{FACT_MIME!r}: {about}, 'text/plain': 'fact'}}, raw=True)"


def figure(name: str) -> str:
    """Return code that leaves a figure of one pixel behind."""
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    about = f"{{'image/png': {{'name': {name!r}, 'alt': 'a pixel', 'caption': ''}}}}"
    return f"display({{'image/png': {pixel!r}, 'text/plain': 'figure'}}, metadata={about}, raw=True)"


def everything(contract: type[Contract]) -> str:
    """Return code that leaves every fact and figure of a contract."""
    return "\n".join([*map(fact, contract.facts), *map(figure, contract.figures)])


def reading(contract: type[Contract]) -> str:
    """Return code that reads every parameter of a contract."""
    return f"said = ({', '.join(contract.model_fields)})"


def write(folder: Path, contract: type[Contract], body: str) -> Path:
    """Write a notebook that keeps `contract`, with `body` as its last cell."""
    defaults = [f"{n} = {f.default!r}  # {f.description}" for n, f in contract.model_fields.items()]
    cells = [
        new_markdown_cell(f"# What does {contract.name} ask?"),
        new_code_cell("\n".join(defaults), metadata={"tags": ["parameters"]}),
        new_code_cell(reading(contract)),
        new_code_cell(body),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{contract.name}.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path
