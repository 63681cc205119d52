## Messages about merged records.

mail-records-merged-subject = { $what ->
    [parted] The merge of your records was undone
   *[merged] Two records of yours were merged
}
mail-records-merged-text = { $what ->
    [parted] Two officials have undone the merge of your records: each document has a record of its own again, and each health code was worked out anew. Number: { $number }. If you have questions, go to any service point with your documents, or ring 12345.
   *[merged] Two officials have found that the records under two documents are yours, and merged them: the health code was worked out anew from everything that is known, and your certificates stay valid. Number: { $number }. If this is wrong, any service point can have it undone for 184 days, with your documents; or ring 12345.
}
mail-records-merged-sms = { $what ->
    [parted] The merge of your records was undone ({ $number }). Questions? Go to a service point.
   *[merged] Two records of yours were merged ({ $number }). Wrong? A service point can undo it.
}
