## The public register of permits and filings

register-title = Register of permits and filings
register-lead = Look up whether a business has a permit or filing to reopen, and whether it is valid. Only public facts about businesses are here, nothing about people.
register-filter = Search the register
register-find = Find
register-find-hint = Beginning of the name, or the whole credit code or number
register-name = Business
register-uscc = Unified social credit code
register-county = County
register-state = State
register-kind = Kind
register-kind-filing = Filing
register-kind-permit = Permit
register-number = Number
register-date = Decided on
register-until = Last day of validity
register-caption = Permits and filings, newest first
register-csv = Download as a table (CSV)
register-csv-most = The table has at most { $count } rows, newest first; for more, choose a county first.
register-none = Nothing found
register-none-text = Type the name from its first character, such as “岳池县东外街”; credit codes and numbers must be whole.
register-all = Show all
register-law = Basis: Administrative Licensing Law, article 40: decisions to grant a permit are published, and the public may consult them.
