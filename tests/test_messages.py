"""Messages: filled word by word, counted as carriers count; no false alarm on what shops really write."""

import pytest

from clv.errors import SettingError
from clv.sending import message_faults, messages, superlatives, wording
from clv.sending.message_faults import KINDS, faults

# The sample of a published article on recalling customers.
PUBLISHED = "[品牌名] 老用户专享!憑此短信到店消费享[X]折优惠,限时优惠,快来抢购吧!"
CLEAN = "【周记珠宝】凭码K7M4TQ9P减50元，6月30日前有效。拒收请回复R"
FINE = [
    CLEAN,
    "【周记珠宝】最近天气转凉，最后三天满1500减200，最晚6月30日。拒收请回复R",
    "【第一百货】您的第一次保养免费，第一时间为您预留，最好提前一天预约。回T退订",
    "【周记珠宝】满额最高减400，最低消费300元，最多用一张。回复TD退订",
    "【首选珠宝】两件八折，周日止。拒收请回复R",
    "【周記珠寶】憑此短信到店享8折優惠，最後兩天。拒收請回覆R",
    "【周记】送给最好的朋友：第一款、第一颗、第一条任选。TD退订",
    "【周记】您的唯一优惠码是K7M4TQ9P，历史上的今天您第一次光临。退订回T",
    "【周记】最新款式已到店，最早周五发货，凭会员号8866到三楼领取。退订请回复TD",
    "【周记】订单202606301234567的手链XXL码已到店，400-820-1234。拒收请回复R",
    "【周记】新春快乐！iPhone X 元旦活动已结束，余1280积分。回“TD”退订",
    "【周记】二〇〇八年起为您服务，耳钉×2已备好，会员138****5678。拒收请回复R",
    "【Zhou & Co】50 off with K7M4TQ9P. Reply STOP to opt out",
    "【Zhou】Best wishes! Find us at No. 1 Nanjing Road. Reply R to opt out",
]


def kinds(text, channel="sms", **keys):
    return [fault.kind for fault in faults(text, channel=channel, **keys)]


def musts(text, channel="sms", **keys):
    return {f.kind for f in faults(text, channel=channel, **keys) if f.severity == "must"}


class TestFill:
    def test_every_placeholder_gets_its_value(self):
        values = {"shop": "周记", "offer": "减50元", "code": "K7M4TQ9P"}
        filled = messages.fill("【{shop}】{offer}，{code}，{code}。{unsubscribe}", values)
        assert filled == "【周记】减50元，K7M4TQ9P，K7M4TQ9P。拒收请回复R"

    def test_values_are_text_never_placeholders_or_patterns(self):
        values = {"shop": "{code}", "offer": r"\1 \g<0> {0.__class__}", "code": "secret"}
        assert messages.fill("{shop} {offer}", values) == r"{code} \1 \g<0> {0.__class__}"

    def test_the_way_to_refuse_can_be_said_otherwise(self):
        assert messages.fill("{unsubscribe}", {"unsubscribe": "回T退订"}) == "回T退订"

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_the_way_to_refuse_is_the_channels_own_and_passes_its_rules(self, language):
        ways = {name: messages.unsubscribe(name, language) for name in ("sms", "wecom", "email")}
        assert ways["sms"] == messages.UNSUBSCRIBE and len(set(ways.values())) == 3
        for channel, way in ways.items():
            text = messages.fill("【周记】减50元。{unsubscribe}", {"unsubscribe": way})
            assert faults(text, channel=channel) == []
        assert faults("【周记】减50元。", channel="email") != []

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_a_call_has_no_way_to_reply(self, language):
        way = messages.unsubscribe("phone", language)
        assert way == ""
        assert messages.fill("您好，{shop}", {"shop": "周记", "unsubscribe": way}) == "您好，周记"
        with pytest.raises(SettingError, match=r"asks for \{unsubscribe\}, and nobody replies to a call"):
            messages.fill("{shop} {unsubscribe}", {"shop": "周记", "unsubscribe": way})
        with pytest.raises(SettingError, match="no channel 'mail'; did you mean 'email'"):
            messages.unsubscribe("mail", language)

    def test_a_subject_is_one_line(self):
        assert messages.subject("zh", shop="周记", offer="满1500减200元券") == "周记：满1500减200元券"
        assert messages.subject("en", shop="Zhou & Co", offer="a\r\nBcc: b") == "Zhou & Co: a Bcc: b"

    @pytest.mark.parametrize(
        ("template", "said"),
        [
            ("{shop} {offr}", "asks for {offr}; did you mean 'offer'"),
            ("{shop.name}", "asks for {shop.name}; did you mean"),
            ("{shop", "1 brace"),
            ("｛shop｝", "2 brace"),
            ("{{shop}}", "2 brace"),
            ("{}", "asks for {}; known: "),
            ("  ", "is empty"),
        ],
    )
    def test_a_template_that_cannot_be_filled_is_told_early(self, template, said):
        with pytest.raises(SettingError, match=said.replace("{", r"\{").replace("}", r"\}")):
            messages.check_template(template)
        with pytest.raises(SettingError):
            messages.fill(template, {"shop": "s", "offer": "o"})

    @pytest.mark.parametrize("value", [None, "", "  ", float("nan")])
    def test_a_missing_value_is_told_without_the_others(self, value):
        values = {"points": value, "tier_gap": value, "code": "K7M4TQ9P"}
        with pytest.raises(SettingError, match=r"\{points\}.* and 1 more") as told:
            messages.fill("{code} {points} {tier_gap}", values)
        assert "K7M4TQ9P" not in str(told.value)

    def test_all_known_placeholders_pass(self):
        template = " ".join(f"{{{name}}}" for name in messages.PLACEHOLDERS)
        messages.check_template(template)
        assert messages.placeholders(template) == set(messages.PLACEHOLDERS)


