//! Signed health documents: the HCERT chain, trust list and status list. No SQL, no HTTP.
