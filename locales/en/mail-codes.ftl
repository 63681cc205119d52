## Messages about the health code.

mail-code-changed-subject = Your health code is now { $new }
mail-code-changed-lead = Your health code has changed from { $old } to { $new }.
mail-code-changed-reason = Reason: { $reason }
mail-code-changed-until = Expected until: { $until }
mail-code-changed-who = Responsible: { $authority }, telephone { $phone }
mail-code-changed-who-only = Questions: telephone { $phone }
mail-code-changed-next-green = Next: just show the code at the gate.
mail-code-changed-next-yellow = Next: please take a test; the hospital records the result, and a negative one turns the code green.
mail-code-changed-next-red = Next: please stay where you live and do not use public transport; if you feel ill, call 120 at once.
mail-code-changed-next-unknown = Next: please make a health declaration; until then you are let in by identity document.
mail-code-changed-wrong = If it does not fit the facts, appeal under "My code" or call 12345.
mail-code-changed-sms = Your health code changed from { $old } to { $new }. Reasons and help: page "My code" or 12345.
mail-health-record-subject = A finding about you now counts
mail-health-record-lead = { $office } has recorded a finding about you.
mail-health-record-what = Finding: { $kind }
mail-health-record-result = Result: { $result }
mail-health-record-at = Date: { $at }
mail-health-record-source = Source: { $source }
mail-health-record-effect = It counts for your health code by the public rules. If it is wrong, call { $phone } or 12345.
mail-health-record-sms = A health finding about you now counts. See "My code" or call 12345.
mail-code-changed-papers = A paper code that you printed before no longer holds; please print a new one.
mail-health-record-ended-subject = A finding about you has ended
mail-health-record-ended-lead = { $office } has ended a finding about you.
mail-health-record-ended-reason = Why: { $reason }
mail-health-record-ended-effect = Your health code is being worked out anew. Questions: { $phone } or 12345.
mail-health-record-ended-sms = A health finding about you has ended early, and your code is being worked out anew. See "My code" or call 12345.
