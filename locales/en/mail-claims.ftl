## Messages about identity claims.

mail-claim-decided-subject = Result of identity claim { $number }
mail-claim-confirmed-sms = Identity claim { $number } is confirmed; sign in to see your data.
mail-claim-rejected-sms = Identity claim { $number } was not accepted: { $reason ->
    [holder] the visitor does not hold the document
    [differs] the document is another one
    [withdrawn] no longer wanted
   *[other] the document is not valid
}. Questions: 12345.
mail-claim-see = See: 
mail-claim-moved-subject = Your phone is no longer linked to a resident
mail-claim-moved-sms = Somebody showed the original document: your phone is no longer linked to this person. Wrong? Call 12345.
mail-claim-moved-text = You can still sign in with the phone, but not see this person’s data. If it is your document, take the original to a service point soon.
