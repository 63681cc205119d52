retention-title = What was destroyed
retention-lead = Everything that is kept here has a period. After its last day it is given to nobody; in the first hour of the next day it is destroyed, and a signed record says what went and by which rule.
retention-last = The last run ended:
retention-never = There has been no run yet.
retention-runs = Records of destruction
retention-none = Nothing has reached the end of its period yet.
retention-day = Day of the run
retention-count = Destroyed
retention-records = { $count ->
    [one] { $count } record
   *[other] { $count } records
  }
retention-from-to = Periods began
retention-rule = Rule
retention-older = Older records
retention-terms = How long each kind is kept
retention-terms-text = Days count from the end of the day named in the rule. What another record still needs, and what an authority has ordered to be held, stays longer; you find that on your own page.
retention-finished = Finished
retention-signature = Signature
retention-fits = Matches
retention-fits-not = Does not match
retention-signed-text = The record as it was signed
retention-key = Key:
retention-proof = How to check it
retention-proof-text = <p>A record is signed by the audit key, and each names the one before it by its SHA-256: none can be changed, left out or dated back unseen. Its root is that of an RFC 9162 tree over the identifiers of what was destroyed, each after the record’s salt. Whoever may read a backup from before the run can select what was due, work the root out again and compare. <a href="/api/v1/retention/runs">All records as JSON, with the public keys</a></p><p>It proves what was destroyed and when. It cannot prove that nobody copied it before: for that, every official’s look is in the <a href="/me/access">record of who looked</a>.</p><p>Backups of the database are kept by the operator and forget by their own period; before a backup is used again, what is due is destroyed at the start of the portal.</p>
kept-title = What is kept, until when
kept-lead = The records about you and your account, with the last day and the reason of each. After that day it is shown and given to nobody, and it is destroyed in the first hour.
kept-count = Kept
kept-until = Last day
kept-why = Why
kept-held = { $count ->
    [one] { $count } of these is kept longer because an authority has ordered it to be held. The order has a reason and an end, and is reviewed.
   *[other] { $count } of these are kept longer because an authority has ordered them to be held. The order has a reason and an end, and is reviewed.
  }
kept-free = { $count ->
    [one] { $count } of these can be deleted at once.
   *[other] { $count } of these can be deleted at once.
  }
kept-delete = Delete these now
kept-correct = Correct a mistake
kept-correct-colour = Have a colour reviewed
kept-account = Delete the account
kept-account-needed = The account is needed as long as declarations, certificates, appeals or applications above must be kept. Delete what can be deleted; it can go after this day, by the dates as they stand now:
kept-account-text = Account, messages and drafts are destroyed at once. You are signed out, and the phone number can be used anew. The record of acts keeps identifiers that then name nobody.
kept-others = Also kept and not listed below: text messages and e-mails that were sent, codes, counters of sign-ins and against abuse, answers kept so that nothing is sent twice, and the record of acts. How long:
kept-person = Name and document
kept-own-account = Account
kept-not-before = not before { $day }
kept-delete-title = Delete these records
kept-delete-effect = What follows
kept-delete-what = Whatever can be deleted of “{ $what }” is destroyed at once, all of it.
kept-delete-for-good = It cannot be brought back.
kept-delete-yes = Delete it
kept-delete-no = Keep it
flash-kept-deleted = It has been deleted.
flash-account-deleted = Your account has been deleted.
problem-account-needed = Your account is still needed: declarations, certificates, appeals or applications of yours must be kept. See “What is kept, until when”.
nav-desk-holds = Legal holds
holds-title = Legal holds
holds-text = A hold keeps a record from being destroyed when its period is over. It counts at once, and lapses after 7 days unless a second official confirms it. The person sees that something is kept longer because of an order; not the reason.
holds-new = Enter a hold
holds-number = Number of the case
holds-number-hint = Declaration, certificate, appeal, application or claim
holds-whole = Hold everything of the person of this case
holds-reason = Reason
holds-until = Holds until
holds-until-hint = At most a year from today
holds-submit = Enter the hold
holds-none = There are none
holds-none-text = The others stand under the other tab.
holds-record = Record
holds-state = State
holds-unconfirmed = To be confirmed by somebody else
holds-counts = In force
holds-over = Not in force
holds-what = Holds
holds-person = Everything of the person
holds-case = This case
holds-review = Review
holds-late = Review is due
holds-waits = In force for 7 days from entry; a second official has to confirm it.
holds-confirm-text = Entered by somebody else. Confirm it if the reason holds, or end it.
holds-confirm = Confirm
holds-end = End the hold
field-number-no-such-case = No case has this number; please check it
field-until-hold-end = Please give an end between today and a year from now
flash-hold-entered = The hold is in force; a second official has to confirm it within 7 days.
flash-hold-confirmed = The hold is confirmed.
flash-hold-ended = The hold has ended.
holds-decide = Check a legal hold
holds-scope = As well
holds-effect = If confirmed, nothing of it is destroyed until the day above. If ended, what is past its time is destroyed by the next run and cannot be brought back.
holds-choice-confirm = Confirm: the reason holds, and the hold goes on
holds-choice-end = End: it is held no longer
holds-choice-leave = Decide nothing now and go back
holds-end-reason = Reason for ending
holds-end-hint = Needed to end it; other officials read it; at most 2,000 characters
