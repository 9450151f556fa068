"""Notebook 05 in a running JupyterLab: every cell runs, and a slider draws the curve anew."""

import json
from importlib.util import find_spec

import pytest

from browser import jupyterlab

NOTEBOOK = "notebooks/05_recall_offers.ipynb"
PATIENCE = 180_000  # milliseconds, for one step
IDLE = "text='Python 3 (ipykernel) | Idle'"
DONE = "() => !document.querySelector('.jp-Notebook').innerText.includes('[*]:')"
SAVED = "() => !document.querySelector('.jp-mod-dirty')"


@pytest.fixture
def lab(executable, tmp_path):
    with jupyterlab.running(tmp_path) as running:
        yield running


@pytest.fixture
def page(browser, lab):
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.mark.slow
@pytest.mark.skipif(find_spec("jupyterlab") is None, reason="JupyterLab is not installed; `make lab` does it")
def test_in_jupyterlab_a_slider_draws_the_curve_anew(page, lab, screenshots):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    run_all_cells(page, lab)
    cell = page.locator(".jp-CodeCell", has=page.locator(".widget-slider"))
    parts = ("[role=slider]", "img", ".widget-readout")
    slider, picture, readout = (cell.locator(part).first for part in parts)
    before, value = picture.get_attribute("src"), readout.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    drawn_anew(picture, before)
    assert readout.inner_text() != value
    page.screenshot(path=screenshots / "jupyterlab-05.png")
    page.keyboard.press("Control+s")
    page.wait_for_function(SAVED)
    assert outcome(lab.folder / NOTEBOOK) == {"errors": [], "warnings": [], "not run": []}
    assert [url for url in asked if not url.startswith((lab.address, "data:", "blob:"))] == []


def run_all_cells(page, lab) -> None:
    """Open the notebook, choose Run, Run All Cells, and wait for the last one."""
    page.goto(lab.url(NOTEBOOK))
    page.locator(IDLE).wait_for()
    page.locator(".lm-MenuBar-item", has_text="Run").click()
    page.locator("[data-command='runmenu:run-all']").click()
    page.locator(".widget-slider").first.wait_for()
    page.wait_for_function(DONE)
    page.locator(IDLE).wait_for()


def drawn_anew(picture, before: str) -> None:
    from playwright.sync_api import expect

    expect(picture).not_to_have_attribute("src", before, timeout=PATIENCE)


def outcome(path) -> dict[str, list]:
    """Return what went wrong in a saved notebook: errors, warnings, and cells that did not run."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    return {
        "errors": [one["ename"] for one in outputs if one["output_type"] == "error"],
        "warnings": [one["text"] for one in outputs if one.get("name") == "stderr"],
        "not run": [n for n, cell in enumerate(code) if not cell["execution_count"]],
    }
