chart-missing = no data
chart-empty = There is nothing to show here.
chart-desc-range = From { $least } ({ $where }) to { $most } ({ $there }).
chart-desc-gaps = Where there is no data, nothing is drawn.
chart-multiples = { $from } to { $to }, each from { $low } to { $high }
chart-beside = { $first } ({ $second })
chart-class-all = all values
chart-class-below = below { $to }
chart-class-from = { $from } and more
chart-class-to = { $from } to { $to }
chart-class-within = from { $from }, below { $to }
chart-class-places = { $words } ({ $places ->
    [one] { $places } place
   *[other] { $places } places
})
chart-highlight = your area
chart-table = The numbers as a table
chart-csv = Download as CSV
chart-json = As JSON
