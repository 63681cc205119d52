## 没有手机的人的办事密码。

nav-desk-pins = 办事密码
stepup-for-pin = 设置或注销办事密码
pin-lead = 适用于已登记、没有手机的人。凭证件和办事密码，可以让家人代办而不必再到服务点；打电话来办事时，工作人员也可以用它核实本人。
pin-doc-kind = 证件类型
pin-doc-number = 证件号码
pin-name = 证件上的姓名
pin-do = 办理什么？
pin-do-give = 设置办事密码，原来的作废
pin-do-withdraw = 注销办事密码
pin-seen = 我看过证件原件，是面前本人的证件
pin-send = 办理
pin-once = 办事密码只在这一页显示，不在任何地方保存。请现在打印回执交给本人；遗失的请重新设置。
pin-rules = 连续输错 { $tries } 次会被锁定。有效期一年，并且只在没有手机代表本人时有效。
flash-pin-withdrawn = 已注销
field-pin-not-seen = 请先看证件原件
field-pin-nobody = 没有登记过这个证件的人，请先录入健康申报
field-pin-telephone = 已有手机代表此人，比办事密码更可靠，不设置办事密码
field-pin-none = 此人没有办事密码
field-pin-wrong = 姓名、证件和办事密码对不上，或者密码已锁定、已失效。连续输错五次后请到服务点重新设置
field-pin-desk-wrong = 这不是此人的办事密码，或者已锁定、已失效。请改为查看证件
field-pin-too-many = 你今天已经试过五次办事密码，或者申请次数太多。请明天再来，或者一起到服务点
field-pin-guardian = 儿童和被监护人由监护人到服务点办理
name-of-pin = 办事密码
access-pin-set = 为你设置了办事密码
access-pin-withdraw = 注销了你的办事密码
access-pin-try = 核对了你的办事密码
