"""Registrations: what was written before the sending comes back, and no other than that counts."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from clv import registration
from clv.errors import InputError
from clv.registration import Registration
from conftest import REPO

COUPON = {
    "name": "coupon", "title": {"en": "20 off", "zh": "二十元券"}, "kind": "coupon", "amount": 20.0,
    "minimum_spend": 150.0, "valid_days": 30, "uplift": {"mean": 0.4, "sd": 0.2},
    "uplift_by_channel": {"phone": {"mean": 0.9, "sd": 0.3}},
}  # fmt: skip
WORD = {"name": "word", "kind": "notice", "uplift": {"mean": 0.1, "sd": 0.1}}
GIVEN = {
    "campaign": "spring", "shop": "gift", "playbook": "", "registered_at": "2026-03-11T10:00:00+08:00",
    "send_on": "2026-03-12", "stops_on": "2026-05-10", "send": 648, "control": 413, "control_share": 0.389,
    "expected_effect": 0.03, "smallest_effect": 0.05, "expected_profit": 850.0,
    "expected_profit_low": -280.0, "expected_profit_high": 1980.0, "margin": 0.3, "currency": "CNY",
    "offers": [COUPON, WORD], "contact_costs": {"sms": 0.06, "phone": 5.0},
}  # fmt: skip


def registered(**changed: object) -> Registration:
    return Registration.model_validate({**GIVEN, **changed})


def file(folder: Path, name: str = "r.json", **changed: object) -> Path:
    path = folder / name
    path.write_text(registration.text(registered(**changed)), "utf-8")
    return path


# What is written comes back ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"smallest_effect": None, "expected_effect": -0.01, "playbook": "", "currency": ""},
        {"offers": [], "contact_costs": {}, "send": 0, "control": 0},
        {"registered_at": "2026-03-11T02:00:00.25Z", "send_on": "2026-05-10", "secondary": []},
        {"campaign": "冬 “win”\n\u2028", "expected_profit": 0.1 + 0.2},
    ],
)
def test_what_is_written_comes_back(tmp_path, changed):
    assert registration.load(file(tmp_path, **changed)) == registered(**changed)


def test_the_file_says_only_what_differs_from_usual_terms_and_no_message(tmp_path):
    told = {"sms": {"en": "to you", "zh": "致您"}}
    text = registration.text(registered(offers=[{**COUPON, "messages": told}, WORD]))
    assert json.loads(text)["offers"] == [COUPON, WORD]
    assert "致您" not in text and "二十元券" in text and text.endswith("}\n")
    assert registration.load(file(tmp_path, offers=[{**COUPON, "messages": told}, WORD])) == registered()


def test_a_file_that_notepad_saved_is_read(tmp_path):
    path = file(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert registration.load(path) == registered()


def test_the_sample_registration_is_one():
    found = registration.load(REPO / "data/samples/department/registration-2026-03-spring.json")
    assert (found.shop, found.send, found.control) == ("department", 648, 413)
    assert not registration.is_late(found)


# Each rule broken once --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"campaign": ""}, "campaign is ''; it should not be empty"),
        ({"shop": ""}, "shop is ''; it should not be empty"),
        ({"registered_at": ""}, "time with its offset, written as 2026-06-30T09:30:00+08:00"),
        ({"registered_at": "11 March"}, "registered_at is '11 March'; it should be a time"),
        ({"registered_at": "1013-07-01T10:00:00+08:00"}, "it should be a day of the years 1900 to 2200."),
        ({"registered_at": "2026-03-11"}, "time with its offset"),
        ({"registered_at": "2026-03-11T10:00:00"}, "time with its offset"),
        ({"registered_at": "20260311T100000+0800"}, "time with its offset"),
        ({"registered_at": "2026-02-30T10:00:00+08:00"}, "time with its offset"),
        ({"send_on": "12/03/2026"}, "send_on is '12/03/2026'; it should be a day of the calendar"),
        ({"send_on": "9999-12-31"}, "send_on is '9999-12-31'; it should be a day of the years 1900 to 2200."),
        ({"send_on": ""}, "send_on is ''; it should not be empty"),
        ({"stops_on": "2026-02-30"}, "stops_on is '2026-02-30'; it should be a day of the calendar"),
        ({"stops_on": "2026-03-11"}, "stops_on 2026-03-11 lies before send_on 2026-03-12"),
        ({"primary": "buyers"}, "'gross profit per assigned customer'"),
        ({"send": -1}, "send is -1; it should be greater than or equal to 0"),
        ({"control": 4.5}, "control is 4.5; it should be of type integer"),
        ({"control_share": 1.0}, "control_share is 1.0; it should be less than 1"),
        ({"control_share": 0.0}, "greater than 0"),
        ({"expected_effect": 3.0}, "expected_effect is 3.0; it should be less than or equal to 1"),
        ({"smallest_effect": -0.1}, "smallest_effect is -0.1"),
        ({"expected_profit_high": "1980"}, "expected_profit_high is '1980'; it should be of type number"),
        ({"expected_profit_low": 2000.0}, "expected_profit_low lies above expected_profit_high"),
        ({"margin": 0.0}, "margin is 0.0; it should be greater than 0"),
        ({"margin": 1.5}, "margin is 1.5"),
        ({"contact_costs": {"sms": -0.06}}, "contact_costs.sms is -0.06"),
        ({"offers": [{**COUPON, "amount": "8 % of basket"}]}, "part of the usual order; it should be money"),
        ({"offers": [{**WORD, "amount": 3.0}]}, "the offer 'word' is a notice and takes no 'amount'"),
        ({"sent": 5}, "unknown key 'sent'; did you mean 'send'?"),
    ],
)
def test_every_rule_is_told_in_one_sentence_with_the_file(tmp_path, changed, words):
    path = tmp_path / "r.json"
    path.write_text(json.dumps({**GIVEN, **changed}), "utf-8")
    with pytest.raises(InputError) as caught:
        registration.load(path)
    said = str(caught.value)
    assert said.startswith("r.json: ") and words in said and "\n" not in said
    with pytest.raises(ValidationError):
        registered(**changed)


@pytest.mark.parametrize(
    "key", [key for key, field in Registration.model_fields.items() if field.is_required()]
)
def test_a_missing_key_is_told_with_its_meaning(tmp_path, key):
    (tmp_path / "r.json").write_text(json.dumps({k: v for k, v in GIVEN.items() if k != key}), "utf-8")
    with pytest.raises(InputError, match=f"^r.json: the key '{key}' is missing; it says "):
        registration.load(tmp_path / "r.json")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is no JSON"),
        (b"campaign: spring\n", "it is no JSON"),
        (json.dumps(GIVEN).encode()[:-40], "it is no JSON"),
        (b"\xff\xfe\x00", "it is no JSON"),
        (b"[" * 100_000, "it is nested too deeply"),
        (None, "No such file or directory"),
    ],
)
def test_a_damaged_file_is_told_in_one_sentence(tmp_path, content, why):
    if content is not None:
        (tmp_path / "r.json").write_bytes(content)
    said = rf"^r\.json is no registration of a campaign \({why}\); `clv play` writes them\.$"
    with pytest.raises(InputError, match=said):
        registration.load(tmp_path / "r.json")


@pytest.mark.parametrize("content", ["[]", "7", "null", '"spring"'])
def test_json_that_is_no_registration_is_told(tmp_path, content):
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(
        InputError, match=r"^r\.json is no registration of a campaign; `clv play` writes them"
    ):
        registration.load(tmp_path / "r.json")


# Which one counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "late"),
    [
        ("2026-02-11T10:00:00+08:00", False),
        ("2026-03-11T23:59:59+08:00", False),
        ("2026-03-12T09:00:00+08:00", False),  # the day of sending itself
        ("2026-03-13T00:00:00+08:00", True),
        ("2027-01-01T00:00:00Z", True),
    ],
)
def test_what_was_written_after_the_day_of_sending_is_late(at, late):
    assert registration.is_late(registered(registered_at=at)) is late


def found(folder: Path, *times: str, **asked: str) -> str | None:
    """Return when the registration that counts was written, of one for each time."""
    paths = [file(folder, f"r{n}.json", registered_at=at) for n, at in enumerate(times)]
    one = registration.find(paths, campaign="spring", **asked)
    again = registration.find(paths[::-1], campaign="spring", **asked)
    assert one == again
    return one and one.registered_at


def test_the_last_before_the_sending_counts(tmp_path):
    first, last, late = (f"2026-03-{day:02}T10:00:00+08:00" for day in (1, 11, 20))
    assert found(tmp_path, first, last, late) == last
    assert found(tmp_path, late, first) == first


def test_where_all_are_late_the_earliest_counts(tmp_path):
    times = [f"2026-04-{day:02}T10:00:00+08:00" for day in (20, 3, 9)]
    assert found(tmp_path, *times) == times[1]


def test_times_of_different_offsets_are_put_in_their_true_order(tmp_path):
    """Half past eleven at night in New York is later than the next morning at ten in Shanghai."""
    new_york, shanghai = "2026-03-11T23:30:00-05:00", "2026-03-12T10:00:00+08:00"
    assert found(tmp_path, shanghai, new_york) == new_york
    late = ["2026-04-01T23:30:00-05:00", "2026-04-02T10:00:00+08:00"]
    assert found(tmp_path, *late) == late[1]


def test_another_campaigns_or_another_shops_is_not_taken(tmp_path):
    mine = file(tmp_path, "a.json")
    theirs = file(tmp_path, "b.json", shop="gold", registered_at="2026-03-12T01:00:00+08:00")
    other = file(tmp_path, "c.json", campaign="autumn")
    assert registration.find([theirs, mine, other], campaign="spring", shop="gift") == registered()
    assert registration.find([theirs, other], campaign="spring", shop="gift") is None
    assert registration.find([theirs, mine], campaign="summer", shop="gift") is None
    assert registration.find([], campaign="spring") is None
    assert registration.find([theirs, mine], campaign="spring").shop == "gold"


def test_one_damaged_file_among_several_is_not_passed_over(tmp_path):
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(InputError, match=r"^b\.json is no registration"):
        registration.find([file(tmp_path), tmp_path / "b.json"], campaign="spring")


@pytest.mark.parametrize(
    "changed",
    [
        {"smallest_effect": float("inf")},
        {"expected_profit": float("nan")},
        {"expected_profit_low": float("-inf")},
        {"contact_costs": {"sms": float("nan")}},
    ],
)
def test_a_number_that_is_none_is_refused_in_the_file_and_in_the_program(tmp_path, changed):
    path = tmp_path / "r.json"
    path.write_text(json.dumps({**GIVEN, **changed}), "utf-8")
    with pytest.raises(InputError, match=r"r\.json is no registration .*a number is not finite"):
        registration.load(path)
    with pytest.raises(ValidationError):
        registered(**changed)
