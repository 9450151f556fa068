"""What past campaigns teach: the field's e-mail test, planted effects recovered, laws of pooling."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clv import evidence, ledger, uplifts
from clv.errors import InputError
from clv.offering.channels import Channel
from clv.offering.contract import Offer, Uplift
from clv.offering.options import Option
from conftest import orders_table

VAGUE = Uplift(mean=0.0, sd=3.0)
SURE = Uplift(mean=0.2, sd=0.01)
NO_LEDGER = ledger.cells([])


def learn(rows: pd.DataFrame, prior: Uplift) -> uplifts.Learned:
    return uplifts.learn(evidence.counts(rows), prior=prior)


def campaign(rates: dict[str, tuple[float, float]], n: int, rng: np.random.Generator) -> pd.DataFrame:
    """One campaign: by segment the share that buys in both arms, `n` customers in each."""
    rows = []
    for segment, pair in rates.items():
        for arm, rate in zip(("send", "control"), pair, strict=True):
            rows.append(pd.DataFrame({"segment": segment, "arm": arm, "bought": rng.random(n) < rate}))
    return pd.concat(rows, ignore_index=True)


def exactly(sent: tuple[int, int], control: tuple[int, int]) -> pd.DataFrame:
    arms = []
    for arm, (yes, no) in (("send", sent), ("control", control)):
        arms.append(pd.DataFrame({"arm": arm, "bought": [True] * yes + [False] * no}))
    return pd.concat(arms, ignore_index=True)


def counted(sent: tuple[int, int], control: tuple[int, int], segment: str = "") -> pd.DataFrame:
    """The counts of what `exactly` would have row by row, from (bought, of how many)."""
    numbers = dict(zip(evidence.COUNTS, (sent[1], sent[0], control[1], control[0]), strict=True))
    return pd.DataFrame([{"campaign": "c", "segment": segment, **numbers}])


def test_one_campaign_without_a_prior_gives_its_own_log_odds_ratio():
    found = learn(exactly((300, 9700), (200, 9800)), VAGUE).uplift
    ratio = np.log(300 * 9800 / (9700 * 200))
    assert found.mean == pytest.approx(ratio, abs=0.005)
    assert found.sd == pytest.approx(np.sqrt(1 / 300 + 1 / 9700 + 1 / 200 + 1 / 9800), rel=0.02)


def test_many_and_few_buyers_meet_where_the_likelihood_turns_normal(monkeypatch):
    seen = exactly((260, 3000), (240, 3300))
    normal = learn(seen, VAGUE).uplift
    monkeypatch.setattr(uplifts, "_MANY", 10**9)
    exact = learn(seen, VAGUE).uplift
    assert normal.mean == pytest.approx(exact.mean, abs=0.003)
    assert normal.sd == pytest.approx(exact.sd, rel=0.01)


def test_campaigns_are_compared_within_themselves():
    """Simpson: the larger control group went with the season in which everybody buys."""
    calm = exactly((24, 976), (2, 98)).assign(campaign="calm")
    season = exactly((120, 380), (100, 400)).assign(campaign="season")
    both = pd.concat([calm, season], ignore_index=True)
    apart, pooled = (learn(table, VAGUE).uplift for table in (both, both.drop(columns="campaign")))
    assert apart.mean == pytest.approx(np.log(120 * 400 / (380 * 100)), abs=0.05)
    assert pooled.mean < 0


def test_rare_purchases_and_small_control_groups_bias_nothing(rng):
    """Eight segments of 400 sent and 100 left alone, at a base rate of one in a hundred; truth 0.2."""
    p1, found = 1 / (1 + np.exp(-(np.log(0.01 / 0.99) + 0.2))), []
    for _ in range(25):
        sent, control = rng.binomial(400, p1, 8), rng.binomial(100, 0.01, 8)
        parts = [
            exactly((a, 400 - a), (c, 100 - c)).assign(segment=name)
            for a, c, name in zip(sent, control, "abcdefgh", strict=True)
        ]
        found.append(learn(pd.concat(parts, ignore_index=True), VAGUE).uplift.mean)
    assert np.median(found) == pytest.approx(0.2, abs=0.25)


def test_a_firm_belief_stays_and_much_evidence_outweighs_a_loose_one(rng):
    seen = campaign({"all": (0.08, 0.04)}, 20_000, rng)
    truth = np.log(0.08 * 0.96 / (0.92 * 0.04))
    assert learn(seen, SURE).uplift.mean == pytest.approx(0.2, abs=0.05)
    assert learn(seen, Uplift(mean=0.0, sd=0.5)).uplift.mean == pytest.approx(truth, abs=0.12)


def test_more_customers_leave_less_doubt(rng):
    found = [
        learn(campaign({"all": (0.06, 0.05)}, n, rng), Uplift(mean=0.2, sd=0.3)).by_segment["all"].sd
        for n in (50, 500, 5000, 50_000)
    ]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.05


def test_small_segments_take_after_the_others_and_large_ones_after_themselves(rng):
    truth = {"a": (0.10, 0.05), "b": (0.055, 0.05), "c": (0.075, 0.05)}
    large = campaign(truth, 30_000, rng)
    lonely = campaign({"tiny": (0.5, 0.01)}, 12, rng)
    found = learn(pd.concat([large, lonely]), Uplift(mean=0.2, sd=0.5))
    own = {name: np.log(s / (1 - s) / (c / (1 - c))) for name, (s, c) in truth.items()}
    for name, ratio in own.items():
        assert found.by_segment[name].mean == pytest.approx(ratio, abs=0.15)
    middle = np.mean(list(own.values()))
    alone = np.log(0.5 / 0.5 / (0.01 / 0.99))
    assert abs(found.by_segment["tiny"].mean - middle) < 0.35 * abs(alone - middle)
    assert found.by_segment["tiny"].sd > found.by_segment["a"].sd


def test_the_belief_covers_the_truth_nine_times_in_ten():
    """Truths drawn from the prior, data from the truths: the posterior's 90 % interval holds 90 % of them."""
    rng, prior, inside = np.random.default_rng(8), Uplift(mean=0.2, sd=0.4), 0
    for _ in range(250):
        shift = rng.normal(prior.mean, prior.sd)
        p0 = 0.08
        p1 = 1 / (1 + np.exp(-(np.log(p0 / (1 - p0)) + shift)))
        sent, control = rng.binomial(1500, [p1, p0])
        found = uplifts.learn(counted((sent, 1500), (control, 1500)), prior=prior).uplift
        inside += abs(found.mean - shift) < 1.645 * found.sd
    assert 0.85 < inside / 250 < 0.95


