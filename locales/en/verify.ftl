## Verifying documents, and who recognises them.

verify-title = Verify a certificate or health code
verify-intro = Paste the text of the QR code, or choose a photo of it. You learn at once whether it is genuine and valid. No sign-in, no charge.
verify-text = Text that begins with HC1:
verify-text-hint = Paste all of it; other words around it do no harm
verify-image = Or choose a picture of the QR code
verify-image-hint = JPG or PNG, up to 5 MB. Let the code fill at least half of the picture
verify-submit = Verify
verify-scan = Scan with the camera
verify-about = What is kept
verify-about-text = You see what is on the document: for a health code the masked name, the last four characters of the document, the colour and its end; a certificate also has the conclusion, the number, the time of issue, the destination and the temperature; never a reason. If you are not signed in on this page, neither text nor picture is kept. When signed-in staff verify a document of this province, their office and the time are recorded, and the holder can see that.
verify-result = Result
verify-result-title = Result: { $word }
verify-at = Verified on { $time }. The result holds for this moment.
verify-what-to-do = What to do
verify-what-checked = What was checked
verify-again = Verify another
verify-purpose = Verifying that a document is genuine and valid
verify-recipient-exchange = Verification interface between provinces (verifier not signed in)

verify-scan-title = Scan with the camera
verify-scan-start = Press “Open the camera” and hold the code in the middle. The picture is used to read the code and not kept.
verify-scan-look = Looking for a code. Hold still and let it fill at least half of the picture.
verify-scan-refused = The camera was not permitted. You can allow it in the browser’s settings, or use one of the ways below.
verify-scan-none = This browser cannot use the camera. Please use one of the ways below: paste the text, or choose a photo.
verify-scan-slow = Nothing read yet. Clean the lens, come closer, avoid reflections; or take a photo and send it below.
verify-scan-video = Camera picture
verify-scan-go = Open the camera
verify-scan-else = Other ways

## Verdicts

verify-word-valid = Valid
verify-meaning-valid = You can accept this return-to-work certificate.
verify-do-valid = Compare the name and the last four characters with the ID card. If they agree, let the person pass and ask for no other proof.
verify-word-valid-eu = Valid
verify-meaning-valid-eu = This certificate from abroad is genuine and within its period of validity.
verify-do-valid-eu = Compare the name with the passport. Whether it meets the entry rules is a matter for the local rules.
verify-word-code-green = Green code, valid
verify-meaning-code-green = This is a genuine green code, valid now.
verify-do-code-green = Compare the name and the last four characters with the ID card. If they agree, let the person pass.
verify-word-code-yellow = Yellow code, valid
verify-meaning-code-yellow = This is a genuine yellow code, valid now.
verify-do-code-yellow = Ask the person to open “My code” and follow the next step shown there, or call 12345. Do not disclose their data, do not keep their ID.
verify-word-code-red = Red code, valid
verify-meaning-code-red = This is a genuine red code, valid now.
verify-do-code-red = Keep your distance and call 12345 or the community office, who take over. Do not disclose the person’s data, do not keep their ID.
verify-word-expired = Expired
verify-meaning-expired = This document is genuine, but its validity has ended.
verify-do-expired = Ask the person to show the present code under “My code”, or to renew the certificate. Without a phone, register them by ID card.
verify-word-not-yet-valid = Not yet valid
verify-meaning-not-yet-valid = This document says that it is issued in the future.
verify-do-not-yet-valid = Check the time on your phone, then ask the person to refresh and show it again.
verify-word-bad-signature = Wrong signature
verify-meaning-bad-signature = Do not let anybody pass on this document: it was altered, or the issuer did not make it.
verify-do-bad-signature = Ask the person to show it again from “My code”. If it is wrong again, report it to 12345. Do not keep their ID, do not disclose their data.
verify-word-unknown-key = Unknown issuer
verify-meaning-unknown-key = Cannot be decided: the key that signed it is not on the trust list.
verify-do-unknown-key = This does not mean that it is forged. Look at the ID card and register the person as one without a code; or ask 12345.
verify-word-revoked = No longer valid
verify-meaning-revoked = Do not let anybody pass on this document: its issuer has declared it invalid.
verify-do-revoked = Ask the person to open “My code” and show the newest document, or to call 12345. Do not keep their ID, do not disclose their data.
verify-word-suspended = Suspended
verify-meaning-suspended = The issuer has suspended this document: do not let anybody in on it now.
verify-do-suspended = Ask the person to open “My code” and follow the next step shown there, or call 12345. Do not keep their ID, do not disclose their data.
verify-word-status-unknown = Cannot be decided now
verify-meaning-status-unknown = The document is genuine, but at present nobody can say whether it is still valid.
verify-do-status-unknown = This is not the person’s fault. Verify again in a minute; if that fails, look at the ID card and use the fallback.
verify-word-no-agreement = Not recognised
verify-meaning-no-agreement = The signature is genuine, but no agreement with the issuing province is in force.
verify-do-no-agreement = This does not mean that it is forged. Treat the person as one without a code; they can also declare their health here and get our code.
verify-word-malformed = Cannot be read
verify-meaning-malformed = This is not a complete health document, so nothing can be said about it.
verify-do-malformed = Copy the whole text again, from HC1: on; or take another, clearer photo.

