"""Fuzz one target for some seconds with Atheris (libFuzzer), guided by which lines of clv a case reaches.

    PYTHONPATH=tests .venv/bin/python -m fuzz                         lists the targets
    PYTHONPATH=tests .venv/bin/python -m fuzz money --seconds 60      all: every target, one after another
    PYTHONPATH=tests .venv/bin/python -m fuzz money --replay FILE     runs one input again, without Atheris

A case that fails is written beside the corpus and the campaign goes on; each place that fails counts once. A
case that hangs (--limit seconds) or takes too much memory (--memory MB) ends it, as libFuzzer does.
"""

import argparse
import hashlib
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import fuzz

Check = Callable[[bytes], Mapping[str, int] | None]
_SAY_EVERY = 1  # seconds
_MORE = 500  # bytes that a seed may grow by


@dataclass(frozen=True)
class Target:
    """What is fuzzed: `check` raises whatever should never happen."""

    name: str
    check: Check
    seeds: Iterable[bytes] | Callable[[], Iterable[bytes]] = ()
    words: tuple[bytes, ...] = ()


@dataclass
class Tally:
    """What a campaign did: cases, what they held (rows, cells …), and its failures by place."""

    cases: int = 0
    held: Counter = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)
    said: float = 0.0

    def told(self) -> dict[str, object]:
        seconds = round(time.monotonic() - self.since, 1)
        return {"cases": self.cases, **self.held, "seconds": seconds, "failures": self.failures}


def modules() -> list[str]:
    """Return the modules beside this one that may hold targets."""
    own = {"__main__", "run"}
    return [found.name for found in pkgutil.iter_modules(fuzz.__path__) if found.name not in own]


def targets(wanted: str = "") -> dict[str, Target]:
    """Return every target by its name; of modules that speak of the wanted one only, if one is named."""
    found: dict[str, Target] = {}
    for name in modules():
        if wanted and f'"{wanted}"' not in Path(fuzz.__path__[0], f"{name}.py").read_text("utf-8"):
            continue
        module = importlib.import_module(f"fuzz.{name}")
        seeds, words = getattr(module, "SEEDS", {}), getattr(module, "WORDS", {})
        for target, check in getattr(module, "TARGETS", {}).items():
            if target in found:
                raise ValueError(f"two targets are called {target!r}")
            found[target] = Target(target, check, seeds.get(target, ()), tuple(words.get(target, ())))
    return found


def once(target: Target, data: bytes, tally: Tally, folder: Path) -> None:
    """Run one case; keep the input of a failure at a place that has not failed before."""
    tally.cases += 1
    try:
        tally.held.update(target.check(data) or {})
    except Exception as error:
        place = _place(error)
        if place in tally.failures:
            return
        kept = folder / "failures" / hashlib.sha1(data).hexdigest()[:16]
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
        tally.failures[place] = kept.name
        traceback.print_exc()
        print(f"FAILED {place}\nreplay: python -m fuzz {target.name} --replay {kept}", flush=True)
    if time.monotonic() - tally.said > _SAY_EVERY:
        keep(target, tally, folder)


def _place(error: Exception) -> str:
    """Return the kind of an error and the last line of clv, or else of the target, that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/clv/" in frame.filename] or frames
    return f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"


def keep(target: Target, tally: Tally, folder: Path) -> None:
    """Write down what the campaign did up to now: whatever ends it, the figures stay."""
    tally.said = time.monotonic()
    (folder / "tally.json").write_text(json.dumps({"target": target.name, **tally.told()}), encoding="utf-8")


def _prepared(target: Target, folder: Path) -> list[str]:
    """Write the seeds and the dictionary; return what libFuzzer is told of them."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in _made(target.seeds):
        (corpus / f"seed-{hashlib.sha1(seed).hexdigest()[:16]}").write_bytes(seed)
    if not target.words:
        return [str(corpus)]
    listed = folder / "words.txt"
    listed.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), encoding="ascii")
    return [f"-dict={listed}", str(corpus)]


def _told(target: Target, asked: argparse.Namespace, folder: Path) -> list[str]:
    """Return what libFuzzer is told."""
    return [
        f"-timeout={asked.limit}",
        f"-rss_limit_mb={asked.memory}",
        f"-max_len={max(asked.longest, _longest(target))}",
        "-len_control=0",  # cases are long from the beginning: one carries many cells
        "-reduce_inputs=0",
        f"-artifact_prefix={folder}/",
        "-verbosity=0",
        *([f"-seed={asked.seed}"] if asked.seed else []),
        *_prepared(target, folder),
    ]


def _longest(target: Target) -> int:
    """Return how long a case must be able to be: libFuzzer cuts off what is longer, a seed too."""
    return max((len(seed) + _MORE for seed in _made(target.seeds)), default=0)


def _made(seeds: object) -> Iterable[bytes]:
    return seeds() if callable(seeds) else seeds


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def campaign(target: Target, asked: argparse.Namespace) -> int:
    """Fuzz until the time is up; the process ends with 1 if a case failed, as libFuzzer does if one hung."""
    import atheris

    from fuzz import answers  # with what it imports instrumented by now

    folder = (asked.corpus or Path(tempfile.gettempdir()) / "clv-fuzz") / target.name
    tally = Tally()
    until = tally.since + asked.seconds

    def check(data: bytes) -> None:
        once(target, data, tally, folder)
        if time.monotonic() > until:
            keep(target, tally, folder)
            answers.forget()
            print(json.dumps({"target": target.name, **tally.told()}, ensure_ascii=False), flush=True)
            os._exit(int(bool(tally.failures)))  # libFuzzer's own end trips over the threads of Arrow

    atheris.Setup(["fuzz", *_told(target, asked, folder)], check)
    atheris.Fuzz()
    return 0


def replayed(target: Target, files: Iterable[Path]) -> int:
    """Run inputs again; a failure shows its traceback."""
    for path in files:
        print(path.name, dict(target.check(path.read_bytes()) or {}))
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    asked = _asked(argv)
    if asked.target is None:
        print("\n".join(sorted(targets())))
        return 0
    if asked.replay:
        return replayed(targets()[asked.target], asked.replay)
    try:
        import atheris
    except ImportError:
        print("Atheris is missing: pip install -c constraints.txt -e '.[fuzz]' (Linux)", file=sys.stderr)
        return 2
    if asked.target == "all":
        return _each(sys.argv[1:] if argv is None else argv)
    with atheris.instrument_imports(
        include=["clv", "fuzz"], enable_loader_override=False
    ):  # oracles guide too
        known = targets(asked.target)
    return campaign(known[asked.target], asked)


def _each(argv: list[str]) -> int:
    """Run every target in a process of its own; return 1 if a case failed."""
    rest = [word for word in argv if word != "all"]
    codes = [subprocess.call([sys.executable, "-m", "fuzz", name, *rest]) for name in sorted(targets())]
    return int(any(codes))


def _asked(argv: list[str] | None) -> argparse.Namespace:
    told = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__.split("\n")[0])
    told.add_argument("target", nargs="?")
    told.add_argument("--seconds", type=int, default=60)
    told.add_argument("--limit", type=int, default=20, help="seconds that one case may take")
    told.add_argument("--memory", type=int, default=3000, help="MB that the process may take")
    told.add_argument("--longest", type=int, default=4096, help="bytes of a case")
    told.add_argument("--seed", type=int, default=0, help="of the mutations; 0: another one each time")
    told.add_argument("--corpus", type=Path, help="folder in which the inputs stay")
    told.add_argument("--replay", type=Path, nargs="+", metavar="FILE")
    return told.parse_args(argv)
