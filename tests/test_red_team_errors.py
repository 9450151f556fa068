"""No error, note or loss shows a cell: whatever column is broken, what stood in it is not said."""

import csv
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_output

from clv import extras, orders, sources
from clv.errors import ClvError, InputError, NoAnswerError, SettingError
from clv.running import foreign
from red_team import planted, shops

PEOPLE = 8
ENCODING = {"taobao": "gb18030"}
COLUMNS = {
    "order_id": "Order no", "customer_id": "Client", "paid_at": "Paid on", "amount": "Sum",
    "refund": "Refund", "status": "State", "title": "Item", "category": "Group", "sku": "Code",
    "channel": "Where",
}  # fmt: skip
BESIDE = {
    "members": extras.members, "contacts": extras.contacts, "campaigns": extras.past_campaigns,
    "points": extras.points, "visits": extras.visits,
}  # fmt: skip
Table = list[list[str]]


def broken(table: Table, known: set[str]) -> Iterator[tuple[str, Table]]:
    """Yield the table with each known column in turn full of what is planted, and with bad headers."""
    plant, forms = planted.Planter(), itertools.cycle(planted.FORMS)
    for at, name in enumerate(table[0]):
        if name.strip() not in known:
            continue
        cells = [[*row[:at], plant(next(forms), name), *row[at + 1 :]] for row in table[1:]]
        yield f"cells of {name}", [table[0], *cells]
        few = [cells[n] if n % 7 == 0 else row for n, row in enumerate(table[1:])]
        yield f"some cells of {name}", [table[0], *few]
    for form in ("phone", "mail", "labelled name"):
        yield f"headers with a {form}", [[f"{name} {plant(form, name)}" for name in table[0]], *table[1:]]
    yield "no header", table[1:]


def said(read: Callable[[], object]) -> str:
    """Return what a reader tells of a file: its error, or its notes, losses and currency."""
    try:
        found = read()
    except ClvError as error:
        return str(error)
    parts = [getattr(found, name, "") for name in ("notes", "refund_identity", "currency", "files")]
    losses = getattr(found, "losses", None)
    return " ".join(map(str, [*parts, "" if losses is None else losses.to_csv()]))


def leaks(
    path: Path, read: Callable[[], object], *, known: set[str], encoding: str = "utf-8-sig"
) -> tuple[int, dict[str, list[str]]]:
    """Break a file in each way; return how many there are, and what was said that should not be, by way."""
    with path.open(encoding=encoding, newline="") as file:
        table = list(csv.reader(file))
    ways = dict(broken(table, known))
    found = {}
    for what, bad in ways.items():
        shops.write(path, bad, encoding=encoding)
        if hits := planted.found_in(said(read)):
            found[what] = hits
    return len(ways), found


def known(platform: str) -> set[str]:
    """Return the headers that are looked at in the exports of a platform."""
    told = sources.load(platform)
    headers = [*told.fields.values(), *(one.headers for one in (*told.buyers, *told.keys))]
    headers += told.items.fields.values() if told.items else []
    return {header for some in headers for header in some}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("planted")
    shops.write_all(place, people=PEOPLE)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["taobao", "youzan", "shopify", "csv", "pinduoduo"])
def test_no_error_shows_a_cell_of_an_order_export(folder, platform):
    path = folder / platform / "orders.csv"
    how = {"columns": COLUMNS} if platform == "csv" else {}
    zone = "Asia/Shanghai" if platform == "shopify" else None

    def read():
        return orders.read(path, platform=platform, timezone=zone, **how)

    headers = set(COLUMNS.values()) if platform == "csv" else known(platform)
    tried, found = leaks(path, read, known=headers, encoding=ENCODING.get(platform, "utf-8-sig"))
    assert tried > 15
    assert found == {}


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["taobao", "youzan"])
def test_no_error_shows_a_cell_of_an_item_export(folder, platform, tmp_path):
    shops.write_all(tmp_path, people=PEOPLE, shops=(platform,))
    path, whole = folder / platform / "items.csv", tmp_path / platform / "orders.csv"

    def read():
        return orders.read(whole, platform=platform, items=path)

    tried, found = leaks(path, read, known=known(platform), encoding=ENCODING.get(platform, "utf-8-sig"))
    assert tried > 15
    assert found == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(BESIDE))
