## What every decision of an official has: what people will read of it, and what others did meanwhile.

decision-preview = What will be received
decision-preview-go = See first what will be received
decision-preview-none = Nobody is sent a message for this.
decision-preview-open = "……" is a number that is made when it is done.
decision-ways = Sent by { $ways }:
decision-back = See how it stands now
preview-by-sms = SMS
preview-by-mail = e-mail
preview-by-inbox = message in the portal
decided-open = Not decided yet
decided-confirmed = Confirmed
decided-refused = Refused
decided-ended = Ended
decided-lapsed = Lapsed, nobody confirmed it
decided-over = Its time is over
decided-rejected = Rejected
