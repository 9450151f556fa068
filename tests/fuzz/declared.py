"""What a shop declares in YAML, Markdown and on the command line: refused in one sentence, or valid."""

import json
import re
from itertools import pairwise
from pathlib import Path

from clv import faults, parameters, playbooks, schemes, shopfile
from clv.declaring import strict_yaml
from clv.errors import ClvError, InputError, SettingError
from clv.playing import guards
from clv.running import plan
from clv.schemes import cells
from clv.schemes.contract import Scheme
from clv.sending import message_faults, messages
from clv.shop_entry import NAME
from clv.shop_files import ShopFile
from clv.tiering import rules
from fuzz import answers

REPO = Path(__file__).parents[2]
REFUSED, KEPT = {"refused": 1}, {"accepted": 1}


def yaml_text(data: bytes) -> dict[str, int]:
    """A text that is read has plain values only, no more of them than said, and says the same as JSON."""
    try:
        said, _ = strict_yaml.read(data.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return REFUSED
    except SettingError as error:
        answers.hold(error)
        return REFUSED
    answers.plain(said)
    assert len(repr(said)) < 12_000_000
    return KEPT


def shop_file(data: bytes) -> dict[str, int]:
    """An accepted shop file names folders and says the same again when it is written out."""
    try:
        found = shopfile.load(answers.written("shops.yml", data))
    except SettingError as error:
        answers.hold(error)
        return REFUSED
    _check_shops(found)
    shown = {
        name: entry.model_dump(mode="json", exclude_defaults=True) for name, entry in found.shops.items()
    }
    text = json.dumps({"shops": shown}, ensure_ascii=False)
    again = shopfile.load(answers.written("again.yml", text.encode()))
    assert again.shops == found.shops
    return KEPT


def _check_shops(found: ShopFile) -> None:
    assert found.shops and found.lang in ("en", "zh")
    for name, entry in found.shops.items():
        assert re.fullmatch(NAME, name) and entry.name
        assert all(0 < start <= 1e9 for start in entry.tiers.values())
        found.ledger_file(name)
        if "*" not in repr(entry) and "?" not in repr(entry):  # a fuzzed glob may mean the whole disk
            _look_for_files(found, name)


def _look_for_files(found: ShopFile, name: str) -> None:
    for look in (found.sources, found.scheme_files, found.registration_files, found.contact_files):
        try:
            look(name)
        except InputError as error:
            answers.hold(error)


def playbook(data: bytes) -> dict[str, int]:
    """An accepted playbook has its sections, channels at sane costs, and words that can be filled."""
    try:
        text = data.decode()
        found = playbooks.parse(text, name="mine")
    except UnicodeDecodeError:
        return REFUSED
    except SettingError as error:
        answers.hold(error)
        return REFUSED
    assert len(found.sections) == 6 and found.title
    for name in found.channels:
        answers.plain(found.channel(name).model_dump(mode="json"))
    for words in found.messages.values():
        messages.fill(words.zh, dict.fromkeys(messages.PLACEHOLDERS, "x"))
    facts = dict.fromkeys(found.guards, 1.0)
    assert all(sentence.endswith(".") for sentence in guards.broken(found.guards, facts))
    return KEPT


def scheme(data: bytes) -> dict[str, int]:
    """A scheme that is read can be linted; one that is usable is a partition of its cells."""
    try:
        found = schemes.parse(data.decode(), id="mine")
    except UnicodeDecodeError:
        return REFUSED
    except SettingError as error:
        answers.hold(error)
        return REFUSED
    for fault in faults.of_scheme(found):
        assert fault.sentence
    try:
        schemes.check_usable(found)
    except SettingError as error:
        answers.hold(error)
        return REFUSED
    if isinstance(found.segments, list):
        assert all(len(mine) == 1 for mine in cells.claims(found).values())
    assert Scheme.model_validate(json.loads(json.dumps(found.model_dump(mode="json")))) == found
    return KEPT


def tier_rules(data: bytes) -> dict[str, int]:
    """Accepted rules are a staircase whose tiers are kept at what they are entered at, or less."""
    try:
        found = rules.parse(data.decode())
        rules.scaled(found, by=1.1)
    except UnicodeDecodeError:
        return REFUSED
    except SettingError as error:
        answers.hold(error)
        return REFUSED
    assert all(low < high for low, high in pairwise(found.starts))
    assert all(keep <= start for keep, start in zip(found.keeps, found.starts, strict=True))
    assert len(set(found.labels)) == len(found.labels)
    answers.plain(found.model_dump(mode="json", by_alias=True))
    return KEPT


def setting(data: bytes) -> dict[str, int]:
    """What `--set` takes is a parameter within its bounds."""
    try:
        for notebook, given in plan.settings(data.decode().split("\n")).items():
            found = parameters.build(parameters.contract(notebook), given)
            answers.plain(found.model_dump(mode="json"))
    except UnicodeDecodeError:
        return REFUSED
    except SettingError as error:
        answers.hold(error)
        return REFUSED
    return KEPT


def message(data: bytes) -> dict[str, int]:
    """Any text gets faults on every channel, and a template that can be filled is filled."""
    text = data.decode("utf-8", "surrogateescape")  # as the command line hands it over
    for channel in message_faults.CHANNELS:
        for profile in message_faults.PROFILES:
            assert all(
                fault.sentence for fault in message_faults.faults(text, channel=channel, profile=profile)
            )
    assert messages.sms_parts(text) >= 0
    try:
        messages.fill(text, dict.fromkeys(messages.PLACEHOLDERS, "{x}"))
    except ClvError as error:
        answers.hold(error)
        return REFUSED
    return KEPT


TARGETS = {
    "yaml_text": yaml_text,
    "shop_file": shop_file,
    "playbook": playbook,
    "scheme": scheme,
    "tier_rules": tier_rules,
    "setting": setting,
    "message": message,
}
_PLAYBOOKS = [path for path in sorted((REPO / "playbooks").glob("*.md")) if path.stem != "README"]
_SCHEMES = sorted((REPO / "src/clv/schemes").glob("**/*.yml"))
SHOPS = b"""shops:
  gold:
    name: &n Gold
    sign: *n
    platform: taobao
    orders: gold/Export*.csv
    items: [gold/items.csv]
    tiers: {silver: 3000, gold: 8000.5}
    membership: gold/membership.yml
    also: {pos: {platform: csv, orders: c.csv, columns: {order_id: no}, date_format: "%d/%m/%Y"}}
    contacts: {sms: sms.csv, email: [a.csv, b.csv]}
    members: gold/members.csv
    indexed: [rings]
    gifts: to giver
    gift_givers: givers.csv
    ledger: ledger.jsonl
    notebooks: {03_lifetime_value: {horizon_days: 180, margin: .4}}
  gift: {platform: csv, orders: ["duckdb:///x.duckdb?table=a"], links: l.csv, until: 2026-06-30}
defaults: {timezone: Asia/Shanghai, lang: zh, currency: CNY, notebooks: {02_customers: {top: 9}}}
"""
SEEDS = {
    "yaml_text": [SHOPS, b"a: &a [x, *n]\nb: {c: 1e5, d: .5, <<: *a}\n", b'%YAML 1.1\n--- !!str "\\u00e9"\n'],
    "shop_file": [SHOPS],
    "playbook": [path.read_bytes() for path in _PLAYBOOKS],
    "scheme": [path.read_bytes() for path in _SCHEMES],
    "tier_rules": [path.read_bytes() for path in sorted((REPO / "data/samples").glob("*/membership.yml"))],
    "setting": [
        b"03_lifetime_value.horizon_days=180",
        b"05_recall_offers.window_days=60\n02_customers.top=9",
    ],
    "message": [
        "【金满堂】{offer}，码{code}，{expires}前有效。拒收请回复R".encode(),
        b"Call 13800138000 http://x.cn/a",
    ],
}
_YAML = [
    b"!!",
    b"!!python/object:",
    b"!!binary ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"%YAML",
    b"---\n",
    b"...\n",
    b"\t",
    b"\r\n",
    b"\xc2\x85",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\\UFFFFFFFF",
    b"1e400",
    b".inf",
    b".nan",
    b"null",
    b"true",
    b"? ",
    b"- ",
    b"|\n",
    b">-\n",
    b"{",
    b"[",
    b"'",
    b'"',
    b"!!set ",
    b"!!omap ",
    b"!!int ",
    b"!!float ",
]
WORDS = dict.fromkeys(("yaml_text", "shop_file", "playbook", "scheme", "tier_rules", "setting"), _YAML)
WORDS = WORDS | {
    "message": [word.encode() for word in ("{shop}", "｛", "【", "】", "退订", "最", "http://", "1380")]
}
