## E-mail and SMS of subscriptions

mail-subscription-confirm-subject = Please confirm: { $topic }
mail-subscription-confirm-text = Somebody has subscribed to “{ $topic }” ({ $place }) with this address. If it was you, open the link within 48 hours and press the button; nothing is sent before.
mail-subscription-confirm-ignore = If it was not you, do nothing: nothing more is sent, and the address is destroyed after 7 days.
mail-subscription-confirm-open = Open the page to confirm
mail-subscription-stop = Stop this subscription:
mail-subscription-stop-all = Stop all subscriptions:
mail-subscription-stop-link = Stop this subscription
mail-subscription-stop-all-link = Stop all subscriptions
mail-subscription-read = Read it in the portal
mail-subscription-news-sms = { $title }. Sign in and read “My messages”.
mail-subscription-digest-subject = What you subscribed to: { $count ->
    [one] one message
   *[other] { $count } messages
}
mail-subscription-digest-lead = Since the last digest there { $count ->
    [one] is one message:
   *[other] are { $count } messages:
}
mail-subscription-digest-rest = And { $rest } more, in the portal.
mail-subscription-digest-sms = { $count ->
    [one] One message
   *[other] { $count } messages
} of what you subscribed to. Sign in and read “My messages”.
mail-subscription-more-subject = The rest of today’s news comes with the next digest
mail-subscription-more-text = { $count } messages of your subscriptions were sent at once today. So that you are not flooded, the rest goes into the next digest, at 8:00 in the morning.
mail-subscription-more-sms = { $count } SMS of your subscriptions were sent today; the rest comes in the digest at 8:00 tomorrow. Sign in and read “My messages”.
mail-subscription-bounced-subject = E-mail of a subscription came back; it goes to the portal now
mail-subscription-bounced-text = “{ $topic }” ({ $place }) came back from your address: it does not exist. From now on you find it in “My messages”. Check the address under “How to reach me”, then choose e-mail again in “My subscriptions”.
