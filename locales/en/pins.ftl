## PINs of people without a telephone.

nav-desk-pins = PINs
stepup-for-pin = give or take back a PIN
pin-lead = For somebody on file who has no telephone. With document and PIN a relative can be allowed to act without another way to a counter, and staff can recognise the person by telephone.
pin-doc-kind = Kind of document
pin-doc-number = Number of the document
pin-name = Name on the document
pin-do = What is wanted?
pin-do-give = Give a PIN; one from before is void
pin-do-withdraw = Take the PIN back
pin-seen = I have seen the original, and it is the person’s who stands before me
pin-send = Do it
pin-once = The PIN is shown on this page only, and kept nowhere. Print the receipt now and give it to the person; if it is lost, give another PIN.
pin-rules = { $tries } wrong tries in a row lock it. It holds for a year, and only as long as no telephone stands for the person.
flash-pin-withdrawn = Taken back
field-pin-not-seen = See the original first
field-pin-nobody = Nobody with this document is on file. Enter a declaration first
field-pin-telephone = A telephone stands for this person, and proves more than a PIN: none is given
field-pin-none = This person has no PIN
field-pin-wrong = Name, document and PIN do not belong together, or the PIN is locked or over. After five wrong tries in a row a counter gives another
field-pin-desk-wrong = This is not the PIN of this person, or it is locked or over. Look at the document instead
field-pin-too-many = You have tried a PIN five times today, or asked too often. Please go on tomorrow, or go to a counter together
field-pin-guardian = For a child or a ward the guardian goes to a counter
name-of-pin = PIN
access-pin-set = Gave you a PIN
access-pin-withdraw = Took your PIN back
access-pin-try = Tried your PIN
