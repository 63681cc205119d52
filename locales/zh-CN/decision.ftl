## What every decision of an official has: what people will read of it, and what others did meanwhile.

decision-preview = 对方将收到
decision-preview-go = 先看对方会收到什么
decision-preview-none = 这样办不会给任何人发消息。
decision-preview-open = “……”是办理时才生成的编号。
decision-ways = 通过{ $ways }发出：
decision-back = 看现在的情况
preview-by-sms = 短信
preview-by-mail = 电子邮件
preview-by-inbox = 站内消息
decided-open = 还没有决定
decided-confirmed = 已确认
decided-refused = 没有确认
decided-ended = 已结束
decided-lapsed = 没有人确认，已失效
decided-over = 期限已过
decided-rejected = 没有认可
