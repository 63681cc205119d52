retention-title = What was destroyed
retention-lead = Everything that is kept here has a period. In the first hour of the day after its last day it is destroyed, and a signed record says what went and by which rule.
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
retention-fits = Fits
retention-fits-not = Does not fit
retention-signed-text = The record as it was signed
retention-key = Key:
retention-proof = How to check it
retention-proof-text = <p>A record is signed by the audit key, and each names the one before it by its SHA-256: none can be changed, left out or dated back unseen. Its root is that of an RFC 9162 tree over the identifiers of what was destroyed, each after the record’s salt. Whoever may read a backup from before the run can select what was due, work the root out again and compare. <a href="/api/v1/retention/runs">All records as JSON, with the public keys</a></p><p>It proves what was destroyed and when. It cannot prove that nobody copied it before: for that, every official’s look is in the <a href="/me/access">record of who looked</a>.</p><p>Backups of the database are kept by the operator and forget by their own period; before a backup is used again, what is due is destroyed at the start of the portal.</p>
