## Texts that every page shares. Variables are names, never sentences.

brand = Fugong
workplace = Workplace
skip = Skip to the main content
title-error = Error:{" "}
list-comma = ,{" "}
or = or
all = All
choose = Please choose
change = Change
change-what = : { $what }
optional = (optional)
back = Back
filter = Filter
today-line = Today, { $weekday }, { $date }

## Header

nav-main = Main
nav-home = Home
nav-code = My code
nav-progress = My information
nav-verify = Verify
elder-on = Larger
elder-off = Standard
sign-in = Sign in
sign-out = Sign out
who-official = { $office } · { $name } ({ $role })

## Footer

foot-help = No phone, in difficulty, or unsure how to use this? Call
foot-hours = Day and night. You can also take your identity document to the town or sub-district service point where you live; staff will do it for you.
foot-access = My data and who looked at it
foot-rules = Published rules
foot-about = About Fugong
foot-privacy = Privacy
foot-accessibility = Accessibility
foot-organiser = Run by { $organiser }
foot-support = Technical support: the duty desk of the province,
foot-official-log = Every view and decision here is logged, and the person concerned can see which office looked.

## Forms

errors-title = { $count ->
    [one] There is one thing to put right
   *[other] There are { $count } things to put right
}
date-year = Year
date-month = Month
date-day = Day
date-incomplete = Enter the year, the month and the day
date-not-a-number = Enter year, month and day as numbers, for example 2020 3 2
date-no-such-day = There is no such day. Check the year, the month and the day
division-go = Show the next level
submit-save = Save and continue
form-expired = This page was open for too long. Please send it again; what you entered is still here.

## Progress, clock, lists

progress-step = Step { $step } of { $steps }
progress-saved = Saved { $time }
limit-provisional = { $limit } (provisional: the holidays of that year are not announced yet)
clock-left = { $time } left
clock-overdue = { $time } overdue
clock-due = by { $due }
clock-was-due = was due by { $due }
clock-paused = Paused after { $time }
clock-waits = Waiting for the applicant; the clock is stopped
clock-since = { $why } (since { $since })
clock-working = {" "}(working days)
pager = Pages
pager-shown = { $shown } on this page
pager-total = { $shown } on this page, { $total } in all
pager-newer = Previous page
pager-older = Next page
pager-end = No further page
count-items = { $count ->
    [one] item
   *[other] items
}

## Code, verification, paper

code-stale = This code is out of date. Refresh the page before you show it.
code-scan-until = Can be scanned until { $time }
code-open-for = shown for
code-open-seconds = s,
code-refresh = refresh
code-people = Whose code
code-people-add = Add a family member
check-passed = : passed
check-failed = : failed
seal-of = Electronic seal: { $office }

select-all = Select all on this page
field-none-chosen = Please choose at least one first
