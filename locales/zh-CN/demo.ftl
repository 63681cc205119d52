## The demonstration's sandbox page

demo-sandbox-title = 演示：短信、邮件和动态验证码
demo-sandbox-lead = 这里能看到两个演示省发出的每一条短信和邮件。人物和事件都是虚构的。刷新本页看最新内容。
demo-sandbox-password = 工作人员的密码都是：
demo-sandbox-officials = 工作人员
demo-sandbox-login = 用户名
demo-sandbox-code = 现在的动态验证码
demo-sandbox-role = 岗位
demo-sandbox-office = 单位
demo-sandbox-messages = 发出的消息
demo-sandbox-none = 还没有消息。
