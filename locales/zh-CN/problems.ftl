## What went wrong, by code. The general texts by status are in errors.ftl.

problem-csrf = 这个页面打开太久了，或者不是从本站打开的。请重新打开那一页，再提交一次。
problem-cross-site = 这个请求来自别的网站，我们没有处理。
problem-body-malformed = 发来的内容读不懂，请再试一次。
problem-body-not-utf8 = 发来的文字不是 UTF-8 编码，请再试一次。
problem-cursor = 这个翻页链接不完整，请从第一页重新看。
problem-no-person = 你还没有做过健康申报。先申报，才有证明和健康码。
problem-idempotency-mismatch = 这次提交的编号已经用过，内容却不一样。请重新打开页面再提交。
problem-in-progress = 同样的提交正在处理，请稍等几秒再看结果。
problem-too-slow = 请求传得太慢，没有收完。请换个网络再试，已保存的内容没有丢失。
problem-method-not-allowed = 这个地址不能这样访问。
problem-sign-in = 请先登录。
problem-step-up = 请再输入一次动态验证码。
problem-unavailable = 系统现在忙，请稍后再试。没有看到办成的，请当作没有办成。

## What is wrong with a field, and how to put it right

field-invalid = 请检查这一项
field-required = 请填写这一项
field-length = 字数不对，请检查这一项
field-range = 数字超出范围，请检查这一项
field-unknown-field = 没有这个字段
field-wrong-type = 类型不对

## Who

who-me = 我的
province-organiser = { $province }应对疫情应急指挥部

role-village-worker = 村社工作人员
role-doctor = 医生
role-town-reviewer = 乡镇审核
role-health-reviewer = 卫生健康审核
role-industry-reviewer = 经信审核
role-market-reviewer = 市场监管审核
role-county-desk = 专窗主办
role-prefecture-reviewer = 市州审核
role-province-operator = 省级运行
role-colour-officer = 疾控赋码
role-appeal-reviewer = 申诉复核
role-publisher = 信息发布
role-exchange-operator = 省际互认
role-auditor = 审计
role-administrator = 系统管理

nav-desk = 工作台
nav-desk-declarations = 申报
nav-desk-certificates = 证明
nav-desk-claims = 身份认领
nav-desk-applications = 复工申请
nav-desk-agents = 代办资格
nav-audit = 审计日志
nav-officials = 工作人员
nav-offices = 单位
nav-desk-exchange = 省际互认

problem-nobody-to-remind = 各部门都已答复，不用催办。
problem-reminded-today = 没有答复的部门今天都催过了，明天可以再催。
field-required-named = 请填写{ $field }
field-choose-named = 请选择{ $field }
name-of-name = 名称或姓名
name-of-fresh-code = 验证码
name-of-uscc = 统一社会信用代码
name-of-document-number = 证件号码
name-of-doc-number = 证件号码
name-of-document-kind = 证件种类
name-of-doc-kind = 证件种类
name-of-office = 单位
name-of-division = 地区
name-of-level = 风险等级
name-of-source = 依据或来源
name-of-since = 从哪天起
name-of-result = 结果
name-of-at = 日期
name-of-from = 开始日期
name-of-to = 结束日期
name-of-until = 截止日期
name-of-image = 图片
name-of-file = 文件
name-of-text = 内容
name-of-q = 要找的姓名或编号
name-of-version = 版本号（version）
name-of-number = 编号
name-of-code = 验证码
name-of-password = 密码
name-of-login = 用户名
name-of-temperature = 体温
name-of-conclusion = 结论
name-of-place = 地点
name-of-lead = 负责人
name-of-lead-phone = 负责人电话
name-of-operator = 经营者
name-of-operator-phone = 联系电话
name-of-legal-phone = 法定代表人电话
name-of-industry = 行业
name-of-town = 乡镇或街道
name-of-street = 街道和门牌
name-of-premises = 经营场所
name-of-staff = 人员名单
name-of-province = 省份
name-of-email = 电子邮箱
name-of-endpoint = 接口地址
name-of-document = 文件名和文号
name-of-kinds = 证件种类
name-of-direction = 认可方向
name-of-proof = 凭什么证明
name-of-commitment = 承诺
name-of-scale = 规模
name-of-name-en = 英文名称
name-of-person = 办理对象
name-of-count = 变色人数
name-of-accept = 是否认可更改
problem-notice = 请先阅读并确认隐私说明。
