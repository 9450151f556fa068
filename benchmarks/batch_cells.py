"""What the cells of the notebooks take by themselves: no start, no kernel, no report, everything imported.

That is what no way of running notebooks gets below.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import results


def measure(folder: str, shops: str, *notebooks: str) -> None:
    """Run all cells for each shop in this process; answer CPU seconds a run, and those of figures in them.

    The first shop is not counted, for it pays for what every process does once.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from clv.running import warm_imports
    from clv.telling import facts

    os.environ["CLV_CACHE"] = f"{folder}/cells"
    warm_imports.load()
    shell, took, figures = InteractiveShell.instance(), [], []
    facts._drawn = _clocked(facts._drawn, figures)
    for number in range(int(shops) + 1):
        if number == 1:
            took.clear()
            figures.clear()
        given = {"shop_file": f"{folder}/shops.yml", "shop_id": f"shop{number:02d}"}
        for notebook in notebooks:
            shell.reset()
            start = time.process_time()
            with capture_output():
                _run(shell, Path(notebook), given)
            took.append(time.process_time() - start)
    results.answer(cells=sum(took) / len(took), figures=sum(figures) / len(took))


def _clocked(work, into: list[float]):
    def clocked(*args, **kwargs):
        start = time.process_time()
        try:
            return work(*args, **kwargs)
        finally:
            into.append(time.process_time() - start)

    return clocked


def _run(shell, notebook: Path, parameters: dict[str, str]) -> None:
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        ran = shell.run_cell("".join(cell["source"]))
        ran.raise_error()
        if "parameters" in cell["metadata"].get("tags", ()):
            shell.user_ns.update(parameters)


def of(folder: Path, *, shops: int, notebooks: Sequence[Path]) -> dict[str, float]:
    """Return CPU seconds a run of the cells, and of the figures among them, over some of the shops."""
    return results.fresh(__file__, folder, shops, *notebooks)


if __name__ == "__main__":
    measure(*sys.argv[1:])
