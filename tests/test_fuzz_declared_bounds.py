"""Bombs, limits and traps in what people declare: each is refused in one sentence, and soon.

Where a test would take for ever without a limit, an alarm ends it: it then fails and does not hang.
"""

import contextlib
import errno
import json
import os
import signal
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv import ledger, models, playbooks, registration, rfm, schemes, shopfile, spend
from clv.commands import model_files
from clv.declaring import strict_json, strict_yaml, texts, yaml_bounds
from clv.errors import ClvError, InputError, NoAnswerError, SettingError
from clv.tiering import rules
from fuzz import answers, declared, declared_files

LOADS = [shopfile.load, schemes.read, rules.load, playbooks.load, registration.load, model_files.load]
GOOD = "shops:\n  gold:\n    platform: taobao\n    orders: gold/Export*.csv\n"


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    """End a test that hangs."""
    if sys.platform == "win32":
        yield
        return

    def late(*_: object) -> None:
        raise AssertionError("this takes for ever")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def refusal(text: str) -> str:
    with pytest.raises(SettingError) as caught:
        strict_yaml.read(text)
    answers.hold(caught.value)
    return str(caught.value)


def levels(first: str, of: str, parts: int, number: int) -> str:
    """Return anchors, each of which holds the one before several times."""
    found = [f"x0: &x0 {first}"]
    found += [f"x{n}: &x{n} {of.format(', '.join([f'*x{n - 1}'] * parts))}" for n in range(1, number)]
    return "\n".join(found)


class TestYaml:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (levels("[x, x]", "[{}]", 9, 12), "aliases written out"),
            (f"a: &a {'x' * 1000}\nb: [{', '.join(['*a'] * 1500)}]\n", "aliases written out"),
            (f"a: &a [{', '.join('1' * 1500)}]\nb: [{', '.join(['*a'] * 10_000)}]\n", "aliases written out"),
            ("a: &a [*a]\n", "line 1: an anchor holds its own alias"),
            ("a: &a {b: {c: *a}}\n", "line 1: an anchor holds its own alias"),
            ("\n&a [[*a], 1]\n", "an anchor holds its own alias"),
            ("[" * 60 + "]" * 60, "nested too deeply"),
            ("[" * 100_000, "nested too deeply"),
            ("- " * 100_000, "nested too deeply"),
            ("a:\n  b: !!binary aGVsbG8=\n", "line 2: the tag"),
            ("!!python/object/apply:os.system ['echo x']", "line 1: the tag"),
            ("!!python/name:os.system ''", "line 1: the tag"),
            ("a: !!set {b}", "line 1: the tag"),
            ("a: !!timestamp 2026-06-30", "the tag"),
            ("a: !<!x> y", "the tag"),
            ("a: !!int abc\n", "!!tag"),
            ('a: "\\UFFFFFFFF"\n', "not valid YAML"),
            ('a: "\\ud800"\n', "line 1: a text holds a character"),
            ('"\\0": 1\n', "line 1: a text holds a character"),
            ('a: "\\e[31m"\n', "line 1: a text holds a character"),
            (f"a: {'9' * 5000}\n", "line 1: 9999"),
            (f"a: 1{'0' * 18}\n", "no number to reckon with"),
            ("a: 1e400\n", "line 1: 1e400 is no number"),
            ("a: !!float nan\n", "line 1: nan is no number"),
            ("a: !!float -inf\n", "line 1: -inf is no number"),
            (f"{'k' * 201}: 1\n", "line 1: a key must be one plain word"),
            (f"? {'k' * 500_000}\n: 1\n", "line 1: a key must be one plain word"),
            (f"a: *{'x' * 5000}\n", "not valid YAML"),
            ("%YAML 9999999999999999999999.1\n---\na: 1\n", "not valid YAML"),
            ("a: 1\n---\na: 2\n", "not valid YAML"),
        ],
    )
    def test_what_no_declaration_needs_is_refused(self, text: str, words: str) -> None:
        said = refusal(text)
        assert words in said
        assert len(said) < 400

    @pytest.mark.parametrize(
        "text",
        [
            'a: 1\n"a": 2\n',
            "a: 1\n'a': 2\n",
            'a: 1\n"\\x61": 2\n',
            "a: 1\n? a\n: 2\n",
            "a: 1\n!!str a: 2\n",
            "&k a: 1\n*k : 2\n",
        ],
    )
    def test_a_key_stands_twice_however_it_is_written(self, text: str) -> None:
        assert "the key 'a' stands twice" in refusal(text)

    def test_a_merge_key_is_a_key_like_any_other_so_it_hides_nothing(self) -> None:
        assert strict_yaml.read("b: &b {x: 1}\na: {<<: *b, x: 2}\n")[0]["a"] == {"<<": {"x": 1}, "x": 2}
        assert "the key '<<' stands twice" in refusal("b: &b {x: 1}\na: {<<: *b, <<: *b}\n")

    def test_aliases_that_stay_small_are_fine(self) -> None:
        said, _ = strict_yaml.read("a: &a [1, 2]\nb: [*a, *a]\nc: {d: *a}\n")
        assert said == {"a": [1, 2], "b": [[1, 2], [1, 2]], "c": {"d": [1, 2]}}

    def test_no_two_declared_mappings_can_multiply(self, tmp_path: Path) -> None:
        """Defaults go under each shop key by key: shared branches would be walked once for each way there."""
        twice = (f"    d{n}: &d{n} {{a: *d{n - 1}, b: *d{n - 1}}}\n" for n in range(1, 40))
        shared = "defaults:\n  notebooks: &n\n    d0: &d0 {a: {}, b: {}}\n" + "".join(twice)
        path = tmp_path / "shops.yml"
        path.write_text(f"{shared}{GOOD}    notebooks: *n\n", "utf-8")
        with pytest.raises(SettingError, match="aliases written out"):
            shopfile.load(path)