## Facts

verify-row-name = Name
verify-row-document = Last four of the ID number
verify-row-kind = Document
verify-row-issuer = Issuer
verify-row-claimed-issuer = Claims to be issued by (unproven)
verify-row-until = Valid until
verify-row-certificate = Certificate number
verify-row-conclusion = Conclusion
verify-row-issued = Issued
verify-row-destination = Destination
verify-compare = { $name } (compare with the ID card)
verify-not-stated = not stated
verify-kind-code = Health code
verify-kind-certificate = Return-to-work certificate
verify-kind-eu = EU Digital COVID Certificate
verify-conclusion-none = No abnormality
verify-conclusion-monitoring = Fit to return, with health monitoring
verify-conclusion-temperature = { $conclusion }, { $degrees } °C

## Checks

verify-check-readable = The content is complete
verify-check-unreadable = Incomplete, or not a health document
verify-check-key = The issuer may issue it
verify-check-key-note = The key belongs to { $issuer }
verify-check-key-unknown = The issuer is not on the trust list
verify-check-key-unknown-note = The list has no such key of this issuer
verify-check-signature = The signature is genuine
verify-check-forged = The signature is not genuine
verify-check-time = Within its period of validity
verify-check-expired = Its validity has ended
verify-check-early = Its validity has not begun
verify-check-not-revoked = Still valid
verify-check-revoked = No longer valid
verify-check-suspended = Suspended
verify-check-status-unknown = Whether it is still valid cannot be established
verify-check-short-lived = Issued within the last minutes: no list to look up
verify-check-agreement = An agreement is in force
verify-check-agreement-note = { $number }
verify-check-no-agreement = No agreement is in force
verify-check-home = Issued by our own province
verify-as-of = Status as of { $day } { $time }
verify-step-prefix = No text that begins with HC1: was found
verify-step-base45 = Characters are missing or were changed (base45)
verify-step-inflate = The text was not copied completely (inflate)
verify-step-cose = Not a signed document (COSE)
verify-step-cwt = Something that must be there is missing (CWT)
verify-step-schema = The content does not follow the form (schema)

## What is wrong with what was sent

field-verify-nothing = Paste a text or choose a picture
field-image-size = The picture must not be larger than 5 MB; please choose another
field-image-type = This is not a JPG or PNG picture, or the file is damaged; please choose another
field-image-pixels = The picture has too many pixels; crop or shrink it and try again
field-image-no-code = No QR code was found in the picture. Come closer, hold still, avoid reflections, and take another

## Recognition

recognition-title = Which provinces recognise each other
recognition-intro = { $province } has agreements with these provinces. Each says who accepts which documents; what it covers has to be accepted, without a new application.
recognition-province = Province
recognition-kind = Documents
recognition-direction = Direction
recognition-time = Period
recognition-document = Agreement number
recognition-both = mutual
recognition-ours = they accept ours
recognition-theirs = we accept theirs
recognition-open-end = further notice
recognition-span = From { $from } until { $to }
recognition-to-come = Not yet in force
recognition-none = No agreement is in force now
recognition-none-text = New agreements are published here.
recognition-else = Going to another province
recognition-else-text = For provinces that are not listed, call 12345 there before you leave. ID card and paper certificates do as well: nobody may insist on a phone.
recognition-sent = No personal information is sent between the provinces: they scan what you show, look into the list of public keys for whether it is genuine and into the status list for whether it still holds. They see the masked name, the last four characters of the document, the colour or conclusion and its end; a certificate also has its number, time of issue, destination and temperature.
recognition-sent-title = What the other side sees
