"""What is imported before kernels are forked: what the notebooks that ship import, and the kernel itself.

Not what looks for a running IPython while it is imported, such as Matplotlib's backend for notebooks.
"""

import builtins
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

import clv

_OF_THE_KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "IPython.core.completer")
_LIBRARIES = (
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "seaborn",
    "scipy.optimize",
    "scipy.special",
    "scipy.stats",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "ibis.backends.sql.compilers",
    "PIL.PngImagePlugin",
    "ipywidgets",
)
_NOT_OF_NOTEBOOKS = {
    "batch",
    "cli",
    "cluster_scores",
    "commands",
    "databases",
    "engines",
    "play",
    "running",
    "spark",
}


def load() -> None:
    """Import it all, and leave no thread behind."""
    with _as_in_a_kernel():
        for name in (*_OF_THE_KERNEL, *_LIBRARIES, *_ours()):
            import_module(name)
    import_module("duckdb").close()  # its import opens a connection, with threads; the next use opens another


def _ours() -> Iterator[str]:
    for module in pkgutil.iter_modules(clv.__path__):
        if module.name not in _NOT_OF_NOTEBOOKS:
            yield f"clv.{module.name}"


@contextmanager
def _as_in_a_kernel() -> Iterator[None]:
    """Let pandas see a kernel, as it asks for one while it is imported: its tables are wider there."""
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)
    try:
        yield
    finally:
        del builtins.get_ipython