class TestSizes:
    @pytest.mark.parametrize(
        "load",
        LOADS,
        ids=lambda load: f"{load.__module__}.{load.__name__}",
    )
    def test_a_file_of_fifty_megabytes_is_not_read(self, load, tmp_path: Path) -> None:
        ending = {"clv.playbooks": ".md", "clv.registration": ".json", "clv.commands.model_files": ".json"}
        path = tmp_path / f"large{ending.get(load.__module__, '.yml')}"
        path.write_bytes(b"a: 1\n" * 10_000_000)
        with pytest.raises(ClvError) as caught:
            load(path)
        answers.hold(caught.value)

    def test_the_limit_is_where_it_is_said_to_be(self, tmp_path: Path) -> None:
        path = tmp_path / "x.yml"
        path.write_bytes(b"x" * texts.LARGEST)
        assert len(texts.read(path)) == texts.LARGEST
        path.write_bytes(b"x" * (texts.LARGEST + 1))
        with pytest.raises(OSError) as caught:
            texts.read(path)
        assert caught.value.errno == errno.EFBIG

    @pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
    @pytest.mark.parametrize(
        "load", [shopfile.load, schemes.read, rules.load, playbooks.load, registration.load, model_files.load]
    )
    def test_a_pipe_that_nobody_writes_to_is_not_waited_for(self, load, tmp_path: Path) -> None:
        path = tmp_path / ("pipe.md" if load is playbooks.load else "pipe.yml")
        os.mkfifo(path)
        with pytest.raises(ClvError) as caught:
            load(path)
        answers.hold(caught.value)

    def test_a_large_shop_file_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "shops.yml"
        entry = "    platform: taobao\n    orders: gold/Export*.csv\n"
        path.write_text("shops:\n" + "".join(f"  s{n}:\n{entry}" for n in range(1000)), "utf-8")
        assert len(shopfile.load(path).shops) == 1000
        assert 10 * 1000 * len(entry) <= yaml_bounds.LARGEST


