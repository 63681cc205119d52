## 关于代办的消息。

mail-proxy-asked-subject = 有人申请为你代办
mail-proxy-asked-text = { $who } 申请为你代办健康申报和健康码。请登录选择同意或不同意；没有答复就没有人为你代办。编号：{ $number }
mail-proxy-asked-sms = { $who }申请为你代办，请登录选择是否同意，编号{ $number }。
mail-proxy-code-subject = 代办同意验证码
mail-proxy-code-text = { $code }是同意{ $who }为你代办的验证码，{ $minutes }分钟内有效。不要告诉别人，同意才填写。
mail-proxy-granted-subject = { $whose ->
    [own] 你可以为 { $ward } 代办
   *[other] { $who } 可以为你代办
}
mail-proxy-granted-text = { $whose ->
    [own] 你可以为 { $ward } 代办，有效至 { $until }。请在“代家人办理”中开始，每次办理 { $ward } 都会收到通知。
   *[other] { $who } 可以为你代办，有效至 { $until }：申报健康、出示健康码和证明、提出申诉。你可以随时在“代家人办理”或到服务点终止。
}
mail-proxy-granted-sms = { $who }可为你代办至{ $until }。不对请登录或到服务点终止。
mail-proxy-acted-subject = { $whose ->
    [own] 已为 { $ward } 办理
   *[other] { $who } 为你办理了
}
mail-proxy-acted-text = { $whose ->
    [own] 你为 { $ward } 
   *[other] { $who } 为你
}{ $did ->
    [declared] 提交了健康申报
    [corrected] 更正了健康申报
    [appealed] 对颜色提出了申诉
   *[other] 打印了健康码
}。{ $number }
mail-proxy-acted-more = 如果不对，请在“代家人办理”或到服务点终止。
mail-proxy-ended-subject = { $whose ->
    [own] 你不为 { $ward } 代办
   *[other] { $who } 不再为你代办
}
mail-proxy-ended-text = { $was ->
    [granted] { $whose ->
        [own] 你不再为 { $ward } 代办
       *[other] { $who } 不再为你代办
    }
   *[other] 你没有得到为 { $ward } 代办的同意
}：{ $by ->
    [proxy] 代办人终止了。
    [person] 本人这样决定。
    [counter] 已在服务点办理。
    [age] 此人已到由本人决定的年龄。
   *[other] 期限已满。
}编号：{ $number }
mail-proxy-open = 代家人办理
