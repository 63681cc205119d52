## 订阅的邮件和短信

mail-subscription-confirm-subject = 请确认订阅：{ $topic }
mail-subscription-confirm-text = 有人用这个邮箱订阅“{ $topic }”（{ $place }）。如果是你，请在 48 小时内打开链接并按下按钮；以前不会发送任何消息。
mail-subscription-confirm-ignore = 如果不是你，不用理会：不会再发送，邮箱 7 天后销毁。
mail-subscription-confirm-open = 打开确认页
mail-subscription-stop = 停止这项订阅：
mail-subscription-stop-all = 停止全部订阅：
mail-subscription-stop-link = 停止这项订阅
mail-subscription-stop-all-link = 停止全部订阅
mail-subscription-read = 在网站上看
mail-subscription-news-sms = { $title }。详情登录后看“我的消息”。
mail-subscription-digest-subject = 你订阅的消息汇总：{ $count } 条
mail-subscription-digest-lead = 上次汇总以来有 { $count } 条消息：
mail-subscription-digest-rest = 还有 { $rest } 条，见网站。
mail-subscription-digest-sms = 你订阅的内容有 { $count } 条新消息，登录后看“我的消息”。
mail-subscription-more-subject = 今天其余的订阅消息放进下一次汇总
mail-subscription-more-text = 今天已直接发送 { $count } 条订阅消息。为了不打扰你，其余的放进下一次汇总，早上 8 点发送。
mail-subscription-more-sms = 今天已发{ $count }条订阅短信，其余放进明早 8 点的汇总，登录后看“我的消息”。
mail-subscription-bounced-subject = 订阅的邮件无法送达，改为站内消息
mail-subscription-bounced-text = 发往你邮箱的“{ $topic }”（{ $place }）被退回：邮箱不存在。以后的消息在“我的消息”里看。请检查“联系方式”里的邮箱，再到“我的订阅”里改回邮件。
