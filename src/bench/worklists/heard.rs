//! What a page asks of the database: every connection of this process tells when a statement begins and when its rows are
//! there. It listens only while a page is measured.

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

static LISTENS: AtomicBool = AtomicBool::new(false);
/// Milliseconds of each statement.
static HEARD: Mutex<Vec<f64>> = Mutex::new(Vec::new());

#[derive(Default)]
struct Listener {
    begun: Option<Instant>,
}

/// What every page of an official asks besides is not the list's: who asks, and the entry of the record.
fn is_of_a_list(statement: &str) -> bool {
    let select = statement.trim_start().get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case("select"));
    select && !["sessions", "audit_lanes", "audit_entries"].iter().any(|table| statement.contains(table))
}

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if !LISTENS.load(Ordering::Relaxed) {
            self.begun = None;
            return;
        }
        match event {
            // The text is written before the time begins, so that it counts for the page and not for the statement.
            InstrumentationEvent::StartQuery { query, .. } => {
                self.begun = is_of_a_list(&query.to_string()).then(Instant::now);
            }
            InstrumentationEvent::FinishQuery { .. } => {
                if let (Some(begun), Ok(mut heard)) = (self.begun.take(), HEARD.lock()) {
                    heard.push(begun.elapsed().as_secs_f64() * 1000.0);
                }
            }
            _ => {}
        }
    }
}

/// Makes connections that are opened from now on tell: to be called before the portal starts.
pub fn prepare() -> Result<(), String> {
    set_default_instrumentation(|| Some(Box::new(Listener::default()))).map_err(|e| e.to_string())
}

/// Begins to listen.
pub fn begin() {
    if let Ok(mut heard) = HEARD.lock() {
        heard.clear();
    }
    LISTENS.store(true, Ordering::Relaxed);
}

/// Ends it; milliseconds of each statement of a list meanwhile.
pub fn end() -> Vec<f64> {
    LISTENS.store(false, Ordering::Relaxed);
    HEARD.lock().map(|mut heard| std::mem::take(&mut *heard)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::is_of_a_list;

    #[test]
    fn who_asks_and_the_record_are_not_the_lists() {
        assert!(is_of_a_list("SELECT `code_appeals`.`id` FROM `code_appeals`"));
        assert!(is_of_a_list("  select 1"));
        assert!(!is_of_a_list("SELECT 1 FROM sessions"));
        assert!(!is_of_a_list("SELECT head FROM audit_lanes"));
        assert!(!is_of_a_list("INSERT INTO code_appeals"));
        assert!(!is_of_a_list(""));
    }
}
