## 复工许可、备案名册（任何人）

register-title = 复工许可、备案名册
register-lead = 查一家单位有没有复工许可或备案，是否有效。这里只有单位的公开信息，没有个人信息。
register-filter = 查找名册
register-find = 查找
register-find-hint = 名称开头几个字，或完整的信用代码、编号
register-name = 单位名称
register-uscc = 统一社会信用代码
register-county = 区县
register-state = 状态
register-kind = 种类
register-kind-filing = 备案
register-kind-permit = 许可
register-number = 编号
register-date = 决定日期
register-until = 有效期最后一天
register-caption = 复工许可和备案，新的在前
register-csv = 下载表格（CSV）
register-csv-most = 表格最多 { $count } 行，新的在前；更多请先按区县筛选。
register-none = 没有找到
register-none-text = 名称要从第一个字起输入，例如“岳池县东外街”；信用代码和编号要输入完整。
register-all = 查看全部
register-law = 依据：《中华人民共和国行政许可法》第四十条，准予行政许可的决定公开，公众有权查阅。
