"""Headers and words of members, contacts and past campaigns, besides our own; the best first.

The Chinese headers of members are those of a Youzan customer export where it has such a column.
"""

from clv.sources import Headers

# What names the customer, by the kind of id; the headers of the platform's orders come before these.
BY_KIND: dict[str, Headers] = {
    "id": ("member_id", "会员号", "会员卡号", "客户编号"),
    "nick": ("nick", "会员名", "客户昵称"),
    "phone": ("phone", "mobile", "客户手机号", "手机号"),
    "email": ("email", "e-mail", "邮箱", "电子邮箱"),
}
# A WeCom friend (企微好友) has not agreed to anything yet, so that column is no consent.
CONSENTS = {
    "consent_sms": ("sms_consent", "允许短信", "同意短信", "短信同意"),
    "consent_wecom": ("wecom_consent", "允许企微", "同意企微", "企微同意", "允许企业微信", "同意企业微信"),
    "consent_phone": ("phone_consent", "允许电话", "同意电话", "电话同意"),
    "consent_email": ("email_consent", "允许邮件", "同意邮件", "邮件同意"),
}
MEMBERS = CONSENTS | {
    "consent_basis": ("同意依据", "授权依据"),
    "birthday": ("birthdate", "date_of_birth", "客户生日", "生日", "出生日期"),
    "tier": ("免费等级", "会员等级"),
    "gender": ("sex", "客户性别", "性别"),
    "joined_on": ("joined", "成为会员时间", "入会时间", "登记时间"),
    "points": ("客户积分", "可用积分", "积分"),
    "points_expire_on": ("积分到期日", "积分有效期"),
}
GENDERS = {
    "female": ("f", "woman", "女", "女性", "女士"),
    "male": ("m", "man", "男", "男性", "先生"),
    "": ("unknown", "not said", "未知", "保密", "其他", "other"),
}
VISITS = {
    "at": ("time", "时间", "访问时间", "浏览时间"),
    "kind": ("event", "action", "行为", "事件"),
    "sku": ("product_id", "商品编码", "商品ID"),
    "category": ("类目", "商品类目"),
}
VISIT_KINDS = {
    "viewed": ("view", "pv", "click", "browse", "浏览", "点击"),
    "favourited": ("fav", "favourite", "favorite", "收藏"),
    "carted": ("cart", "add_to_cart", "加购", "加入购物车"),
    "logged_in": ("login", "visit", "登录", "访问"),
}
GIFT_GIVERS = {"order_id": ("order no", "订单号", "订单编号")}
# Changes of points: with a sign, or with what kind of change it was.
POINTS = {
    "at": ("time", "date", "变动时间", "变动日期", "发生时间", "日期", "时间"),
    "kind": ("type", "change_type", "变动类型", "积分类型", "类型"),
    "points": ("change", "delta", "变动积分", "积分变动", "积分变化", "变动值", "积分"),
    "reason": ("source", "变动原因", "原因", "积分来源", "来源", "变动说明"),
    "expires_on": (
        "expires",
        "expires_at",
        "expiry_date",
        "过期时间",
        "到期时间",
        "到期日",
        "积分有效期",
        "有效期至",
    ),
    "entry": ("entry_id", "流水号", "积分流水号", "变动单号"),
}
POINT_KINDS = {
    "earned": ("earn", "获得", "发放", "赠送", "奖励"),
    "used": ("use", "spent", "redeemed", "使用", "消耗", "抵扣", "兑换"),
    "expired": ("expire", "lapsed", "过期", "失效", "到期", "清零", "过期清零"),
    "adjusted": ("adjust", "corrected", "调整", "人工调整", "系统调整", "冲正"),
}
POINT_SIGNS = {"in": ("plus", "+", "增加", "收入"), "out": ("minus", "-", "减少", "扣减", "扣除", "支出")}
# What a reason has in it, where the kind says no more than in or out.
POINT_REASONS = {
    "expired": ("过期", "失效", "到期", "清零", "expire"),
    "adjusted": ("调整", "冲正", "撤销", "退款", "退货", "adjust", "correct", "refund"),
}
FOR_EVER = ("永久", "永久有效", "长期", "长期有效", "不过期", "never", "none")
CONTACTS = {
    "channel": ("渠道", "触达渠道"),
    "at": ("time", "时间", "触达时间"),
    "event": ("事件", "结果"),
    "campaign": ("活动", "活动名称"),
    "runs_until": ("活动结束日",),
}
# What a sender's platform exports: one row per message, and a column per thing that may come of it, in which
# stands when it happened, or only that it did.
ANSWERED_AT = {
    "opened_at": ("open_time", "打开时间"),
    "clicked_at": ("click_time", "点击时间"),
    "replied_at": ("reply_time", "回复时间"),
    "opted_out_at": ("opt_out_at", "unsubscribed_at", "退订时间"),
    "complained_at": ("complaint_time", "投诉时间"),
}
ANSWERED = {
    "opened": ("是否打开",),
    "clicked": ("是否点击",),
    "replied": ("是否回复",),
    "opted_out": ("opt_out", "unsubscribed", "是否退订"),
    "complained": ("是否投诉",),
}
MESSAGES = {
    "channel": CONTACTS["channel"],
    "sent_at": ("send_time", "sent_time", "发送时间"),
    **ANSWERED_AT,
    **ANSWERED,
    "status": ("delivery_status", "发送状态", "送达状态", "状态"),
    "campaign": CONTACTS["campaign"],
    "runs_until": CONTACTS["runs_until"],
}
PAST = {
    "campaign": ("活动", "活动名称"),
    "offer": ("优惠",),
    "channel": ("渠道", "触达渠道"),
    "arm": ("分组", "组别"),
    "segment": ("分群", "人群"),
    "sent_on": ("send_on", "发送日期"),
    "runs_until": ("answers_until", "活动结束日"),
}
CHANNELS = {
    "sms": ("短信",),
    "wecom": ("企微", "企业微信"),
    "phone": ("电话", "call"),
    "email": ("邮件", "e-mail", "mail"),
}
EVENTS = {
    "sent": ("发送", "已发送"),
    "opened": ("打开", "已打开"),
    "clicked": ("点击", "已点击"),
    "replied": ("回复", "已回复"),
    "opted_out": ("退订", "opted out", "unsubscribed"),
    "complained": ("投诉",),
}
# Without a receipt a message may have arrived, so it counts.
DELIVERY = {
    "delivered": ("sent", "success", "送达", "已送达", "成功", "发送成功", "已发送", "等待回执"),
    "failed": ("failure", "bounced", "undelivered", "失败", "发送失败", "未送达", "退信"),
}
YES_OR_NO = {"yes": ("y", "true", "1", "是"), "no": ("n", "false", "0", "否")}
ARMS = {"send": ("sent", "treatment", "发送", "发送组", "实验组"), "control": ("holdout", "对照", "对照组")}
