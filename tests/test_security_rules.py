"""What the kit never does, held on its source: nothing from a file is run, nothing fetched, no shell asked.

Each rule looks at every module of `src/clv` and at the code of the notebooks. Exceptions are named here, with
their reasons, and must still be needed.
"""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from conftest import REPO

PACKAGE = REPO / "src" / "clv"

# Modules that load objects from files, and so run what a file says.
UNPICKLE = {
    "pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "copyreg",
}  # fmt: skip
# Modules that reach another machine, or could.
NETWORK = {
    "socket", "socketserver", "ssl", "urllib", "urllib3", "http", "requests", "httpx", "aiohttp", "ftplib",
    "smtplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "webbrowser", "paramiko", "websockets", "boto3",
}  # fmt: skip
PROCESSES = {"subprocess", "multiprocessing", "pty", "ctypes"}
# Calls by the end of their dotted name.
RUNS_TEXT = {"eval", "exec", "compile", "__import__", "execfile", "runpy.run_path", "code.interact"}
SHELLS = {
    "os.system", "os.popen", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell", "os.execl",
    "os.execv", "os.execvp", "os.spawnl", "os.spawnv", "os.posix_spawn",
}  # fmt: skip
LOADS = {
    "read_pickle", "to_pickle", "yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all",
    "yaml.unsafe_load", "yaml.unsafe_load_all", "torch.load", "np.load", "numpy.load", "np.fromfile",
}  # fmt: skip
UNSAFE_NAMES = {"mktemp", "tempnam", "tmpnam"}
STARTS = {
    "subprocess.Popen",
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
}

