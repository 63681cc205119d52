## Words that every e-mail and SMS shares

mail-signature = 【{ $province }复工通】
mail-footer-from = From { $organiser }
mail-footer-help = Questions? Call { $hotline }. We never ask for your sign-in codes.
mail-footer-auto = This e-mail was sent automatically. Please do not reply.

## Operators checking that e-mail and SMS go out

mail-check-subject = Delivery check { $code }
mail-check-text = This is a delivery check, number { $code }. If you can read it, messages go out.

## When there are too many messages

mail-more-news-subject = There are more messages
mail-more-news-sms = There are more messages for this number than are sent by SMS. Sign in to read all of them; without an account ask at a service point or call 12345.
mail-more-news-text = There are more messages for this address than are sent by e-mail. All of it is on the website: residents find it under “My messages”, officials on their worklist. Without an account ask at a service point or call 12345.
