"""Sliders: a still figure anywhere, a new one at once where somebody moves them, nothing dead in a report."""

import matplotlib.pyplot as plt
import nbformat
import pytest

from clv.running import execute
from clv.telling import facts, sliders
from clv.telling.sliders import WIDGET_MIME, Range


class Shown:
    """What a live page would have: the outputs in their order, and what they were changed to."""

    def __init__(self) -> None:
        self.outputs, self.updates = [], []

    def display(self, bundle, **kwargs):
        self.outputs.append((bundle, kwargs.get("metadata", {})))
        return self if kwargs.get("display_id") else None

    def update(self, bundle, **kwargs):
        self.updates.append(bundle)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    page = Shown()
    monkeypatch.setattr(sliders, "display", page.display)
    return page


def bar(height: float, width: float):
    _, ax = plt.subplots()
    ax.bar([0], [height], width=width)
    ax.set_ylim(0, 10)
    return ax


RANGES = {"height": Range("Height", 0, 9, 0.5, 3.0), "width": Range("Width", 0.1, 1, 0.1, 0.5)}


def test_the_figure_stands_there_before_anybody_moves_anything(shown: Shown) -> None:
    sliders.sliders(bar, RANGES, name="what_if", alt="a bar")
    (figure, about), (widget, _) = shown.outputs
    assert about["image/png"]["name"] == "what_if" and about["image/png"]["alt"] == "a bar"
    assert "image/png" in figure
    assert set(widget) == {WIDGET_MIME}  # nothing that a report would print


def test_each_slider_begins_where_it_should_and_redraws_at_once(shown: Shown) -> None:
    box = sliders.sliders(bar, RANGES, name="what_if", alt="a bar")
    height, width = box.children
    assert (height.value, height.min, height.max, height.description) == (3.0, 0, 9, "Height")
    height.value = 6.0
    width.value = 0.8
    height.value = 3.0
    pictures = [shown.outputs[0][0]["image/png"], *(one["image/png"] for one in shown.updates)]
    assert len(set(pictures)) == 4
    width.value = 0.5
    assert shown.updates[-1]["image/png"] == pictures[0]
    assert not plt.get_fignums()


def test_without_a_page_there_is_nothing_to_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sliders, "display", lambda *_, **__: None)
    box = sliders.sliders(bar, RANGES, name="what_if", alt="a bar")
    box.children[0].value = 4.0


def test_an_executed_copy_keeps_the_figure_and_drops_dead_sliders() -> None:
    output = nbformat.v4.new_output
    figure = output("display_data", {"image/png": "aa"}, metadata={"image/png": {"name": "what_if"}})
    widget = output("display_data", {WIDGET_MIME: {"model_id": "1"}})
    cell = nbformat.v4.new_code_cell("x", outputs=[figure, widget])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state": 1}})
    kept = execute._cleaned(notebook)
    assert facts.figure_names(kept) == ["what_if"]
    assert len(kept.cells[0].outputs) == 1
    assert "widgets" not in kept.metadata
