//! Case workflows as data, one pure transition function, and the statutory clock. No SQL, no HTTP, no clock of its own.
