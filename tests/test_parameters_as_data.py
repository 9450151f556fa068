"""Parameters reach notebooks as data: whatever a text holds, the notebook has the same text and runs none."""

import ast

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_notebook
from papermill.parameterize import parameterize_notebook
from pydantic import Field

import tiny_notebooks
from clv.parameters import Notebook
from clv.running import kernels
from clv.running.execute import execute

CRAFTED = (
    "\"; import os; os.system('touch ran')  #",
    "'''\"\"\"\\",
    "\\",
    "\\\"",
    "\\N{BELL}\\x41\\u0041\\101",
    "line\n!touch ran\r\n%%bash\ntouch ran",
    "?x? x?? !x %x",
    "{x!r}{{x}}${x}$x",
    "\x00\x1b\u2028\u2029\u200f\ufeff",
    "\U0001f600 名 \xa0",
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.sampled_from(CRAFTED),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def injected(values: dict[str, object]) -> dict[str, object]:
    """Return what a kernel has of parameters: Papermill's cell, through IPython, as literals."""
    parameters = new_code_cell("x = 1", metadata={"tags": ["parameters"]})
    notebook = new_notebook(cells=[parameters])
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook.metadata["papermill"] = {}
    filled = parameterize_notebook(notebook, values, kernel_name="python3", language="python")
    kept = nbformat.reads(nbformat.writes(filled), as_version=4)
    (cell,) = [one for one in kept.cells if "injected-parameters" in one.metadata.get("tags", [])]
    body = ast.parse(TransformerManager().transform_cell(cell.source)).body
    assert all(isinstance(line, ast.Assign) for line in body)
    names = {"float": float}
    return {line.targets[0].id: _value(line.value, names) for line in body}


def _value(node: ast.expr, names: dict[str, object]) -> object:
    """Return a literal; infinity, which has none, is written as float('inf')."""
    if isinstance(node, ast.List):
        return [_value(one, names) for one in node.elts]
    if isinstance(node, ast.Dict):
        return {ast.literal_eval(k): _value(v, names) for k, v in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.Call):
        assert ast.unparse(node) in ("float('inf')", "float('-inf')")
        return float(ast.literal_eval(node.args[0]))
    return ast.literal_eval(node)


@settings(max_examples=150, deadline=None)
@given(VALUES)
@example(list(CRAFTED))
@example({text: text for text in CRAFTED})
@example("\ud800")
@example([float("inf"), -float("inf"), 10**40])
def test_any_value_comes_through_as_it_is(value):
    assert injected({"x": value}) == {"x": value}


class Told(Notebook):
    """told: what was said?"""

    name = "told"
    facts = ("said",)

    words: str = Field("", description="what is said")


@pytest.mark.slow
def test_a_crafted_parameter_is_the_same_text_in_a_kernel_and_runs_nothing(tmp_path):
    words = "\n".join(CRAFTED)
    notebook = tiny_notebooks.write(tmp_path, Told, tiny_notebooks.fact("said", "words.encode().hex()"))
    outcome = execute(notebook, Told(words=words), pool=kernels.Kernels())
    assert (outcome.status, outcome.message) == ("ok", "")
    facts = [one for cell in outcome.notebook.cells for one in cell.get("outputs", []) if "data" in one]
    assert words.encode().hex() in str(facts)
    assert not (tmp_path / "ran").exists()
