## Texts that every page shares. Variables are names, never sentences.

brand = 复工通
workplace = 工作台
skip = 跳到正文
title-error = 出错：
list-comma = ，
or = 或者
all = 全部
choose = 请选择
change = 更改
change-what = ：{ $what }
optional = （选填）
back = 上一步
filter = 筛选
today-line = 今天 { $date }，{ $weekday }

## Header

nav-main = 主导航
nav-home = 首页
nav-code = 我的码
nav-progress = 我的
nav-verify = 核验
elder-on = 大字版
elder-off = 标准版
sign-in = 登录
sign-out = 退出
who-official = { $office } · { $name }（{ $role }）

## Footer

foot-help = 不会用、没有手机、遇到困难，都可以打
foot-hours = 全天 24 小时。也可以带身份证到现住地的乡镇、街道服务点，由工作人员代你办理。
foot-access = 我的信息与查阅记录
foot-rules = 公开的规则
foot-about = 关于复工通
foot-privacy = 隐私说明
foot-accessibility = 无障碍声明
foot-organiser = { $organiser }主办
foot-support = 技术支持：省平台值班室
foot-official-log = 你在这里的每一次查看和决定都会记录，当事人可以看到是哪个单位查看的。

## Forms

errors-title = 有 { $count } 处需要改一下
date-year = 年
date-month = 月
date-day = 日
date-incomplete = 请把年、月、日都填上
date-not-a-number = 年、月、日请只填数字，例如 2020 年 3 月 2 日
date-no-such-day = 没有这一天，请检查年、月、日
division-go = 显示下一级
submit-save = 保存并继续
form-expired = 这个页面打开太久了，请再提交一次。你填的内容还在。

## Progress, clock, lists

progress-step = 第 { $step } 步，共 { $steps } 步
progress-saved = 已保存 { $time }
limit-provisional = { $limit }（暂定，该年放假安排尚未公布）
clock-left = 还剩 { $time }
clock-overdue = 已逾期 { $time }
clock-due = { $due } 前
clock-was-due = 期限：{ $due }
clock-paused = 暂停，已用 { $time }
clock-waits = 等申请人补充，不计时
clock-since = { $why }（自 { $since } 起）
clock-working = （工作日）
pager = 翻页
pager-shown = 本页 { $shown } 条
pager-total = 本页 { $shown } 条，共 { $total } 条
pager-newer = 上一页
pager-older = 下一页
pager-end = 没有下一页
count-items = { $count ->
   *[other] 件
}

## Code, verification, paper

code-stale = 这个二维码已经过时。请刷新本页再出示。
code-scan-until = 二维码 { $time } 前可扫
code-open-for = 二维码已显示
code-open-seconds = 秒，
code-refresh = 刷新
code-people = 看谁的码
code-people-add = 添加家人
check-passed = ：通过
check-failed = ：没有通过
seal-of = 电子印章：{ $office }

select-all = 全选本页
field-none-chosen = 请先勾选至少一件
