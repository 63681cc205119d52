## Messages about accounts.

mail-sign-in-code-sms = Sign-in code { $code }, valid { $minutes } minutes. Staff never ask for it.
mail-email-code-subject = Code for your e-mail address
mail-email-code-text = Code { $code }, valid { $minutes } minutes. Messages come to this address only once it is typed. Not you? Then do nothing.
mail-phone-change-code-sms = Code to change your phone: { $code }, valid { $minutes } minutes. Not you? Call 12345.
mail-email-changed-subject = Your e-mail address was changed
mail-email-changed-sms = Your e-mail address with us was { $what ->
    [added] added
    [removed] removed
   *[changed] changed
  }. Not you? Call 12345 now.
mail-official-changed-subject = Your staff account was changed
mail-official-changed-sms = Your Fugong staff account { $action ->
    [hire] was made
    [reset] was reset: password and app no longer work
    [end] has lost a post
    [identify] has another document or telephone on file as yours, and decides nothing grave for a day
    [vouch] was vouched for by another administrator and can do everything now
   *[disable] was disabled
  }. Not expected? Ask your administrator or call 12345 now.
mail-phone-changed-subject = Your sign-in phone was changed
mail-phone-changed-sms = Your sign-in phone is now { $phone }; other devices are signed out. Not you? Call 12345 now.