@pytest.mark.parametrize(
    ("treatment", "log_odds"), [("Mens E-Mail", (0.0125, 0.0057)), ("Womens E-Mail", (0.0088, 0.0057))]
)
def test_the_fields_email_test(shared_data, treatment, log_odds):
    """Conversion of the published arms: the pooled log odds ratio, and an interval that leaves 0 out."""
    told = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    both = told[told["treatment"].isin([treatment, "No E-Mail"])]
    arms = pd.DataFrame({"arm": np.where(both["treatment"] == treatment, "send", "control")})
    arms["bought"] = both["conversion"].to_numpy() == 1
    found = learn(arms, VAGUE).uplift
    wanted = np.log(log_odds[0] / (1 - log_odds[0])) - np.log(log_odds[1] / (1 - log_odds[1]))
    assert found.mean == pytest.approx(wanted, abs=0.03)
    assert found.mean - 1.96 * found.sd > 0


@pytest.mark.parametrize(("arm", "words"), [("send", "to 4 .* left 0"), ("control", "to 0 .* left 4")])
def test_a_campaign_without_two_arms_is_refused(arm, words):
    with pytest.raises(InputError, match=f"a past campaign sent {words} alone; both arms are needed"):
        learn(pd.DataFrame({"arm": [arm] * 4, "bought": False}), VAGUE)


def test_an_arm_that_is_none_of_the_two_is_refused():
    arms = ["send", "control", "held", "held"]
    with pytest.raises(InputError, match=r"of 4 customers of past campaigns 2 are neither 'send' nor"):
        evidence.counts(pd.DataFrame({"arm": arms, "bought": False}))


def past(**changed: object) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "campaign": "spring",
            "offer": "coupon",
            "channel": "sms",
            "arm": ["send", "send", "control", "control"],
            "segment": "x",
            "sent_on": pd.Timestamp("2026-03-10"),
        }
    )
    return table.assign(**changed)