def test_no_error_shows_a_cell_of_a_file_beside_the_orders(folder, name):
    path = folder / "csv" / f"{name}.csv"
    headers = set(path.read_text("utf-8-sig").splitlines()[0].split(","))
    manner = extras.Manner(kind="phone")
    tried, found = leaks(path, lambda: BESIDE[name](path, manner=manner), known=headers)
    assert tried > 10
    assert found == {}


@pytest.mark.parametrize("name", ["list of 13805710001.csv", "收货人：王翀衍.csv", "li.7@sekretmail.cn.csv"])
def test_a_files_name_is_said_without_what_it_holds(tmp_path, name):
    path = tmp_path / name
    path.write_text("Sum\n1\n", "utf-8")
    text = said(lambda: orders.read(path, platform="csv"))
    assert text
    assert planted.found_in(text) == []


WHO = "王翀衍 13805710001"


@pytest.mark.parametrize("error", [InputError, SettingError, NoAnswerError])
@pytest.mark.parametrize("form", planted.OF_A_FORM)
def test_no_sentence_of_an_error_holds_what_has_a_form(error, form):
    value = planted.FORMS[form](1234)
    assert planted.found_in(str(error(f"there is no column {value!r} in {value}.csv; name it."))) == []


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (f"KeyError: '{WHO}'", "KeyError: '…'"),
        (f"ValueError: could not convert to float: '{WHO}'", "ValueError: could not convert to float: '…'"),
        (f"Conversion Error: CSV line\n{WHO}", "Conversion Error: CSV line"),
        (f"ArrowInvalid: tried {WHO} as int64", "ArrowInvalid: tried … … as int64"),
        ("KeyError: 'paid_at'", "KeyError: 'paid_at'"),
        ("ZeroDivisionError: division by zero", "ZeroDivisionError: division by zero"),
    ],
)  # fmt: skip
def test_what_a_library_quotes_is_not_told(message, told):
    assert foreign.told(message) == told


def failing(code: str) -> object:
    """Return the output of a cell that fails, as a kernel shows it."""
    from IPython.core.ultratb import FormattedTB

    try:
        exec(code, {"WHO": WHO, "InputError": InputError})
    except Exception as error:
        shown = FormattedTB(mode="Context").structured_traceback(*sys.exc_info())
        return new_output("error", ename=type(error).__name__, evalue=str(error), traceback=shown)


CHAINED = """
try:
    {}[WHO]
except KeyError:
    raise ValueError("it was " + WHO + "\\n" + WHO + "\\n13805710002 again")
"""


def test_a_traceback_shows_the_program_and_not_what_it_was_given():
    seen = failing(CHAINED)
    assert planted.found_in(seen.evalue + "\n".join(seen.traceback))  # else nothing is tried
    kept = foreign.without_values(seen)
    text = "\n".join(kept.traceback)
    assert planted.found_in(kept.evalue + text) == []
    assert "KeyError: '…'" in text and "ValueError: it was …" in text and "File " in text


def test_a_traceback_of_ours_keeps_its_sentence():
    kept = foreign.without_values(failing("raise InputError('the file 名单.csv is empty; export it again.')"))
    assert kept.evalue == "the file 名单.csv is empty; export it again."
    assert kept.evalue in "\n".join(kept.traceback)


def test_warnings_in_a_notebook_hold_nothing_with_a_form():
    kept = foreign.without_values(new_output("stream", name="stderr", text=f"UserWarning: {WHO}\n"))
    assert "13805710001" not in kept.text
