## 所有邮件和短信共用的文字

mail-signature = 【{ $province }复工通】
mail-footer-from = 发件人：{ $organiser }
mail-footer-help = 有疑问请拨打 { $hotline }。工作人员不会向你索要验证码。
mail-footer-auto = 这封邮件由系统自动发出，请勿回复。
