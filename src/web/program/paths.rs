//! At which addresses signatures are looked at. Elsewhere a request may carry one for others, such as those of crawlers that
//! say who they are: it is nothing to us.

use crate::web::route::RouteInfo;
use std::collections::HashSet;

/// The addresses of programs' routes.
#[derive(Debug, Default)]
pub struct SignedPaths {
    whole: HashSet<&'static str>,
    patterns: Vec<Vec<&'static str>>,
}

impl SignedPaths {
    /// Of this table.
    #[must_use]
    pub fn of(table: &[RouteInfo]) -> Self {
        let mut all = Self::default();
        for row in table.iter().filter(|row| row.who.is_program()) {
            if row.path.contains('{') {
                all.patterns.push(row.path.split('/').collect());
            } else {
                all.whole.insert(row.path);
            }
        }
        all
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.whole.contains(path) || {
            let segments: Vec<&str> = path.split('/').collect();
            let fits = |(own, sent): (&&str, &&str)| own == sent || own.starts_with('{') && !sent.is_empty();
            self.patterns.iter().any(|p| p.len() == segments.len() && p.iter().zip(&segments).all(fits))
        }
    }
}
