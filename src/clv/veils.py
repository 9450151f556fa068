"""Words of an export, without what tells who somebody is: phones, mail addresses, ids, where one lives.

A shop's words for its goods, channels and tiers are shown; people write into them what does not belong there
("手链 13800000000"). What has a form of its own is taken out. A name has none: 林清轩 is a brand.
"""

import re
import unicodedata

HIDDEN = "…"
_APART = r"[\s\-_.·]{0,2}"
_MOBILE = rf"(?<!\d)(?:\(?(?:\+|00)?86\)?{_APART})?1[3-9]\d{_APART}\d{{4}}{_APART}\d{{4}}(?!\d)"
_SPELT = r"(?<!\d)1(?:[\s\-_.·][3-9])(?:[\s\-_.·]\d){9}(?!\d)"  # one digit, one blank
_LANDLINE = r"(?<!\d)(?:\(0\d{2,3}\)\s?|0\d{2,3}[\s\-_.·])\d{3,4}[\s\-]?\d{4}(?!\d)"
_ABROAD = r"(?<![\w+])\+\d{1,3}(?:[\s\-.()]{0,2}\d){7,12}(?!\d)"
_MAIL = r"[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}(?:\s?\.\s?[\w-]{1,63})+"
_DAY = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_CARD = rf"(?<!\d)[1-9]\d{{5}}{_APART}{_DAY}{_APART}\d{{3}}[\dXx](?!\d)"
_ACCOUNT = (
    r"wxid_\w+|(?:微信号?|威信|加微|vx|v信|wechat(?: id)?|weixin|QQ号?)\s*[:=]\s*[A-Za-z0-9][\w-]{4,19}"
)
_LABELLED = (
    r"(?:收货人|收件人|联系人|签收人|姓名|真实姓名|收货地址|收件地址|家庭住址|详细地址|住址"
    r"|receiver|recipient|consignee|ship(?:ped)? to)\s*[:=]\s*[^\s,;|、/]{1,60}"
)
_FORMS = (_MAIL, _CARD, _MOBILE, _SPELT, _ABROAD, _LANDLINE, _ACCOUNT, _LABELLED)
_ANY = re.compile("|".join(_FORMS), re.IGNORECASE)
_WORTH_A_LOOK = re.compile(r"[@:=+]|\d[\d\s\-_.·()]{6}|wxid|\d\s?[号弄]", re.IGNORECASE)
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_HOME = r"(?:\s?[\dA-Za-z-]{1,8}\s?(?:号楼|幢|栋|座|单元|室|楼|层|房|户)){1,6}"
_HOUSE = re.compile(rf"(?:大道|路|街|巷|弄|道|村|里|胡同)\s?\d{{1,5}}\s?(?:号院?|弄)(?P<home>{_HOME})?")
_AREA = r"(?:省|自治区|市|州|区|县|旗|镇|乡|街道)"
_BEFORE = re.compile(rf"(?:[\u4e00-\u9fff]{{2,12}}{_AREA}\s)*[\u4e00-\u9fff\w]*$")
_LOOK_BACK = 40  # signs from an address's beginning to its road


def veiled(text: str) -> str:
    """Return a text without phones, mail addresses, id cards, accounts, labelled names and home addresses.

    Full-width forms and signs that nobody sees hide none of them; a text that has none comes back as it is.

    >>> veiled("手链 138-0000-0000"), veiled("999足金手链 18K 160mm")
    ('手链 …', '999足金手链 18K 160mm')
    """
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    if not _WORTH_A_LOOK.search(plain):
        return text
    hidden = _without_homes(_ANY.sub(HIDDEN, plain))
    return text if hidden == plain else hidden


def _without_homes(text: str) -> str:
    """Return a text without addresses of homes: with a flat or a floor, or from the province or city on.

    南京东路100号店 is a shop.
    """
    kept, at = [], 0
    for house in _HOUSE.finditer(text):
        start = max(at, house.start() - _LOOK_BACK)
        road = _BEFORE.search(text[start : house.start()])
        if house["home"] or len(re.findall(_AREA, road[0])) > 1:
            kept += [text[at : start + road.start()], HIDDEN]
            at = house.end()
    return "".join([*kept, text[at:]])
