## Messages about identity claims.

mail-claim-decided-subject = 身份认领 { $number } 的结果
mail-claim-confirmed-sms = 身份认领 { $number } 已确认，登录后可看到你的资料。
mail-claim-rejected-sms = 身份认领 { $number } 没有通过：{ $reason ->
    [holder] 来人不是证件持有人
    [differs] 证件与所填不一致
    [withdrawn] 本人不再需要
   *[other] 证件无效或无法辨认
}。有疑问请拨 12345。
mail-claim-see = 查看：
mail-claim-moved-subject = 你的手机号不再代表一位居民
mail-claim-moved-sms = 有人持证件原件核对了身份，你的手机号不再代表此人。有误请带证件到服务点或拨 12345。
mail-claim-moved-text = 手机号仍可登录，但看不到此人的资料。如果这是你的证件，请尽快带原件到任一服务点。
