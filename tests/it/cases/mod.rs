//! What every case goes through, whatever it is about: one timeline, one meaning of a refusal, comments, and the rules of the
//! province whose portal it is.

mod absences;
mod comments;
mod rules;
mod steps;
