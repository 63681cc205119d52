# Tables that are sent
field-import-file = No text was found. Please choose an Excel workbook (.xlsx) or a CSV file
field-import-file-broken = This workbook cannot be opened; perhaps it was not saved completely. Please save it again as .xlsx, or as CSV
field-import-file-old = Workbooks of the old format (.xls) or with a password cannot be read. Please take the password off and save it as .xlsx or CSV
field-import-file-large = More comes out of this workbook than is read. Please keep only the sheet to be imported, or save it as CSV
field-import-file-quote = A quotation mark is never closed; please check the quotation marks
field-import-headings-unknown = Headings that are not known: { $headings }. Please use those of the template
field-import-heading-twice = The headings “{ $first }” and “{ $second }” mean the same; please keep one of the two columns
field-import-cell-shortened = A spreadsheet has shortened this number, and its last digits are lost. Please format the column as text and enter the number again
field-import-cell-failed = There is the error of a formula in this cell; please enter what belongs there