def bought(*pairs: tuple[str, str]) -> pd.DataFrame:
    log = pd.DataFrame(pairs, columns=["customer_id", "paid_at"]).assign(amount=10.0)
    return orders_table(log.assign(paid_at=pd.to_datetime(log["paid_at"], format="ISO8601")))


def test_an_order_counts_from_the_day_of_sending_to_the_last_of_the_window():
    orders = bought(
        ("a", "2026-03-10 08:00"), ("b", "2026-04-09"), ("c", "2026-04-08 23:59"), ("d", "2026-03-09")
    )
    found = evidence.outcomes(past(), orders, window=30, until=pd.Timestamp("2026-06-30"))
    assert found["bought"].tolist() == [True, False, True, False]


def test_a_campaign_whose_window_goes_on_teaches_nothing_yet():
    orders = bought(("a", "2026-03-12"))
    assert len(evidence.outcomes(past(), orders, window=30, until=pd.Timestamp("2026-04-07"))) == 0
    assert len(evidence.outcomes(past(), orders, window=30, until=pd.Timestamp("2026-04-08"))) == 4


def option(offer: str, channel: str = "sms", kind: str = "notice") -> Option:
    via = Channel(
        cost=0.1, send_from="19:00", send_to="20:00", allowed=("08:00", "21:00"), caps=[], opt_out=0
    )
    given = {"percent": {"share": 0.1}, "service": {"cost": 1.0}}.get(kind, {})
    made = Offer(name=offer, kind=kind, uplift=Uplift(mean=0.2, sd=0.3), **given)
    return Option(made, channel, via, made.uplift, {}, opinion=offer)


def updated(
    options: list[Option], rows: pd.DataFrame, cells: pd.DataFrame = NO_LEDGER, **kinds: str
) -> tuple[list[Option], list[str]]:
    named = {one.offer.name: one.offer.kind for one in options} | kinds
    return uplifts.updated(options, evidence.gathered(evidence.counts(rows), cells, kinds=named))


def test_only_the_same_offer_by_the_same_channel_learns_by_segment_and_says_so():
    seen = past().assign(bought=[True, False, False, False])
    options, said = updated([option("coupon"), option("gift", kind="service")], seen)
    assert [one.uplift.mean == 0.2 for one in options] == [False, True]
    assert len(said) == 1
    assert said[0].startswith(
        "coupon by sms: learned from one campaign of its own (2 customers who were sent it, 2 who were left "
        "alone, sent on 2026-03-10). The odds to buy are believed to be "
    )
    assert set(options[0].by_segment) == {"x"}
    assert options[1] == option("gift", kind="service")


def test_the_sentence_says_where_the_number_came_from():
    own = pd.concat([past(), past(campaign="may", sent_on=pd.Timestamp("2026-05-04"))]).assign(bought=False)
    other = past(campaign="june", offer="other", sent_on=pd.Timestamp("2026-06-01")).assign(bought=False)
    (now,), (said,) = updated([option("coupon")], pd.concat([own, other.iloc[1:]]), other="notice")
    assert (
        "2 campaigns of its own (4 customers who were sent it, 4 who were left alone, the last sent" in said
    )
    assert (
        "the last sent on 2026-05-04) and one campaign of its kind, by other offers or channels (1 customers"
        in said
    )
    assert "2 who were left alone, sent on 2026-06-01)." in said
    shown = [float(x) for x in re.findall(r"\d+\.\d\d", said)]
    ends = [np.exp(now.uplift.mean + side * 1.645 * now.uplift.sd) for side in (0, -1, 1)]
    assert shown == pytest.approx([*ends, np.exp(0.2)], abs=0.0051)


def test_the_control_group_of_another_campaign_is_not_taken():
    other = past(campaign="autumn", arm="control", offer="gift")
    both = pd.concat([past(arm="send"), other]).assign(bought=False)
    options, said = updated([option("coupon")], both)
    assert options[0].uplift.mean == 0.2
    assert said == []


def test_whom_a_campaign_of_two_offers_left_alone_without_a_name_is_not_taken():
    arms = ["send", "send", "control", "control"]
    two = past(offer=["coupon", "gift", None, None], arm=arms).assign(bought=False)
    assert updated([option("coupon"), option("gift")], two)[1] == []
    one = past(offer=["coupon", "coupon", None, None], arm=arms).assign(bought=False)
    assert len(updated([option("coupon")], one)[1]) == 1


