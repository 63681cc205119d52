## Files that people hand in: what becomes of them, and why one is not taken.

file-add = Hand in the file
file-hint = A PDF, or a photo as JPEG or PNG, of at most { $largest } MB. { $more ->
    [one] One more file can be handed in.
   *[other] { $more } more files can be handed in, one after the other.
 } Where and when a photo was taken is removed from it.
file-off = Files cannot be handed in here at the moment. Please bring them to a service point, or call 12345.
file-full = { $count } files have been handed in, which is the most. To hand in another, take one back first.
file-save = Save
file-remove = Take back
file-which = : { $name }
file-waiting = A file is still being checked and can be opened after that. Open this page again in a moment.
file-unscanned = Files are not checked for viruses here.
file-unscanned-desk = Nothing here has checked these files for viruses. Open them only with a program that is kept up to date, and no document that asks you to allow something.
file-state-received = being checked
file-state-scanning = being checked
file-state-ready = handed in
file-state-refused = not taken
file-kind-pdf = PDF
file-kind-png = picture
file-kind-jpeg = photo
file-size-kb = { $n } KB
file-size-mb = { $n } MB
file-refused-broken = It cannot be read: it is damaged or was cut off. Save it once more, or take a photo of it, and hand that in.
file-refused-two-things = Something else follows its end. Save it once more, or take a screenshot, and hand that in.
file-refused-pixels = The picture is too large. Hand in a smaller one, such as a screenshot of it.
file-refused-harmful = Harmful software was found in it. Check the device that it comes from, and hand in a photo of the paper instead.
file-refused-lost = It was lost here, which is our fault. Please hand it in again.
problem-range = The file has no such part. Save it from the beginning.
mail-file-refused-subject = { $number }: a file was not taken
mail-file-refused-text = The file “{ $file }”, which you handed in for { $number }, was not taken and has not been kept.
mail-file-refused-rest = Nothing else that you handed in is affected. As long as the case takes files you can hand in another one on the page below, or leave it; or bring it to a service point, or call 12345.
mail-file-refused-open = Open the page of the files
field-file-none = Choose a file first
field-file-empty = “{ $file }” is empty; choose another file
field-file-kind = “{ $file }” is no PDF, JPEG or PNG, whatever its name says; take a photo of it, or save it as PDF
field-file-broken = “{ $file }” cannot be read: it is damaged or was cut off; save it once more, or take a photo of it
field-file-two-things = Something else follows the end of “{ $file }”; save it once more, or take a screenshot, and hand that in
field-file-pixels = “{ $file }” has too many pixels and is too large; hand in a smaller one, such as a screenshot of it
field-file-large = “{ $file }” is larger than { $most } MB; hand in a smaller one, such as a screenshot, or a part of the document
field-file-many = “{ $file }” was not taken: { $most } files have been handed in, which is the most; take one back first
field-file-whole = “{ $file }” was not taken: all files together would be larger than { $most } MB; take one back first, or hand in a smaller one
field-file-a-day = “{ $file }” was not taken: you can hand in { $most } files in 24 hours at most. Please come again later, or call 12345
problem-file-not-ready = This file is still being checked, or was not taken, and cannot be opened.
problem-files-off = Files cannot be handed in here at the moment. Please bring them to a service point, or call 12345.
flash-file-added = The file has been received and is being checked.
flash-file-removed = The file has been taken back.
audit-group-file = Files
audit-kind-file = file
audit-do-file-add = File handed in
audit-do-file-remove = File taken back
audit-do-file-ready = File checked and kept
audit-do-file-refuse = File refused
audit-do-file-view = File opened
access-file-view = Opened a file that you handed in
