## Words that every e-mail and SMS shares

mail-signature = 【{ $province }复工通】
mail-footer-from = From { $organiser }
mail-footer-help = Questions? Call { $hotline }. We never ask for your sign-in codes.
mail-footer-auto = This e-mail was sent automatically. Please do not reply.

## Operators checking that e-mail and SMS go out

mail-check-subject = Delivery check { $code }
mail-check-text = This is a delivery check, number { $code }. If you can read it, messages go out.
