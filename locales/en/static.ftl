## Public statements. Texts ending in -text may contain markup.

privacy-title = Privacy
privacy-lead = Fugong collects only what epidemic control and the return to work need, and uses it only for these purposes in { $province }.
privacy-what = What is collected
privacy-what-text = <ul><li>What you enter: name, identity document, addresses, phone, state of health, travel of the last 14 days, destination and employer.</li><li>What officials enter under the law: test results, findings on quarantine and contact, each with its source; the risk levels of counties.</li><li>What safety needs: times and devices of sign-ins, how often codes were asked for (by phone and network address, against abuse), a record of every view and decision.</li></ul><p>No contacts, no photo library, no continuous location, no commercial use.</p>
privacy-why = Why
privacy-why-text = <p>Under the laws on infectious diseases, on emergency response and on the protection of personal information: to issue certificates, to determine health codes and to decide on reopening. Health, travel and documents are sensitive data; before you begin you are told what they are for.</p>
privacy-who = Who can see it
privacy-who-text = <p>The controller is { $organiser }. Officials see only what their office, their area and the case at hand need, and every opening is logged. A gate that checks a health code sees the masked name, the last four characters of the document, the colour and its end; with a certificate it sees what is on it; never the reason.</p><p>Today no personal information is sent to another province by itself: the other side sees it when you show it. A return-to-work certificate says the masked name, the last four characters of the document, the conclusion, the number, when it was issued and ends, the destination and the temperature; a health code says the masked name, the last four characters of the document, the colour and its end. Between { $province } and other provinces only lists of public keys and of documents that no longer hold are published, without names or document numbers. The agreements are under <a href="/recognition">recognition</a>.</p>
privacy-keep = How long
privacy-keep-text = <p>Each kind of record has a period, which is among the <a href="/rules">published rules</a>. After its last day it is given to nobody, and it is destroyed in the first hour, with a <a href="/retention">signed public record</a>. What another record still needs, and what an authority has ordered to be held, stays longer; <a href="/me/kept">your own page</a> says so. The record of acts holds identifiers and codes only, no names, document numbers or health data; the law says how long it is kept at least and names no end, and since its entries are chained by hashes a part that is cut off would leave the rest unproven: so it is not destroyed. Once your data is destroyed its identifiers name nobody. Names, documents, phones and answers are stored encrypted; they are so in backups of the database too, which the operator removes by the period of the backups.</p>
privacy-rights = Your rights
privacy-rights-text = <ul><li><a href="/me">See and download your data</a>, and have mistakes corrected</li><li><a href="/me/access">See which office looked at your data, and when</a></li><li><a href="/me/kept">See what is kept until when, and delete at once what the law lets go</a></li><li><a href="/me/kept">Withdraw a consent</a>: each is listed with its date and the version of its text, and can be withdrawn at any time after you have read what follows; what was done before stays as it is</li><li>Have a colour explained, and <a href="/code">reviewed</a> by somebody who had no part in it</li></ul><p>You can also call <a href="tel:{ $hotline }">{ $hotline }</a> or visit a service point. If the answer does not satisfy you, complain to the cyberspace authority.</p>
privacy-cookies = What your browser stores
privacy-cookies-text = <p>Your sign-in, a random number that protects forms, the phone you typed while signing in (encrypted, gone after minutes), a mark of the phones that signed in here (encrypted, 180 days), a mark of a device on which an official has signed in (encrypted), one message about what was just done, and the language and size of type you chose. There is no tracking, and nothing is loaded from elsewhere.</p>
accessibility-title = Accessibility
accessibility-lead = Everybody should be able to do this alone: old people, people with poor sight, people who use only a keyboard or a screen reader.
accessibility-done = What works
accessibility-done-text = <ul><li>Designed to the Web Content Accessibility Guidelines 2.2, level AA; text contrast is at least 4.5:1.</li><li>Every page works with the keyboard alone, in a clear order, with a visible focus.</li><li>Colour never stands alone: a code also has a shape, a pattern and a word.</li><li>It works without scripts, on old phones and on slow networks; only scanning with the camera needs a script, and a photo or pasted text does instead.</li><li>“Larger” at the top enlarges the text and shows fewer things at once.</li></ul>
accessibility-without = Without the internet
accessibility-without-text = <p>Call <a href="tel:{ $hotline }">{ $hotline }</a> or take your document to the town or sub-district service point where you live, where staff will do it for you. A paper code and an identity document count as much as a phone.</p>
accessibility-known = What is not good enough yet
accessibility-known-text = <ul><li>Automatic checks find nothing, but nobody who uses a screen reader every day has tried each page yet.</li><li>The camera has to be pointed by sight; with a screen reader upload a photo or paste the text.</li></ul>
accessibility-tell = Tell us about obstacles
accessibility-tell-text = <p>Call <a href="tel:{ $hotline }">{ $hotline }</a> and say which page and which device.</p>
about-title = About Fugong
about-lead = Fugong helps the people of { $province } to return to work safely during the epidemic.
about-free = Free of charge
about-free-text = <p>Declarations, certificates, codes, filings and permits are free. Call 12345 if anybody charges for them or adds conditions.</p>
about-people = People answer for the rules
about-people-text = <p>A code follows published rules; each colour comes with its reason, its basis, the authority responsible and its end. A finding that worsens a colour, and what ends such a finding early, takes two officials and a legal basis, and its causes are limited to epidemic control. When data is missing the code says “cannot be determined”, the holder is let in by identity document, and no colour is guessed.</p>
about-check = Anybody can check
about-check-text = <p>Certificates and codes carry digital signatures that <a href="/verify">anybody can verify</a>; a health declaration and an application for reopening get a signed receipt; <a href="/rules">all rules and their versions</a> are public.</p>
about-who = Who is responsible
about-who-text = <p>Run by { $organiser }. Questions, complaints, help: <a href="tel:{ $hotline }">{ $hotline }</a>, day and night.</p>
