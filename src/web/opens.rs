//! Which addresses can be opened.

use super::door::Door;
use super::route::RouteInfo;
use actix_web::http::Method;
use std::collections::HashMap;

/// The addresses that can be opened, and so led back to: some take forms only.
#[derive(Debug, Default)]
pub struct Pages {
    /// Paths without a parameter, and whether they have a GET.
    whole: HashMap<&'static str, bool>,
    /// Segments of the patterns that have one.
    patterns: Vec<Vec<&'static str>>,
}

impl Pages {
    /// Of this table.
    #[must_use]
    pub fn of(table: &[RouteInfo]) -> Self {
        let mut all = Self::default();
        for row in table {
            if !row.doors.contains(&Door::Portal) {
                continue;
            }
            let opens = row.method == Method::GET;
            if !row.path.contains('{') {
                *all.whole.entry(row.path).or_default() |= opens;
            } else if opens {
                all.patterns.push(row.path.split('/').collect());
            }
        }
        all
    }

    fn opens(&self, path: &str) -> bool {
        // A fixed path goes before patterns, as it is mounted.
        self.whole.get(path).copied().unwrap_or_else(|| {
            let segments: Vec<&str> = path.split('/').collect();
            let fits = |(own, sent): (&&str, &&str)| own == sent || own.starts_with('{') && !sent.is_empty();
            self.patterns.iter().any(|p| p.len() == segments.len() && p.iter().zip(&segments).all(fits))
        })
    }

    /// The address if it can be opened, else the nearest above it: `/declare/submit` takes forms only, and they stand on
    /// `/declare`.
    #[must_use]
    pub fn nearest<'a>(&self, address: &'a str) -> &'a str {
        let mut path = address.split(['?', '#']).next().unwrap_or_default();
        if self.opens(path) {
            return address;
        }
        while let Some((above, _)) = path.rsplit_once('/').filter(|(above, _)| !above.is_empty()) {
            if self.opens(above) {
                return above;
            }
            path = above;
        }
        "/"
    }
}
