## The record (auditors)

audit-title = Audit record
audit-head = Signed head { $number }
audit-head-fresh = Signed, less than a minute old
audit-head-old = Signed, but not renewed in time
audit-head-bad = Signature does not hold
audit-head-at = Signed at
audit-head-size = Entries
audit-head-lanes = Chains
audit-head-root = Root of the tree
audit-no-head = No head has been signed yet
audit-no-head-text = Background work signs one every minute. If none comes, look at the background work.
audit-verify = Verify the newest entries
audit-verify-title = Result of the verification
audit-verify-ok = Everything fits.
audit-verify-bad = { $count } things do not fit
audit-verify-done = Checked { $entries } entries and { $heads } signed heads.
audit-verify-whole = To verify the whole record, run on the server:
audit-filters = Filter the record
audit-from = From day
audit-to = To day
audit-action = Action
audit-actor = Actor
audit-actor-id = Actor’s identifier
audit-office = Office
audit-office-id = Office’s identifier
audit-object = Object’s identifier
audit-object-kind = Kind of object
audit-subject = Person concerned
audit-detail = Detail
audit-prev = Hash of the entry before
audit-hash = Hash of this entry
audit-caption = The record, newest first
audit-at = Time
audit-export = Export CSV
audit-empty = No entries match
audit-empty-text = Widen the days, or clear the name or office.
audit-any = All
audit-official = Official
audit-official-hint = beginning of a name or sign-in name
audit-office-hint = beginning of its name
audit-codes = Identifiers and codes
audit-entries = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
audit-one-only = Only entries of one identifier are shown.
audit-all = Show all entries
audit-note = The names of officials and offices are shown here, no names or health data of residents. Each of your looks is recorded too.
audit-actor-official = Official
audit-actor-resident = Resident
audit-actor-anonymous = Visitor, not signed in
audit-actor-system = System
audit-actor-console = Server command
audit-actor-partner = Partner province
audit-entry = Entry { $place }
audit-own-ok = The entry fits its hash.
audit-own-bad = The entry does not fit its hash: it was altered.
audit-follows-ok = It follows the entry before it.
audit-follows-bad = It does not follow the entry before it: one of them was replaced.
audit-waiting = Waiting for the next signed head, at most a minute.
audit-included = In the tree of signed head { $number }; the proof holds.
audit-not-included = Not in the tree of signed head { $number }: something was altered.
problem-audit-export-too-large = More than 50,000 entries match. Please choose a shorter time.
field-audit-day = Write the day like 2020-03-12
field-audit-id = Enter the whole identifier
field-audit-action = An action has only small letters, digits, dots and hyphens

## Checking a receipt (everybody)

receipt-title = Check a receipt
receipt-intro = When you submit something you get a receipt, a piece of text. Paste it here to see whether this portal signed it and whether the record is still intact.
receipt-label = Receipt
receipt-hint = All of it, or the whole saved file; spaces and line breaks do not matter
receipt-check = Check
receipt-ours = This portal signed the receipt
receipt-included = Your submission is in the record, proven by a signed head.
receipt-waiting = Your submission is in the record; a signed head will prove it within a minute.
receipt-missing = The record does not fit the receipt. Please keep the receipt and call 12345.
receipt-number = Number
receipt-at = Received
receipt-digest = Hash of what was submitted (SHA-256)
receipt-head = Signed head
receipt-head-at = Signed at
field-receipt = This is no receipt of this portal, or not all of it