def test_whom_a_campaign_left_alone_without_a_channel_is_taken_where_the_offer_had_one():
    arms = ["send", "send", "control", "control"]
    one = past(channel=["sms", "sms", None, None], arm=arms).assign(bought=False)
    assert evidence.counts(one)[["channel", "sent", "control"]].to_numpy().tolist() == [["sms", 2, 2]]
    two = past(channel=["sms", "phone", None, None], arm=arms).assign(bought=False)
    assert set(evidence.counts(two).query("control > 0")["channel"]) == {""}


def test_what_was_declared_of_a_segment_that_no_campaign_saw_stays():
    own = replace(option("coupon"), by_segment={"lost": Uplift(mean=-1, sd=0.1)})
    (found,), _ = updated([own], past().assign(bought=[True, False, False, False]))
    assert found.by_segment["lost"].mean == -1
    assert set(found.by_segment) == {"lost", "x"}


# From counts, from lists and from the ledger ----------------------------------------------------------------


def made(name: str, offer: str, *, send: tuple[int, int], control: tuple[int, int], segment: str = "x"):
    """The list of one campaign: in each arm so many customers who bought, and who did not."""
    rows = exactly(send, control)
    return rows.assign(
        campaign=name, offer=offer, channel="sms", segment=segment, sent_on=pd.Timestamp("2026-03-10")
    )


