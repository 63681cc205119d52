# 导入表格
field-import-file = 没有读到文字。请选 Excel 工作簿（.xlsx）或 CSV 文件
field-import-file-broken = 打不开这个工作簿，可能没有保存完整。请用表格软件重新保存为 .xlsx，或者另存为 CSV
field-import-file-old = 读不了旧格式（.xls）或者加了密码的工作簿。请去掉密码，另存为 .xlsx 或 CSV
field-import-file-large = 工作簿展开后太大。请只留要导入的一张工作表，删掉其他内容，或者另存为 CSV
field-import-file-quote = 引号没有成对，请检查引号
field-import-headings-unknown = 没有认出的标题：{ $headings }。请对照模板改标题
field-import-heading-twice = 标题“{ $first }”和“{ $second }”是同一项，请只留一列
field-import-cell-shortened = 号码被表格软件缩短了，后面几位已经丢失。请把这一列的单元格格式设成“文本”，重新填写号码
field-import-cell-failed = 单元格里是公式的错误提示，请填写实际内容
