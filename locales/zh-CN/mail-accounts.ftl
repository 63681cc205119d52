## Messages about accounts.

mail-sign-in-code-sms = 登录验证码 { $code }，{ $minutes } 分钟内有效。工作人员不会向你要验证码。
mail-email-code-subject = 邮箱验证码
mail-email-code-text = 验证码 { $code }，{ $minutes } 分钟内有效，填写以后才会往这个邮箱发通知。不是你本人操作，不用理会。
mail-phone-change-code-sms = 更换手机号验证码 { $code }，{ $minutes } 分钟内有效。不是你本人操作，请拨 12345。
mail-email-changed-subject = 电子邮箱已更改
mail-email-changed-sms = { $what ->
    [added] 你在复工通登记了电子邮箱
    [removed] 你在复工通登记的电子邮箱已取消
   *[changed] 你在复工通登记的电子邮箱已更换
  }。不是你本人操作，请立即拨 12345。
mail-official-changed-subject = 你的工作账号有变动
mail-official-changed-sms = 你的复工通工作账号{ $action ->
    [hire] 已开通
    [reset] 已重置，原密码和动态验证码作废
    [end] 有一个岗位已结束
    [identify] 登记的本人证件或手机已更改，一天内不能办理重要事项
    [vouch] 已由另一名管理员担保，可以办理全部事项
   *[disable] 已停用
  }。事先不知道的，请马上问本单位管理员或拨 12345。
mail-phone-changed-subject = 登录手机号已更换
mail-phone-changed-sms = 你的登录手机号已换成 { $phone }，其他设备已退出。不是你本人操作，请立即拨 12345。
