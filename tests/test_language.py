"""Contracts of the wording: every text of ours is there in Chinese too, and asks for the same values."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from click import core, exceptions, parser, types

import language_texts as texts
from clv import language
from clv.cli import cli, main
from clv.language import catalogue, label, speaking, spoken, tell

HELD = catalogue.sentences("zh")
# Sentences in modules that no reader of a report or a message sees.
UNSEEN = {"(?:REPLY|TEXT|SEND)(?:WITH)?"}  # a pattern


def missing(found: Iterable[tuple[str, str]]) -> str:
    """Return what is not in the catalogue, as entries to be filled in."""
    lacking = {text: where for where, text in found if text not in HELD and text not in UNSEEN}
    quoted = (f'#. {where}\nmsgid {_quoted(text)}\nmsgstr ""\n' for text, where in lacking.items())
    return "\n".join(quoted)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


class TestEveryTextIsThere:
    def test_what_the_modules_tell(self) -> None:
        found = [(name, text) for name, source in texts.modules() for text in texts.told(source)]
        assert len(found) > 800
        assert not (lacking := missing(found)), lacking

    def test_whole_sentences_that_the_modules_hand_on(self) -> None:
        found = [(name, text) for name, source in texts.modules() for text in texts.sentences(source)]
        assert not (lacking := missing(found)), lacking

    def test_what_the_pages_tell(self) -> None:
        found = [
            (name, text) for name, source in texts.templates() for text in texts.told_in_template(source)
        ]
        assert found
        assert not (lacking := missing(found)), lacking

    def test_prose_of_notebooks(self) -> None:
        found = list(texts.cells("markdown"))
        assert len(found) > 100
        assert not (lacking := missing(found)), lacking

    def test_what_platforms_schemes_and_answers_declare(self) -> None:
        found = [(name, text) for name, said in texts.declared() for text in said]
        assert len(found) > 50
        assert not (lacking := missing(found)), lacking

    def test_help_of_the_command_line(self) -> None:
        found = [("help", text) for text in texts.helps(cli)]
        assert len(found) > 100
        assert not (lacking := missing(found)), lacking

    def test_words_of_click(self) -> None:
        said = re.compile(r'\b_\(\s*"((?:[^"\\]|\\.)*)"')
        shown = ("Usage:", "Options", "Commands", "No such", "Missing", "Invalid value", "Error: {message}")
        for module in (core, exceptions, parser, types):
            for text in said.findall(Path(module.__file__).read_text("utf-8")):
                assert not text.startswith(shown) or text in HELD, text


class TestTranslations:
    def test_ask_for_the_same_values(self) -> None:
        for path in catalogue.files("zh"):
            if path.stem in {"help", "click", "notebooks_prose"}:
                continue  # texts that are not filled, or filled by click
            for text, told in catalogue.entries(path).items():
                wanted, asked = _placeholders(text), _placeholders(told)
                if wanted is not None:
                    assert asked is not None, f"{path.name}: {told!r} cannot be filled"
                    assert asked <= wanted, f"{path.name}: {told!r} asks for {asked - wanted}"
                    left_out = {name for name in wanted - asked if not texts.is_plural(name)}
                    assert not left_out, f"{path.name}: {told!r} leaves out {left_out}"

    def test_are_chinese(self) -> None:
        for path in catalogue.files("zh"):
            for text, told in catalogue.entries(path).items():
                says_something = re.search(r"[A-Za-z]{4,} [A-Za-z]{4,} [a-z]{3,}", text)
                assert not says_something or re.search(r"[一-鿿]", told), f"{path.name}: {told!r}"

    def test_stand_once(self) -> None:
        where: dict[str, str] = {}
        for path in catalogue.files("zh"):
            for text in catalogue.entries(path):
                assert text not in where, f"{text!r} stands in {where[text]} and in {path.name}"
                where[text] = path.name

    def test_of_sentences_are_of_sentences_that_we_have(self) -> None:
        sources = [source for _, source in [*texts.modules(), *texts.templates()]]
        ours = _flat("\n".join(sources))
        for name in ("sentences", "reading", "commands"):
            for text in catalogue.entries(catalogue.HOME / "zh" / f"{name}.po"):
                assert _flat(text) in ours, f"{name}.po: nothing says {text!r} any more"


def _placeholders(template: str) -> set[str] | None:
    try:
        return texts.placeholders(template)
    except ValueError:
        return None


def _flat(text: str) -> str:
    """Return a text or source without quotes, line ends and escapes, as long literals are broken up."""
    return re.sub(r"[\s\"'\\]+|\\n", "", text.replace("\\n", ""))


class TestTelling:
    def test_fills_in_and_formats(self) -> None:
        assert tell("{rows:,} rows of {path}", rows=1234, path="a.csv") == "1,234 rows of a.csv"

    def test_a_text_without_values_may_hold_braces(self) -> None:
        assert tell("write {{offer}} or {") == "write {{offer}} or {"

    def test_speaks_for_one_thread_and_comes_back(self) -> None:
        with speaking("zh"):
            assert spoken() == "zh"
            with speaking("en"):
                assert spoken() == "en"
            assert tell("All shops") == "所有店铺"
        assert spoken() == "en"
        assert tell("All shops") == "All shops"

    def test_a_missing_text_comes_in_english(self) -> None:
        with speaking("zh"):
            assert tell("nobody ever wrote {this}", this=1) == "nobody ever wrote 1"

    def test_words_and_days_among_the_values_are_told_too(self) -> None:
        with speaking("zh"):
            assert tell("{what}", what="cannot tell") == "无法判断"
            assert tell("{day}", day=date(2026, 7, 1)) == "2026年7月1日"
            assert tell("{yes}", yes=True) == "是"

    @pytest.mark.parametrize(
        ("length", "told"), [(200, "x" * 200), (201, "x" * 200 + "…"), (5000, "x" * 200 + "…")]
    )
    def test_of_a_long_text_that_is_quoted_the_beginning_is_told(self, length: int, told: str) -> None:
        assert tell("no {name!r} here", name="x" * length) == f"no '{told}' here"

    def test_a_path_that_is_quoted_can_be_copied(self) -> None:
        path = "/" + "x" * 999
        assert tell("no {path!r} here", path=path) == f"no '{path}' here"
        assert tell("no {path!r} here", path=f"{path}yz") == f"no '{path}…' here"
        assert tell("no {path!r} here", path="c:\\" + "x" * 300) == f"no 'c:\\\\{'x' * 300}' here"

    def test_names_from_the_export_stay_as_they_are(self) -> None:
        with speaking("zh"):
            assert tell("{shop}", shop="Smith & Sons") == "Smith & Sons"
            assert label("a category of the shop") == "a category of the shop"

    def test_refuses_a_language_that_it_does_not_speak(self) -> None:
        with pytest.raises(ValueError, match="'fr'"):
            language.speak("fr")


class TestCommandLine:
    @pytest.mark.parametrize(
        ("arguments", "variables"),
        [
            (["--lang", "zh", "bach"], {}),
            (["bach"], {"CLV_LANG": "zh"}),
            (["bach"], {"CLV_LANG": "", "LC_ALL": "zh_CN.UTF-8"}),
        ],
    )
    def test_answers_in_the_language_of_the_call(
        self,
        arguments: list[str],
        variables: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture,
    ) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
        assert "没有命令 'bach'" in capsys.readouterr().err

    def test_speaks_english_unless_the_system_is_chinese(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        monkeypatch.setenv("CLV_LANG", "")
        monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
        with pytest.raises(SystemExit):
            main(["bach"])
        assert "No such command 'bach'" in capsys.readouterr().err

    def test_errors_and_help_are_chinese_throughout(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
    ) -> None:
        monkeypatch.setenv("CLV_LANG", "zh")
        for arguments in (["batch", "nowhere.yml"], ["batch", "--help"], ["score", "--help"], ["--help"]):
            with pytest.raises(SystemExit):
                main(arguments)
            out, err = capsys.readouterr()
            assert not (left := re.findall(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", out + err)), left
