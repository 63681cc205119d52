//! CertLogic and rule documents: colours, acceptance and conditions as data. No SQL, no HTTP.

pub mod certlogic;
