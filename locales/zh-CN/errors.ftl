## Pages for what went wrong, always with a way on.

error-400-title = 这个请求我们没有看懂
error-400-text = 链接或填写的内容不完整。请回到上一页再试一次。
error-404-title = 没有找到这个页面
error-404-text = 链接可能写错了，内容可能已经撤下，或者你现在的身份不能查看。
error-409-title = 有人先改动了
error-409-text = 在你打开这一页之后，内容有了变化，所以你的操作没有生效。请看过新内容再决定。
error-413-title = 文件太大
error-413-text = 请压缩图片，或者分成几个文件上传。其他内容没有丢失。
error-415-title = 这种文件不能上传
error-415-text = 请换成页面上写明的格式。其他内容没有丢失。
error-422-title = 有内容需要改一下
error-422-text = 请回到上一页，按提示修改后再提交。
error-429-title = 请稍等一下
error-429-text = 短时间内请求太多，为了大家都能用，我们先停一停。你填的内容没有丢失。
error-500-title = 系统出了问题
error-500-text = 不是你的操作有误。我们已经记下这个问题。没有确认成功的操作就没有生效，可以放心再做一次。
error-503-title = 现在人太多，暂时办不了
error-503-text = 系统正在恢复。通行不受影响：出示身份证或纸质码，由工作人员登记，同样放行。
error-changes = 变化了什么
error-problems = 请这样改
error-retry = 请在 { $time }后再试。
error-ways = 你可以
error-again = 再试一次
error-home = 回到首页
error-call = 打电话 { $hotline }，由工作人员帮你
error-request = 打电话时可以报这个编号：{ $id }