@pytest.mark.parametrize(
    ("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4), (600, 9)]
)
def test_an_sms_has_70_characters_or_67_a_part(length, parts):
    assert messages.sms_parts("好" * length) == messages.sms_parts("a" * length) == parts


def test_an_emoji_counts_two():
    assert messages.sms_parts("好" * 68 + "🎁") == 1
    assert messages.sms_parts("好" * 69 + "🎁") == 2


def test_the_published_sample_fails_for_the_right_reasons_and_no_other():
    assert [(f.kind, f.severity, f.found) for f in faults(PUBLISHED, channel="sms")] == [
        ("sender", "must", ""),
        ("unsubscribe", "must", ""),
        ("placeholder", "must", "[品牌名]"),
        ("placeholder", "must", "[X]"),
    ]


@pytest.mark.parametrize("text", FINE)
def test_what_shops_really_write_gives_no_alarm(text):
    assert faults(text, channel="sms") == []


@pytest.mark.parametrize("text", ["周记珠宝：" + CLEAN, "[周记珠宝]减50元。拒收请回复R", " " + CLEAN])
def test_an_sms_begins_with_its_sender(text):
    assert kinds(text) == ["sender"]


@pytest.mark.parametrize(
    ("name", "fits"), [("周", False), ("周记", True), ("周" * 12, True), ("周" * 13, False)]
)
def test_a_sender_has_2_to_12_characters(name, fits):
    assert kinds(f"【{name}】减50元。拒收请回复R") == ([] if fits else ["sender"])


@pytest.mark.parametrize(
    "ending",
    ["拒收请回复R", "拒收回R", "退订回T", "回T退订", "回复TD退订", "TD退订", "退订请回复TD",
     "如需退订，请回复“TD”", "如不想再收到，请回复退订",
     "Reply STOP to unsubscribe", "To opt out, reply TD", "text R to refuse"],
)  # fmt: skip
def test_many_ways_to_refuse_are_known(ending):
    assert kinds("【周记】减50元。" + ending) == []


@pytest.mark.parametrize(
    "ending", ["", "详询店员", "会员卡不可退订", "回复1报名", "T恤八折", "Reply R for a ring", "拒收"]
)
def test_an_sms_without_a_way_to_refuse_is_told(ending):
    assert kinds("【周记】减50元。" + ending) == ["unsubscribe"]


@pytest.mark.parametrize(
    ("parts", "severity"), [(1, None), (2, "should"), (3, "should"), (4, "must"), (9, "must")]
)
def test_long_messages_are_told_with_their_cost_and_more_than_three_refused(parts, severity):
    text = CLEAN[:-7] + "好" * (67 * parts - len(CLEAN)) + CLEAN[-7:]
    found = faults(text, channel="sms")
    assert [f.severity for f in found] == ([severity] if severity else [])
    assert all(f"{len(text)} characters: {parts} SMS, at {parts} times" in f.sentence for f in found)


@pytest.mark.parametrize(
    "word",
    ["最好", "最佳", "最低", "最高", "最大", "最优", "最便宜", "最划算", "最强", "第一", "唯一",
     "国家级", "世界级", "顶级", "极品", "首选", "绝无仅有", "史上", "全网最低", "最高级",
     "國家級", "頂級", "絕無僅有", "best", "Cheapest", "No.1", "NO 1", "number one", "lowest price"],
)  # fmt: skip
def test_words_that_claim_a_rank_are_refused_on_every_channel(word):
    text = f"【周记】本店钻戒 {word} ，凭码减50元。拒收请回复R"
    for channel in ("sms", "wecom", "phone", "email"):
        assert musts(text, channel) == {"superlative"}
    assert next(f.found for f in faults(text, channel="sms")) in word


def test_some_words_only_need_a_proof():
    found = faults("【周记】獨家設計，减50元。拒收请回复R", channel="sms")
    assert [(f.kind, f.severity, f.found) for f in found] == [("superlative", "should", "獨家")]


def test_a_limit_and_a_claim_are_told_apart():
    assert superlatives.found("最高减200，最高品质，最低消费300元，最低价") == {
        "最高": "must",
        "最低": "must",
    }
    assert not superlatives.found("最高减200，最低消费300元")


@pytest.mark.parametrize(
    "place",
    [
        "[品牌名]",
        "【店铺名称】",
        "［X］",
        "{code}",
        "｛code｝",
        "{}",
        "XX",
        "xxxx",
        "#code#",
        "___",
        "[date]",
        "○○",
        "[ 日期 ]",
        "***",
    ],
)
def test_places_left_open_are_found_on_every_channel(place):
    text = f"【周记】您好，{place}，减50元。退订回T"
    for channel in ("sms", "wecom", "phone", "email"):
        assert [(f.kind, f.found) for f in faults(text, channel=channel)] == [("placeholder", place)]


def test_a_single_x_before_a_unit_is_open_too():
    assert wording.open_places("享X折，减x元，XXX元") == ["X", "x", "XXX"]


@pytest.mark.parametrize(
    "text", ["[玫瑰][微笑]", "XXL", "MAXX", "K7XX4TQ9", "138****5678", "#周年庆#", "2x3"]
)
def test_what_only_looks_open_is_left_alone(text):
    assert wording.open_places(text) == []


def test_a_sender_never_filled_in_is_one_fault():
    assert kinds("【品牌名】减50元。拒收请回复R") == ["placeholder"]


@pytest.mark.parametrize(
    "number",
    ["13812345678", "138 1234 5678", "+86-138-1234-5678", "１３８１２３４５６７８", "+44 7700 900123",
     "11010519491231002X", "110105194912310021"],
)  # fmt: skip
def test_whole_numbers_of_people_are_refused_and_not_repeated(number):
    text = f"【周记】请联系{number}。拒收请回复R"
    for channel in ("sms", "wecom", "phone"):
        found = faults(text, channel=channel)
        assert [(f.kind, f.severity, f.found) for f in found] == [("privacy", "must", "")]
        assert number not in found[0].sentence


@pytest.mark.parametrize("link", ["https://zhou.cn/a?b=1", "www.zhou.com", "t.zhou.cn/x7"])
def test_a_link_is_only_told(link):
    found = faults(f"【周记】详见{link}，拒收请回复R", channel="sms")
    assert [(f.kind, f.severity, f.found) for f in found] == [("link", "should", link)]
    assert kinds(f"详见{link}", "wecom") == []


class TestHuawei:
    def test_the_clean_message_passes(self):
        assert kinds("【周记】凭码K7M4TQ9P减50元，6月30日前有效。拒收请回复R", profile="huawei-iot") == []

    @pytest.mark.parametrize(
        "ending", ["回T退订", "拒收请回复R。", "拒收请回复 R", "拒收请回复r", "拒收請回覆R"]
    )
    def test_the_ending_is_exact(self, ending):
        text = "【周记】减50元。" + ending
        assert kinds(text, profile="huawei-iot") == ["unsubscribe"]

    @pytest.mark.parametrize(
        "word", ["老客户召回", "好久不见", "优惠券", "代金券", "積分兌換", "积分可换", "coupon"]
    )
    def test_banned_topics(self, word):
        text = f"【周记】{word}，6月30日前有效。拒收请回复R"
        assert kinds(text, profile="huawei-iot") == ["provider"]
        assert kinds(text) == []


def test_other_channels_have_fewer_rules():
    assert kinds("您好，" + "好" * 300, "wecom") == kinds("您好，" + "好" * 300, "phone") == []
    assert kinds("Dear customer, 50 off.", "email") == ["unsubscribe"]
    assert kinds("亲爱的会员，本邮件不可退订。", "email") == ["unsubscribe"]
    assert kinds("Dear customer, 50 off. Unsubscribe below.", "email") == []
    assert kinds("减50元。如需退订请点击此处", "email") == []


@pytest.mark.parametrize("channel", ["sms", "wecom", "phone", "email"])
def test_nothing_said_is_one_fault(channel):
    assert kinds(" \n", channel) == ["empty"]


def test_unknown_channels_and_profiles_get_the_nearest():
    with pytest.raises(SettingError, match="no channel 'mail'; did you mean 'email'"):
        faults(CLEAN, channel="mail")
    with pytest.raises(SettingError, match="no profile 'huawei'; did you mean 'huawei-iot'"):
        faults(CLEAN, channel="sms", profile="huawei")


def test_every_kind_is_explained_and_every_sentence_one_sentence():
    text = "独家 " * 99 + "{x} 13812345678 www.zhou.cn 优惠券"
    found = [
        *faults(text, channel="sms", profile="huawei-iot"),
        *faults("", channel="sms"),
        *faults("\udc9b", channel="sms"),
    ]
    assert {fault.kind for fault in found} == set(KINDS)
    assert all(f.sentence.endswith(".") and "\n" not in f.sentence for f in found)


def test_searching_keeps_the_length():
    assert len(wording.plain("拒收請回覆Ｒ　🎁")) == len("拒收請回覆Ｒ　🎁")
    assert message_faults.MOST_PARTS == 3
