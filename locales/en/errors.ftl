## Pages for what went wrong, always with a way on.

error-400-title = We did not understand this request
error-400-text = The link or what was sent is incomplete. Go back to the page before and try again.
error-404-title = We did not find this page
error-404-text = The link may be wrong, the page may have been taken down, or you may not be allowed to see it.
error-409-title = Someone else was first
error-409-text = Something changed after you opened this page, so what you did has not taken effect. Look at the new state, then decide.
error-413-title = The file is too large
error-413-text = Make the picture smaller or send several files. Nothing else was lost.
error-415-title = This kind of file cannot be sent
error-415-text = Use one of the formats named on the page. Nothing else was lost.
error-422-title = Something has to be put right
error-422-text = Go back to the page before, change what is marked and send it again.
error-429-title = Please wait a moment
error-429-text = There were too many requests in a short time, so we pause here to keep the service open for everybody. What you entered is not lost.
error-500-title = Something went wrong on our side
error-500-text = It was not your doing. We have noted the problem. What was not confirmed did not happen, so it is safe to do it again.
error-503-title = The service is too busy just now
error-503-text = It is recovering. You can still pass: show your identity document or a paper code and staff will register you.
error-changes = What changed
error-problems = What to put right
error-retry = Try again in { $time }.
error-ways = What you can do
error-again = Try again
error-home = Go to the home page
error-call = Call { $hotline } and let staff help you
error-request = When you call, you can give this number: { $id }
