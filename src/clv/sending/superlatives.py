"""Words that claim a rank nobody can prove, as China's Advertising Law forbids them in advertisements.

Article 9 (3) names 国家级, 最高级, 最佳 "and the like"; the list here is the one commonly read into it. The
market regulator's guide to such words (广告绝对化用语执法指南, 2023) leaves alone what says a time, an order
or a limit, how to use a thing, a registered name, or what is about no product. So 最近, 最后三天, 第一次,
最高减200, 最好提前预约 and 送给最好的朋友 are no superlatives, and a sender's mark may hold what it likes.
最新 is left alone as well: it says when.
"""

import re

from clv.sending.wording import plain

_PEOPLE = "朋友|闺蜜|自己|她|他|你|您|妈妈|爸爸|母亲|父亲|爱人|家人|我们|时光"
_ADVICE = "提前|在|于|先|不要|别|能|带|预约|周|下周|今|明"
_LIMIT = r"可|立减|减|抵|返|省|享|优惠\s?[\d¥￥]|额|限|降|为|不超过|\s?[\d¥￥]"
_UNITS = (
    "次|批|步|时间|时刻|天|日|周|月|年|季|期|届|场|波|轮|站|代|章|课|档|页|层|楼|位|个|件|单|笔|款|份|"
    "枚|颗|对|条|套|只|串|张|眼|百|财季|季度"
)
_ADDRESS = r"\s+(?:\w+\s+){1,3}(?:road|rd|street|st|avenue|ave|lane|square)\b"

# Each pattern with how grave it is. The text is simplified Chinese by then.
_WORDS: tuple[tuple[str, str], ...] = (
    (rf"最好(?!{_ADVICE}|的?(?:{_PEOPLE}))", "must"),
    (r"最佳(?!食用|赏味|使用|佩戴|保养|观赏)", "must"),
    (r"最低(?!消费|满|限|需|订单|起|\s?[\d¥￥])", "must"),
    (rf"最高(?!{_LIMIT})", "must"),
    (rf"最大(?!号|尺寸|圈口|限度|{_LIMIT})", "must"),
    ("最(?:优|强|便宜|划算|实惠|省钱|棒|畅销|受欢迎|先进|权威|奢华)", "must"),
    (rf"第一(?!{_UNITS})", "must"),
    (r"唯一(?!码|编号|编码|序列|识别|凭证|优惠码|券码|兑换码|代码)", "must"),
    (r"(?<!历)史上|国家级|世界级|全球级|宇宙级|顶级|顶尖|极品|首选|绝无仅有|史无前例|无与伦比", "must"),
    (r"独家|独一无二", "should"),
    (r"(?<!all the )\bbest\b(?! wishes| regards| before| friend)", "must"),
    (r"\b(?:cheapest|finest|greatest|lowest[ -]prices?|highest[ -]quality|world[ -]class)\b", "must"),
    (rf"(?<![\w#])(?:no\.?\s?1|number[ -]one|#1|top\s?1)\b(?!{_ADDRESS})", "must"),
)
_PATTERNS = tuple((re.compile(words, re.IGNORECASE), severity) for words, severity in _WORDS)


def found(text: str, *, start: int = 0) -> dict[str, str]:
    """Return each superlative, as written, with its severity: 'must' or 'should'; in the order of the text.

    Parameters
    ----------
    start
        Where to begin: after the sender's mark.
    """
    simple = plain(text)
    hits = [(*hit.span(), severity) for words, severity in _PATTERNS for hit in words.finditer(simple, start)]
    return {text[begin:end]: severity for begin, end, severity in sorted(hits)}
