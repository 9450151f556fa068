"""Notebooks in git: committed without outputs, compared cell by cell."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from conftest import REPO

NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))
TOOLS = Path(sys.executable).parent


def git(place: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.pager=cat"]
    done = subprocess.run(["git", *who, *arguments], cwd=place, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_carries_no_outputs(path):
    notebook = json.loads(path.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code and not [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None]
    assert "papermill" not in notebook["metadata"]
    assert not [cell for cell in notebook["cells"] if cell["metadata"].keys() & {"papermill", "execution"}]


@pytest.fixture
def clone(tmp_path):
    """A repository with a notebook of ours, set up as `make setup` does it."""
    git(tmp_path, "init", "--quiet")
    for name in (".gitattributes", "nbdime_config.json"):
        (tmp_path / name).write_bytes((REPO / name).read_bytes())
    (tmp_path / "n.ipynb").write_bytes(NOTEBOOKS[0].read_bytes())
    script = REPO / ".ci" / "git_notebooks.sh"
    subprocess.run(["sh", str(script), str(TOOLS)], cwd=tmp_path, check=True, capture_output=True)
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "begin")
    return tmp_path


def executed(path: Path) -> None:
    """Leave in a notebook what running it leaves."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["papermill"] = {"input_path": "/home/anna/n.ipynb"}
    for count, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            cell.execution_count = count
            cell.metadata["papermill"] = {"duration": 1.0}
            cell.outputs = [new_output("stream", text="anna@example.com")]
    nbformat.write(notebook, path)


@pytest.mark.slow
def test_committing_an_executed_notebook_leaves_no_outputs(clone):
    before = json.loads(git(clone, "show", "HEAD:n.ipynb"))
    executed(clone / "n.ipynb")
    git(clone, "add", "--all")
    assert git(clone, "diff", "--cached", "--name-only") == ""  # there is nothing to commit
    assert "anna" not in git(clone, "show", ":n.ipynb")
    assert json.loads(git(clone, "show", ":n.ipynb")) == before
    assert [c for c in before["cells"] if "parameters" in c["metadata"].get("tags", ())]
    assert "anna" in (clone / "n.ipynb").read_text("utf-8")  # at hand it stays as it is


@pytest.mark.slow
def test_a_clone_that_was_set_up_finds_nothing_changed(clone):
    for path in NOTEBOOKS:
        (clone / path.name).write_bytes(path.read_bytes())
    git(clone, "add", "--all")
    changed = [
        path.stem for path in NOTEBOOKS if git(clone, "show", f":{path.name}") != path.read_text("utf-8")
    ]
    assert not changed


@pytest.mark.slow
def test_git_shows_which_cell_changed(clone):
    notebook = nbformat.read(clone / "n.ipynb", as_version=4)
    notebook.cells[0].source += "\nA new line."
    nbformat.write(notebook, clone / "n.ipynb")
    said = git(clone, "diff")
    assert "modified /cells/0/source" in said and "A new line." in said
    assert "cell_type" not in said
