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

## 打开着的页面

live-message = 有新的消息。
live-open = 打开我的消息
live-refresh = 让本页每分钟自动刷新
live-refreshes = 本页每分钟自动刷新。
live-stop = 停止刷新
