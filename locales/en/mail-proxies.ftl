## Messages about who acts for whom.

mail-proxy-asked-subject = Somebody asks to act for you
mail-proxy-asked-text = { $who } asks to act for you in health declarations and your health code. Sign in to agree or refuse; without an answer nobody acts for you. Number: { $number }
mail-proxy-asked-sms = { $who } asks to act for you. Sign in to agree or refuse ({ $number }).
mail-proxy-code-subject = Code to let somebody act for you
mail-proxy-code-text = { $code } lets { $who } act for you. Valid { $minutes } minutes. Tell it to nobody; enter it only if you agree.
mail-proxy-granted-subject = { $whose ->
    [own] You may act for { $ward }
   *[other] { $who } may act for you
}
mail-proxy-granted-text = { $whose ->
    [own] You may act for { $ward } until { $until }. You find it under “Acting for others”; { $ward } is told of each act.
   *[other] { $who } may act for you until { $until }: declare your health, show your code and certificates, appeal. You can end it at any time under “Acting for others” or at a service point.
}
mail-proxy-granted-sms = { $who } may act for you until { $until }. Not right? End it online or at a service point.
mail-proxy-acted-subject = { $whose ->
    [own] Done for { $ward }
   *[other] { $who } has done something for you
}
mail-proxy-acted-text = { $whose ->
    [own] You have, for { $ward },
   *[other] { $who } has, for you,
} { $did ->
    [declared] sent a health declaration
    [corrected] corrected a health declaration
    [appealed] appealed against a colour
   *[other] printed the health code
}. { $number }
mail-proxy-acted-more = If that is not right, end it under “Acting for others”, or at a service point.
mail-proxy-ended-subject = { $whose ->
    [own] You do not act for { $ward }
   *[other] { $who } no longer acts for you
}
mail-proxy-ended-text = { $was ->
    [granted] { $whose ->
        [own] You no longer act for { $ward }
       *[other] { $who } no longer acts for you
    }
   *[other] You have not been allowed to act for { $ward }
}: { $by ->
    [proxy] it was ended by who acted.
    [person] the person decided so.
    [counter] it was settled at a service point.
    [age] the person is old enough to be asked now.
   *[other] the time is over.
} Number: { $number }
mail-proxy-open = Acting for others
