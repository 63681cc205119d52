//! The portal in a real browser: main journeys, every template under axe and html-validate, the keyboard alone.
//!
//! Pictures of what was walked through are in `target/screenshots` (or `$FUGONG_SCREENSHOTS`, which also asks for one of
//! every page there is): look at them when you change a page.

mod demo;
mod desk_and_partner;
mod faces;
mod keyboard;
mod officials;
mod pages;
mod reopening;
mod resident_declares;
mod residents;
mod sign_in;
mod site;
mod tools;
mod visit;
mod visits_business;
mod visits_staff;
mod visits_wanted;
mod worklists;