ALLOWED = {
    # of urllib only the parse module: it splits and quotes addresses, and opens none
    "telling/overview/months.py": {"urllib.parse": "quotes a link"},
    "telling/overview/page.py": {"urllib.parse": "quotes a link"},
    "telling/overview/rows.py": {"urllib.parse": "quotes a link"},
    "telling/overview/shop_page.py": {"urllib.parse": "quotes a link"},
    "telling/downloads/__init__.py": {"urllib.parse": "quotes a link"},
    "telling/play_page.py": {"urllib.parse": "quotes a link"},
    "declaring/addresses.py": {"urllib.parse": "splits the address of a database; its driver opens it"},
    # `clv serve` listens on 127.0.0.1, and asks nobody
    "commands/serving.py": {
        "http": "names of HTTP's answers", "http.server": "`clv serve`", "urllib.parse": "unquotes a path",
    },
    "commands/cli_serve.py": {"http.server": "the type of that server"},
    # the lifelines of warm kernels: socket pairs without a name, between a process and its child
    "running/warm.py": {"socket": "socketpair", "subprocess": "starts the server of warm kernels"},
    "running/warm_server.py": {"socket": "its end of the pair"},
    "running/warm_kernel.py": {"socket": "its end of the pair"},
    "running/kernels.py": {"subprocess": "the type of the process that Jupyter starts"},
    "telling/pdf.py": {"subprocess": "starts the browser that is installed, to print"},
    "planning/quiet.py": {"ctypes": "flushes C's buffer, so that a solver's words go nowhere"},
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """What a module imports and calls, by dotted names, and its syntax, looked at once."""

    imports: frozenset[str]
    calls: tuple[tuple[str, ast.Call], ...]
    nodes: tuple[ast.AST, ...]


def source(code: str) -> Source:
    nodes = tuple(ast.walk(ast.parse(code)))
    plain = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    calls = tuple((ast.unparse(node.func), node) for node in nodes if isinstance(node, ast.Call))
    return Source(frozenset(plain | parts), calls, nodes)


def _sources() -> Iterator[tuple[str, Source]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), source(path.read_text("utf-8"))
    for path in sorted((REPO / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        plain = (line for line in code.splitlines() if not line.lstrip().startswith("%"))
        yield path.name, source("\n".join(plain))


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return dict(_sources())


def _is(name: str, forbidden: set[str]) -> bool:
    """Return whether a call's dotted name is, or ends with, a forbidden one."""
    return any(name == one or name.endswith(f".{one}") for one in forbidden)


def imported(forbidden: set[str], where: Mapping[str, Source]) -> set[tuple[str, str]]:
    """Return where one of these modules, or a part of one, is imported, and which."""
    return {
        (place, name)
        for place, found in where.items()
        for name in found.imports
        if name.split(".")[0] in forbidden
    }


def called(forbidden: set[str], where: Mapping[str, Source]) -> set[tuple[str, str]]:
    """Return where one of these is called, and its name there."""
    return {
        (place, name) for place, found in where.items() for name, _ in found.calls if _is(name, forbidden)
    }


def given(keyword: str, where: Mapping[str, Source]) -> list[str]:
    """Return where a call is given a keyword."""
    calls = [(place, call) for place, found in where.items() for _, call in found.calls]
    return [place for place, call in calls if any(one.arg == keyword for one in call.keywords)]


def not_allowed(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(place, name) for place, name in found if name not in ALLOWED.get(place, {})}


def test_nothing_is_unpickled(sources):
    assert imported(UNPICKLE, sources) == set()
    assert called(LOADS, sources) == set()
    assert given("allow_pickle", sources) == []


def test_no_text_is_run_as_code(sources):
    found = called(RUNS_TEXT, sources)  # re.compile, and an expression that Ibis compiles to SQL, run nothing
    roots = ("builtins", "runpy", "code")
    assert {one for one in found if "." not in one[1] or one[1].startswith(roots)} == set()


def test_no_shell_is_asked(sources):
    assert called(SHELLS, sources) == set()
    assert given("shell", sources) == []
    assert called({"get_ipython"}, sources) == set()


def test_processes_are_started_from_lists_of_words(sources):
    started = [
        (place, call) for place, found in sources.items() for name, call in found.calls if _is(name, STARTS)
    ]
    assert started
    strange = [place for place, call in started if not (call.args and _is_list(call.args[0], sources[place]))]
    assert strange == []
    assert not_allowed(imported(PROCESSES, sources)) == set()


def _is_list(value: ast.expr, where: Source) -> bool:
    """Return whether an argument is a list, or a name that is given nothing else."""
    if isinstance(value, ast.Name):
        told = [node for node in where.nodes if isinstance(node, ast.Assign)]
        values = [node.value for node in told if any(ast.unparse(one) == value.id for one in node.targets)]
        return bool(values) and all(_is_list(one, where) for one in values)
    return isinstance(value, ast.List)


def test_yaml_is_loaded_by_safe_loaders(sources):
    nodes = [node for found in sources.values() for node in found.nodes if isinstance(node, ast.Attribute)]
    words = {ast.unparse(node) for node in nodes if node.attr.endswith("Loader")}
    loaders = {word for word in words if word.startswith("yaml.")}
    assert loaders  # else this looks at nothing
    assert loaders <= {"yaml.SafeLoader", "yaml.CSafeLoader"}
    assert not {name for found in sources.values() for name in found.imports if name.startswith("yaml.")}


def test_nothing_reaches_out_but_what_is_named_here(sources):
    assert not_allowed(imported(NETWORK, sources)) == set()
    assert given("verify", sources) == []


def test_temporary_files_have_names_that_nobody_can_take_before(sources):
    assert called(UNSAFE_NAMES, sources) == set()


def test_every_exception_is_still_one(sources):
    found = imported(NETWORK | PROCESSES, sources)
    assert {(place, name) for place, names in ALLOWED.items() for name in names} - found == set()


@pytest.mark.parametrize(
    ("code", "what", "forbidden"),
    [
        ("def f():\n    import pickle", imported, UNPICKLE),
        ("from joblib import load", imported, UNPICKLE),
        ("import urllib.request as u", imported, NETWORK),
        ("from urllib import request", imported, NETWORK),
        ("from socket import create_connection", imported, NETWORK),
        ("import pandas as pd\npd.read_pickle('x')", called, LOADS),
        ("import yaml\nyaml.load(text, Loader=yaml.Loader)", called, LOADS),
        ("eval(text)", called, RUNS_TEXT),
        ("import os\nos.system('ls')", called, SHELLS),
        ("import tempfile\ntempfile.mktemp()", called, UNSAFE_NAMES),
    ],
)
def test_what_is_forbidden_would_be_seen(code, what, forbidden):
    assert what(forbidden, {"odd.py": source(code)})
