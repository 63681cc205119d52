## What went wrong, by code. The general texts by status are in errors.ftl.

problem-csrf = This page was open for too long, or was not opened from this site. Please open that page again and send it once more.
problem-cross-site = This request came from another website, so we did not act on it.
problem-body-malformed = We could not read what was sent. Please try again.
problem-body-not-utf8 = The text that was sent is not UTF-8. Please try again.
problem-cursor = This page link is incomplete. Please start from the first page.
problem-no-person = You have not declared your health yet. Declare first; the certificate and the health code follow.
problem-idempotency-mismatch = This submission’s number was used before with other content. Please open the page again and resubmit.
problem-in-progress = The same submission is being processed. Please look again in a few seconds.
problem-too-slow = The request arrived too slowly and was not complete. Please try another network; what was saved is not lost.
problem-method-not-allowed = This address cannot be used in this way.
problem-sign-in = Please sign in first.
problem-step-up = Please enter a fresh one-time code.
problem-unavailable = The service is busy; please try again later. Unless you saw that it was done, take it as not done.

## What is wrong with a field, and how to put it right

field-invalid = Please check this answer
field-required = Please fill in this answer
field-length = The number of characters is not right; please check this answer
field-range = The number is out of range; please check this answer
field-unknown-field = There is no such field
field-wrong-type = This is of the wrong type

## Who

who-me = My information
province-organiser = { $province } Emergency Command for Epidemic Response

role-village-worker = Village worker
role-doctor = Doctor
role-town-reviewer = Town reviewer
role-health-reviewer = Health reviewer
role-industry-reviewer = Industry reviewer
role-market-reviewer = Market supervision reviewer
role-county-desk = County desk
role-prefecture-reviewer = Prefecture reviewer
role-province-operator = Province operator
role-colour-officer = Epidemic-control officer
role-appeal-reviewer = Appeal reviewer
role-publisher = Publisher
role-exchange-operator = Exchange operator
role-auditor = Auditor
role-administrator = Administrator

nav-desk = Desk
nav-desk-declarations = Declarations
nav-desk-certificates = Certificates
nav-desk-claims = Identity claims
nav-desk-applications = Applications
nav-desk-agents = Rights to act
nav-audit = Audit log
nav-officials = Officials
nav-offices = Offices
nav-desk-exchange = Exchange

problem-nobody-to-remind = Every department has answered; nobody needs a reminder.
problem-reminded-today = The departments that have not answered were all reminded today; you can remind them again tomorrow.
field-required-named = Please fill in: { $field }
field-choose-named = Please choose: { $field }
name-of-name = name
name-of-fresh-code = One-time code
name-of-uscc = unified social credit code
name-of-document-number = document number
name-of-doc-number = document number
name-of-document-kind = kind of document
name-of-doc-kind = kind of document
name-of-office = office
name-of-division = area
name-of-level = risk level
name-of-source = source
name-of-since = the day it begins
name-of-result = result
name-of-at = date
name-of-from = first day
name-of-to = last day
name-of-until = end
name-of-image = picture
name-of-file = file
name-of-text = text
name-of-q = what to look for
name-of-version = version
name-of-number = number
name-of-code = code
name-of-password = password
name-of-login = login name
name-of-temperature = temperature
name-of-conclusion = conclusion
name-of-place = place
name-of-lead = person in charge
name-of-lead-phone = phone of the person in charge
name-of-operator = operator
name-of-operator-phone = contact phone
name-of-legal-phone = legal representative's phone
name-of-industry = industry
name-of-town = town or subdistrict
name-of-street = street and number
name-of-premises = premises
name-of-staff = list of staff
name-of-province = province
name-of-email = e-mail
name-of-endpoint = address of the endpoint
name-of-document = title and number of the document
name-of-kinds = kinds of documents
name-of-direction = whose documents are accepted
name-of-proof = proof
name-of-commitment = commitment
name-of-scale = size
name-of-name-en = English name
name-of-person = person
name-of-count = number of persons
name-of-accept = whether the changes are accepted
problem-notice = Please read and acknowledge the privacy notice first.