class TestJson:
    @pytest.mark.parametrize(
        "text",
        [
            "NaN",
            "[Infinity]",
            '{"a": -Infinity}',
            "1e400",
            "-1e999",
            "9" * 19,
            "9" * 5000,
            '{"a": 1, "a": 2}',
            '{"a": {"b": 1, "b": 1}}',
            '"\\ud800"',
            '{"\\udfff": 1}',
            "[" * 51 + "]" * 51,
            "[" * 200_000,
            "",
            "{",
            b"\xff",
        ],
        ids=range(16),
    )
    def test_what_programs_read_differently_is_refused(self, text: str | bytes) -> None:
        with pytest.raises(ValueError):
            strict_json.read(text)

    def test_the_rest_is_read_as_json_is(self) -> None:
        said = {"a": [1, -2.5e300, None, True, "é😀\u2028"], "b": {"c": 10**17}}
        assert strict_json.read(json.dumps(said)) == said == strict_json.read(json.dumps(said).encode())


def changed(seed: bytes, **parts: object) -> bytes:
    """Return a saved file with parts of it changed; `a__b` is what stands under b in a."""
    said = json.loads(seed)
    for name, value in parts.items():
        at = said
        *steps, last = name.split("__")
        for step in steps:
            at = at[step]
        at[last] = value
    return json.dumps(said).encode()


class TestModels:
    BG = declared_files.SEEDS["model"][0]

    @pytest.mark.parametrize(
        "parts",
        [
            {"fit__name": ["bgnbd"]},
            {"fit__name": {"a": 1}},
            {"fit__name": "x" * 100_000},
            {"fit__version": "x" * 100_000},
            {"fit__parameters__r": 1e-300},
            {"fit__parameters__alpha": 1e300},
            {"fit__parameters__a": 5e-324},
            {"fit__parameters": {"r\n\x1b[31m": 1}},
            {"fit__log_likelihood": "nan"},
            {"fit__n_customers": -1},
            {"fit__n_customers": 1e300},
            {"fit__spread__high": [1e6] * 4},
            {"fit__spread__low": [800.0] * 4},
            {"fit__spread__up": [-1.0] * 4},
            {"fit__spread__up": [[1.0]] * 4},
            {"fit__spread__point": [0.0] * 4},
            {"fit__covariance": [[-1.0] * 4] * 4},
            {"fit__covariance": "x"},
            {"spend": []},
            {"spend": 5},
            {"spend__correlation": []},
            {"spend__correlation__pearson": 2},
            {"spend__model__p": "1"},
            {"spend__model__q": 0.5},
            {"spend__model__v": -1.0},
            {"spend__covariance": [[1]]},
            {"spend__covariance": "abc"},
            {"spend__warnings": 5},
            {"spend__n_customers": "many"},
        ],
        ids=lambda parts: next(iter(parts)),
    )
    def test_a_model_that_no_fit_could_have_written_is_refused(self, parts: dict, tmp_path: Path) -> None:
        path = tmp_path / "model.json"
        path.write_bytes(changed(self.BG, **parts))
        with pytest.raises(ClvError) as caught:
            model_files.load(path)
        answers.hold(caught.value)
        assert len(str(caught.value)) < 400

    @pytest.mark.parametrize("seed", declared_files.SEEDS["model"], ids=list(models.MODELS))
    def test_what_was_fitted_is_read(self, seed: bytes) -> None:
        assert declared_files.model(seed) == declared.KEPT

    def test_every_model_at_the_edges_of_its_bounds_answers_in_finite_numbers(self) -> None:
        """The bounds of a saved model are worth something only if everything inside them is answered."""
        people = answers.customers()
        for name, seed in zip(models.MODELS, declared_files.SEEDS["model"], strict=True):
            fit = models.fit_from_json(json.dumps(json.loads(seed)["fit"]))
            corners = (
                np.array(np.meshgrid(*zip(fit.spread.low, fit.spread.high, strict=True)))
                .reshape(len(fit.spread.low), -1)
                .T
            )
            for logs in type(fit.model).chart.logs(corners):
                model = type(fit.model)(*map(float, np.exp(logs)))
                with np.errstate(all="ignore"):
                    assert model.p_alive(people).between(0, 1).all(), (name, model)
                    assert model.p_buy(people, days=90).between(0, 1).all(), (name, model)
                    bought = model.expected_purchases(people, days=90)
                assert (np.isfinite(bought) & (bought >= 0)).all(), (name, model)

    def test_a_rule_that_asks_a_damaged_model_is_refused(self) -> None:
        seed = next(one for one in declared_files.SEEDS["kept_rule"] if b"clv.fit" in one)
        for part in (
            {"learned__spend__correlation": []},
            {"learned__fit__name": []},
            {"learned__horizon": 10**17},
        ):
            try:
                rfm.from_json(changed(seed, **part).decode())
            except InputError as error:
                answers.hold(error)
            else:
                declared_files.kept_rule(changed(seed, **part))


