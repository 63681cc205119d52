## 档案合并的消息。

mail-records-merged-subject = { $what ->
    [parted] 你的档案合并已撤销
   *[merged] 你的两份档案已合并
}
mail-records-merged-text = { $what ->
    [parted] 两名工作人员核对后撤销了档案合并，两份证件又各有一份档案，健康码已分别重新计算。编号：{ $number }。有疑问请带证件到任一服务点，或者拨打 12345。
   *[merged] 两名工作人员核对后，把你用两种证件登记的两份档案合并成一份，健康码已按全部情况重新计算，原来的证明继续有效。编号：{ $number }。不是你本人或者有误的，184 天内带证件到任一服务点可以撤销，也可以拨打 12345。
}
mail-records-merged-sms = { $what ->
    [parted] 你的档案合并已撤销，编号{ $number }。有疑问请到服务点。
   *[merged] 你的两份档案已合并，编号{ $number }。有误请到服务点撤销。
}
