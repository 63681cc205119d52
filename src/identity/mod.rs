//! Identity types that can only hold valid values: document numbers, USCC, phones, names, divisions.
