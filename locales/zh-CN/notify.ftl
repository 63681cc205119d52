## 我的消息

inbox-title = 我的消息
inbox-unread = 未读
inbox-empty = 还没有消息
inbox-empty-text = 办理有进展时，这里会有消息。
inbox-mark-read = 标为已读
inbox-gone = 这条消息的内容已不再提供
inbox-go = 打开相关页面
inbox-go-code = 打开我的码
inbox-count = { $count } 条未读
