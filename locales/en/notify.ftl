## My messages

inbox-title = My messages
inbox-unread = unread
inbox-empty = No messages yet
inbox-empty-text = When something happens in your matters, a message appears here.
inbox-mark-read = Mark as read
inbox-gone = The content of this message is no longer available
inbox-go = Open the page about it
inbox-go-code = Open my code
inbox-count = { $count } unread

## Pages that are open

live-message = A new message has arrived.
live-open = Open my messages
live-refresh = Let this page load itself anew every minute
live-refreshes = This page loads itself anew every minute.
live-stop = Stop that
