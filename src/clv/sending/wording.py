"""What rules look for in a text: ways to refuse, places left open, personal numbers, links, banned topics."""

import re
from collections.abc import Iterator

# Traditional characters of the words that are looked for, and what they are in simplified ones.
_OLD = (
    "復覆訂請發國級頂極選獨絕無僅網優劃強實歡暢銷進積換兌見來戶專"
    "閱減滿額個時間單筆場週對條顆張頁層樓歷號碼編鋪鏈電話稱簽價類"
)
_NEW = (
    "复复订请发国级顶极选独绝无仅网优划强实欢畅销进积换兑见来户专"
    "阅减满额个时间单笔场周对条颗张页层楼历号码编铺链电话称签价类"
)
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_FOLD = {**_WIDE, 0x3000: " ", **str.maketrans(_OLD, _NEW)}

_KEY = "(?:TD|T|R|N|QX)"
_REPLY = "(?:请?直?接?(?:回复?|发送?):?)"
_WORD = "(?:拒收|退订|取消订阅)"
_SAY = "(?:REPLY|TEXT|SEND)(?:WITH)?"
_LEAVE = "(?:OPT-?OUT|UNSUBSCRIBE|REFUSE|STOP)"
_REFUSAL = re.compile(
    rf"{_WORD}(?:短信|方式)?[,:]?{_REPLY}?{_KEY}(?![A-Z])|(?:{_REPLY}|(?<![A-Z0-9])){_KEY}(?:即可|可|以)?{_WORD}"
    rf"|{_REPLY}{_WORD}|{_SAY}(?:STOP|UNSUBSCRIBE)|{_SAY}{_KEY}TO{_LEAVE}|{_LEAVE}[,:]?{_SAY}{_KEY}(?![A-Z])"
)
_WAY_OUT = re.compile(r"(?<!不可)(?<!不能)(?<!无法)(?:退订|取消订阅|拒收)|\bunsubscribe|\bopt[ -]?out", re.I)

_BLANK = (
    "X+|N|Y+|[*_.…]+|品牌|签名|(?:店|店铺|门店|商家|公司|品牌|客户|用户|商品|产品)(?:名|名称)|姓名|名字|称呼|昵称|"
    "日期|时间|金额|折扣|数字|数量|链接|网址|优惠码|券码|编码|地址|电话|积分|"
    "(?:brand|shop|store)(?: name)?|(?:first |last )?name|date|code|link|url|amount|discount|product"
)
_OPEN = re.compile(
    rf"\{{[^{{}}]*\}}|[\[【]\s*(?:{_BLANK})\s*[\]】]|#[a-z_]+#"
    r"|(?<![A-Z0-9])[X×]{2,}(?![A-Z0-9])|(?<![A-Z0-9])X(?=\s?(?:折|元(?!旦|宵)|天|日|月|件|积分|%))"
    r"|(?<![\w*○])(?:_{2,}|\*{3,}|○{2,})(?![\w*○])",
    re.IGNORECASE | re.ASCII,
)

_PHONE = (
    r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|\+(?!86)\d{1,3}(?:[\s-]?\d){7,12}(?!\d)"
)
_DAY = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = rf"(?<![\dA-Z])[1-9]\d{{5}}{_DAY}\d{{3}}[\dX](?![\dA-Z])"  # GB 11643
_NUMBERS = {"phone": re.compile(_PHONE), "identity": re.compile(_IDENTITY, re.IGNORECASE)}

_REST = r"[^\s，。！；,!]*"
_LINK = re.compile(
    rf"https?://{_REST}|(?<![@\w.])(?:[a-z0-9-]+\.)+(?:com|cn|net|cc|top|vip|shop|link|me)\b(?:/{_REST})?",
    re.IGNORECASE | re.ASCII,
)

# What Huawei's content rules for IoT SMS refuse, and words by which a text shows that it is about that.
_BANNED = {
    "calling customers back": "召回|好久不见|久违|欢迎回来|win[ -]?back|we(?:'ve)? miss(?:ed)? you",
    "promoting coupons": "优惠券|[代现]金券|抵[用扣]券|满减券|折扣券|礼券|优惠码|折扣码|coupon|voucher",
    "exchanging points": "积分[^,。!;]{0,6}[兑换]|兑换[^,。!;]{0,4}积分|redeem[^.!]{0,20}points",
}


def plain(text: str) -> str:
    """Return the text in simplified Chinese and half-width letters, of the same length.

    Only characters of words that rules look for are changed; it is made to be searched, not read.

    >>> plain("拒收請回覆Ｒ")
    '拒收请回复R'
    """
    return text.translate(_FOLD)


def tells_how_to_refuse(text: str) -> bool:
    """Return whether an SMS tells what to reply in order to get no more: 拒收请回复R, 回T退订, reply STOP."""
    bare = re.sub(r"[\s\"'“”‘’「」]", "", plain(text)).upper()
    return bool(_REFUSAL.search(bare))


def has_way_out(text: str) -> bool:
    """Return whether a letter speaks of unsubscribing."""
    return bool(_WAY_OUT.search(plain(text)))


def open_places(text: str) -> list[str]:
    """Return what was never filled in: {name}, [X], 【品牌名】, XX, ___; as written, one for each place."""
    return [text[slice(*hit.span())] for hit in _OPEN.finditer(plain(text))]


def personal_numbers(text: str) -> Iterator[str]:
    """Return 'phone' for a full mobile number and 'identity' for an identity number in the text."""
    return (kind for kind, pattern in _NUMBERS.items() if pattern.search(plain(text)))


def links(text: str) -> list[str]:
    """Return the web addresses in the text."""
    return [hit[0] for hit in _LINK.finditer(text)]


def banned_by_huawei(text: str) -> dict[str, str]:
    """Return the topics that Huawei's IoT SMS refuses, each with the word that shows it."""
    hits = {topic: re.search(words, plain(text), re.IGNORECASE) for topic, words in _BANNED.items()}
    return {topic: text[slice(*hit.span())] for topic, hit in hits.items() if hit}