def test_a_saved_money_model_is_read_again(tmp_path: Path) -> None:
    said = json.loads(declared_files.SEEDS["model"][0])["spend"]
    assert spend.SpendFit.from_json(json.dumps(said)).to_json() == json.dumps(said)


@pytest.mark.parametrize("files", [5, [None], [["x"]], "abc", {"a": 1}, ["/etc/passwd", "../../x"]])
def test_a_damaged_plan_of_an_earlier_play_does_no_harm(files: object) -> None:
    declared_files.earlier_plan(json.dumps({**declared_files.PLAN, "files": files}).encode())


def test_a_ledger_whose_key_stands_twice_is_damaged(tmp_path: Path) -> None:
    line = json.dumps(declared_files.RESULT)
    twice = line.replace('"verdict"', '"verdict": "other", "verdict"')
    assert declared_files.ledger_lines(line.encode()) == declared.KEPT
    assert declared_files.ledger_lines(twice.encode()) == declared.REFUSED
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"profit": NaN}\n')
    with pytest.raises(InputError, match="damaged"):
        ledger.read(path)


@pytest.mark.parametrize("text", ["{co\udc9bde}", "{a\nb}", "{" + "x" * 5000 + "}", "\udcff", "{\x1b[31m}"])
def test_what_a_message_quotes_fits_in_one_sentence(text: str) -> None:
    assert declared.message(text.encode("utf-8", "surrogateescape")) == declared.REFUSED


@pytest.mark.parametrize(
    "line", ["=" + "9" * 5000, "x" * 100_000, "\x1b[31m", "02_customers.top=" + "9" * 5000]
)
def test_what_a_setting_quotes_fits_in_one_sentence(line: str) -> None:
    assert declared.setting(line.encode()) == declared.REFUSED


@pytest.mark.slow
def test_no_fit_of_any_small_shop_is_refused_when_it_is_read_again() -> None:
    """The bounds of a saved model may not shut out what a fit finds in odd shops."""
    rng = np.random.default_rng(5)
    for n, oldest, rate, spread in product([3, 40], [30, 5000], [0.2, 30.0], [0.0, 4.0]):
        T = rng.integers(0, oldest, n)
        x = np.minimum(rng.poisson(rng.gamma(0.5, rate, n)), T)
        recency = np.where(x > 0, np.maximum((T * rng.random(n)).astype(int), x), 0)
        money = np.where(x > 0, rng.lognormal(5, spread, n), 0.0)
        people = pd.DataFrame({"frequency": x, "recency": recency, "T": T, "monetary_value": money})
        people["total_spend"] = money * (x + 1) + 1
        for name in models.MODELS:
            with contextlib.suppress(NoAnswerError):
                fit = models.fit_by_name(name, people)
                assert models.fit_from_json(fit.to_json()).model == fit.model
        fit = spend.fit(people)
        assert spend.SpendFit.from_json(fit.to_json()).model == fit.model
