## 所有邮件和短信共用的文字

mail-signature = 【{ $province }复工通】
mail-footer-from = 发件人：{ $organiser }
mail-footer-help = 有疑问请拨打 { $hotline }。工作人员不会向你索要验证码。
mail-footer-auto = 这封邮件由系统自动发出，请勿回复。

## 运维人员检查邮件和短信通道

mail-check-subject = 通道检查 { $code }
mail-check-text = 这是一条通道检查消息，编号 { $code }。收到即表示通道正常。

## 消息太多时的说明

mail-more-news-subject = 还有更多消息
mail-more-news-sms = 发往这个号码的消息较多，有的不再发短信。全部消息登录后可看；没有账号的请问服务点或打12345。
mail-more-news-text = 发往这个邮箱的消息较多，有的不再发邮件，以免打扰。内容都在网站上：居民看“我的消息”，工作人员看工作台；没有账号的请问服务点或打 12345。
