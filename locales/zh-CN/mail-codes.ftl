## Messages about the health code.

mail-code-changed-subject = 你的健康码变为{ $new }
mail-code-changed-lead = 你的健康码由{ $old }变为{ $new }。
mail-code-changed-reason = 原因：{ $reason }
mail-code-changed-until = 预计到 { $until }
mail-code-changed-who = 负责单位：{ $authority }，电话 { $phone }
mail-code-changed-who-only = 咨询电话 { $phone }
mail-code-changed-next-green = 下一步：进门时出示健康码即可。
mail-code-changed-next-yellow = 下一步：请做一次核酸检测，结果由医院登记，阴性后自动转绿。
mail-code-changed-next-red = 下一步：请留在住处，不要乘公共交通；不舒服马上打 120。
mail-code-changed-next-unknown = 下一步：请再做一次健康申报；在此之前凭身份证登记进入。
mail-code-changed-wrong = 不符合事实可以在“我的码”里申诉，或打 12345。
mail-code-changed-sms = 你的健康码由{ $old }变为{ $new }，原因和办法见“我的码”或打 12345。
mail-health-record-subject = 有一条关于你的记录生效
mail-health-record-lead = { $office }登记了一条关于你的记录。
mail-health-record-what = 记录：{ $kind }
mail-health-record-result = 结果：{ $result }
mail-health-record-at = 日期：{ $at }
mail-health-record-source = 来源：{ $source }
mail-health-record-effect = 它会按公开规则影响你的健康码。不符合事实请打 { $phone } 或 12345。
mail-health-record-sms = 有一条关于你的健康记录生效，详情见“我的码”或打 12345。
mail-code-changed-papers = 你以前打印的纸质码已经失效，请重新打印。
mail-health-record-ended-subject = 一条关于你的记录已经结束
mail-health-record-ended-lead = { $office }结束了一条关于你的记录。
mail-health-record-ended-reason = 理由：{ $reason }
mail-health-record-ended-effect = 正在重新计算你的健康码。咨询 { $phone } 或 12345。
mail-health-record-ended-sms = 一条关于你的健康记录已提前结束，正在重新计算健康码，详情见“我的码”或打 12345。