def several(rng: np.random.Generator) -> pd.DataFrame:
    """Lists of five campaigns with two offers and three segments."""
    parts = [
        made(f"c{n}", offer, send=tuple(rng.integers(1, 300, 2)), control=tuple(rng.integers(1, 300, 2)),
             segment=segment)
        for n, offer in enumerate(["coupon", "coupon", "gift", "gift", "coupon"]) for segment in "abc"
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def kept(rows: pd.DataFrame, folder, kind: str = "notice") -> pd.DataFrame:
    """The cells of a ledger to which the lists' campaigns were added, read again from its file."""
    for campaign, mine in evidence.counts(rows).groupby("campaign"):
        cells = mine.drop(columns=["campaign", "sent_on"]).to_dict("records")
        result = ledger.Result(
            campaign=campaign, sent_on="2026-03-10", stops_on="2026-04-08", profit=0.0, verdict="cannot tell",
            recorded_at="2026-05-01T10:00:00+08:00", cells=[ledger.Cell(kind=kind, **cell) for cell in cells],
        )  # fmt: skip
        ledger.append(folder / "ledger.jsonl", result)
    return ledger.cells(ledger.read(folder / "ledger.jsonl"))


def beliefs(options: list[Option]) -> list[float]:
    every = [u for one in options for u in (one.uplift, *(u for _, u in sorted(one.by_segment.items())))]
    return [number for u in every for number in (u.mean, u.sd)]


def test_a_list_and_its_counts_in_the_ledger_teach_the_same(rng, tmp_path):
    rows, options = several(rng), [option("coupon"), option("gift"), option("other")]
    (by_list, said), (by_ledger, said_too) = (
        updated(options, rows),
        updated(options, rows.iloc[:0], kept(rows, tmp_path)),
    )
    assert beliefs(by_ledger) == pytest.approx(beliefs(by_list), abs=1e-12)
    assert said_too == said
    assert len(said) == 3
    alone = ledger.cells(ledger.read(tmp_path / "ledger.jsonl")).query("offer == 'coupon'")
    by_rows = learn(rows[rows["offer"] == "coupon"], VAGUE)
    assert uplifts.learn(alone, prior=VAGUE).uplift.mean == pytest.approx(by_rows.uplift.mean, abs=1e-12)


def test_no_order_of_rows_counts_or_campaigns_matters(rng, tmp_path):
    rows, options = several(rng), [option("coupon"), option("gift"), option("other")]
    cells = kept(rows[rows["campaign"].isin(["c0", "c3"])], tmp_path)
    rest = rows[~rows["campaign"].isin(["c0", "c3"])]
    first = updated(options, rest, cells)
    for seed in range(3):
        shuffled = rest.sample(frac=1, random_state=seed), cells.sample(frac=1, random_state=seed)
        again = updated(options[::-1], *shuffled)
        assert beliefs(again[0][::-1]) == pytest.approx(beliefs(first[0]), abs=1e-12)
        assert again[1][::-1] == first[1]


def test_a_campaign_whose_list_is_at_hand_counts_once(rng, tmp_path):
    rows, options = several(rng), [option("coupon"), option("gift")]
    recorded = kept(rows, tmp_path)
    assert beliefs(updated(options, rows, recorded)[0]) == beliefs(updated(options, rows)[0])
    part = rows[rows["campaign"] != "c0"]
    assert beliefs(updated(options, part, recorded)[0]) == pytest.approx(
        beliefs(updated(options, rows)[0]), abs=1e-12
    )
    assert beliefs(updated(options, part)[0]) != pytest.approx(beliefs(updated(options, rows)[0]), abs=1e-3)


def test_the_ledger_knows_the_kind_of_an_offer_that_is_no_longer_made(rng, tmp_path):
    """Its list alone does not say it; with the ledger beside it the list teaches as much as the ledger."""
    old = made("old", "withdrawn", send=(300, 700), control=(100, 900))
    recorded = kept(old, tmp_path)
    assert updated([option("coupon")], old)[1] == []
    with_list, without = (updated([option("coupon")], rows, recorded)[0] for rows in (old, old.iloc[:0]))
    assert beliefs(with_list) == pytest.approx(beliefs(without), abs=1e-12)
    assert with_list[0].uplift.mean > 0.3


def test_the_prior_fades_as_evidence_grows():
    """Shares of 9 % and 5 % in 100 to 100,000 customers of each arm lead from prior to truth, steadily."""
    prior, truth = Uplift(mean=0.0, sd=0.3), np.log(0.09 * 0.95 / (0.91 * 0.05))
    for segment in ("", "x"):
        found = []
        for n in (100, 300, 1000, 3000, 10_000, 30_000, 100_000):
            learned = uplifts.learn(counted((n * 9 // 100, n), (n * 5 // 100, n), segment), prior=prior)
            found.append(learned.by_segment["x"] if segment else learned.uplift)
        means, sds = np.array([[one.mean, one.sd] for one in found]).T
        assert (np.diff(means) > 0).all() and (np.diff(sds) < 0).all()
        assert 0 < means[0] < 0.2 < truth - 0.015 < means[-1] < truth + 0.015
        assert sds[0] > 0.25 and sds[-1] < 0.025


# Of one kind ------------------------------------------------------------------------------------------------

GOOD, BAD = ({"send": (160, 840), "control": (80, 920)}, {"send": (50, 950), "control": (80, 920)})


def from_other(other: dict[str, tuple[int, int]], kind: str = "notice", sd: float = 0.3) -> Option:
    prior = Uplift(mean=0.2, sd=sd)
    mine = replace(option("coupon"), uplift=prior)
    return updated([mine], made("c", "other", **other), other=kind)[0][0]


def from_own(own: dict[str, tuple[int, int]]) -> Option:
    return updated([option("coupon")], made("c", "coupon", **own))[0][0]


@pytest.mark.parametrize(("result", "sign"), [(GOOD, 1), (BAD, -1)])
def test_another_offer_of_the_kind_moves_the_mean_its_way_but_less_than_its_own_would(result, sign):
    other, own = (sign * (one(result).uplift.mean - 0.2) for one in (from_other, from_own))
    assert 0.02 < other < 0.8 * own
    assert from_other(result).uplift.sd > from_own(result).by_segment["x"].sd


@pytest.mark.parametrize("sd", [0.1, 0.15, 0.2, 0.25, 0.3, 0.5])
def test_results_of_the_kind_that_say_little_leave_the_belief(sd):
    found = from_other({"send": (0, 3), "control": (0, 2)}, sd=sd)
    assert found.uplift.mean == pytest.approx(0.2, abs=0.01)
    assert found.uplift.sd == pytest.approx(sd, rel=0.08)


@pytest.mark.parametrize("sd", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("segments", [1, 8])
def test_however_much_is_known_of_one_offer_another_may_differ_from_it(sd, segments):
    """An offer that went to many segments is one witness, not many."""
    parts = [counted((9000, 100_000), (5000, 100_000), f"s{n}") for n in range(segments)]
    cells = pd.concat(parts, ignore_index=True).assign(offer="other", channel="sms", sent_on=pd.NaT)
    mine = replace(option("coupon"), uplift=Uplift(mean=0.2, sd=sd))
    (found,), _ = uplifts.updated([mine], cells.assign(kind="notice"))
    (own,), _ = uplifts.updated([mine], cells.assign(kind="notice", offer="coupon"))
    assert 0.2 < found.uplift.mean < own.by_segment["s0"].mean
    assert found.uplift.sd > 0.6 * sd > own.by_segment["s0"].sd


def test_offers_of_another_kind_change_nothing():
    found = from_other(GOOD, kind="service")
    assert found == option("coupon")
    assert updated([option("coupon")], made("c", "other", **GOOD))[1] == []  # of a kind that nobody told


def test_the_same_offer_by_another_channel_is_of_its_kind():
    seen = made("c", "coupon", **GOOD)
    sms, phone = updated([option("coupon"), option("coupon", "phone")], seen)[0]
    assert 0.2 < phone.uplift.mean < sms.uplift.mean
    assert set(sms.by_segment) == {"x"} and not phone.by_segment


def test_what_its_kind_taught_is_one_opinion_for_all_channels_and_its_own_result_another():
    """Channels of an offer that nobody sent are right or wrong together; one that was tested stands alone."""
    options = [option("coupon"), option("coupon", "phone"), option("coupon", "email")]
    by_kind = updated(options, made("c", "other", **GOOD), other="notice")[0]
    assert [one.opinion for one in by_kind] == ["coupon"] * 3
    assert len({one.uplift for one in by_kind}) == 1
    by_own = updated(options, made("c", "coupon", **GOOD))[0]
    assert [one.opinion for one in by_own] == ["coupon by sms", "coupon", "coupon"]


@pytest.mark.parametrize(("offers", "segments"), [(4, 1), (1, 6)])
def test_what_is_believed_of_an_untested_offer_covers_it_nine_times_in_ten(offers, segments):
    """Offers scatter around their kind and kinds around the prior; together as wide as the prior says."""
    rng, prior, inside = np.random.default_rng(33), option("coupon").uplift, []
    cells = pd.DataFrame([(f"c{n}", f"other{n}", f"s{k}") for n in range(offers) for k in range(segments)])
    cells = cells.set_axis(["campaign", "offer", "segment"], axis=1).assign(channel="sms", kind="notice")
    cells = cells.assign(sent_on=pd.Timestamp("2026-03-10"), sent=1500, control=1500)
    for _ in range(150):
        kind = rng.normal(prior.mean, np.sqrt(prior.sd**2 - uplifts.SCATTER**2))
        shifts = kind + rng.normal(0, uplifts.SCATTER, offers + 1)
        p1 = 1 / (1 + np.exp(-(np.log(0.08 / 0.92) + np.repeat(shifts[:-1], segments))))
        seen = cells.assign(sent_bought=rng.binomial(1500, p1))
        seen = seen.assign(control_bought=rng.binomial(1500, 0.08, len(seen)))
        (found,), _ = uplifts.updated([option("coupon")], seen)
        inside.append(abs(found.uplift.mean - shifts[-1]) < 1.645 * found.uplift.sd)
    assert 0.83 < np.mean(inside) < 0.96


def test_what_is_believed_of_segments_covers_them_nine_times_in_ten():
    """Segments that scatter by 0.2 around a mean from the prior: seen ones, and one that was not seen."""
    rng, prior, seen, unseen = np.random.default_rng(21), Uplift(mean=0.2, sd=0.3), [], []
    for _ in range(120):
        truth = rng.normal(rng.normal(prior.mean, prior.sd), 0.2, 5)
        p1 = 1 / (1 + np.exp(-(np.log(0.06 / 0.94) + truth)))
        sent, control = rng.binomial(1200, p1), rng.binomial(400, 0.06, 5)
        parts = [counted((sent[k], 1200), (control[k], 400), f"s{k}") for k in range(4)]
        found = uplifts.learn(pd.concat(parts, ignore_index=True), prior=prior)
        own = [found.by_segment[f"s{k}"] for k in range(4)]
        seen += [abs(one.mean - shift) < 1.645 * one.sd for one, shift in zip(own, truth[:4], strict=True)]
        unseen.append(abs(found.uplift.mean - truth[4]) < 1.645 * found.uplift.sd)
    assert 0.85 < np.mean(seen) < 0.95
    assert 0.8 < np.mean(unseen) < 0.97
