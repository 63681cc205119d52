## Texts that all worklists share.

worklist-name = Name
worklist-document = Document
worklist-number = Number
worklist-place = Place
worklist-sort = Order
worklist-sort-own = The list's own order
worklist-sort-oldest = Oldest first
worklist-sort-newest = Newest first
worklist-search-cut = Only the first 50 are shown; there are more. Please look for a number or a document number instead.
worklist-results = Results
worklist-views = Saved views
worklist-view-hint = Keeps the present tab, filters and order, never whom you looked for; at most 40 characters
worklist-view-shared = whole office
worklist-view-save = Save the view
worklist-view-remove = Remove
worklist-files = Download the table
worklist-files-text = The table has what the pages of this list show, up to 10,000 rows. If no code of your authenticator was typed in the last 15 minutes, one is asked for first; every download is recorded.
worklist-xlsx = Download XLSX (spreadsheet)
worklist-csv = Download CSV
worklist-file-cut = Only the first { $most } rows; there are more. Please use the filters and download in parts.
name-of-view = Name of the view
name-of-shared = For the whole office
field-views-full = At most { $most } views can be saved; please remove one that is not used
flash-view-saved = The view is saved.
flash-view-removed = The view is removed.
stepup-for-list = download the table of a worklist
