## 各类办理列表共用的文字。

worklist-name = 姓名或名称
worklist-document = 证件
worklist-number = 编号
worklist-place = 地区
worklist-sort = 排序
worklist-sort-own = 按列表原来的顺序
worklist-sort-oldest = 最早的在前
worklist-sort-newest = 最新的在前
worklist-search-cut = 只显示前 50 件，还有更多。请改用编号或证件号码查找。
worklist-results = 办理结果
worklist-views = 保存的视图
worklist-view-hint = 保存现在的分类、筛选和排序，不保存查找的人；最多 40 字
worklist-view-shared = 全单位
worklist-view-save = 保存视图
worklist-view-remove = 删除
worklist-files = 下载表格
worklist-files-text = 表格内容与本列表各页相同，最多 10,000 行。最近十五分钟没有输入过动态验证码的，下载前要输入一次；每次下载都会记录。
worklist-xlsx = 下载 XLSX（电子表格）
worklist-csv = 下载 CSV
worklist-file-cut = 只含前 { $most } 行，还有更多：请用筛选分几次下载。
name-of-view = 视图名称
name-of-shared = 全单位都能看到
field-views-full = 最多保存 { $most } 个视图，请先删除不用的
flash-view-saved = 视图已保存。
flash-view-removed = 视图已删除。
stepup-for-list = 下载办理列表的表格
