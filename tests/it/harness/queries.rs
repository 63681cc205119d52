//! Which statements a portal sends to its database, for tests that count them. Every connection of this process tells;
//! whose it is says the wall that the portal's store tells its queries.

use super::App;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use fugong::db::moment;
use fugong::kept::Wall;
use std::future::Future;
use std::sync::{Arc, Mutex, Once};

/// The walls of portals that are listened to, with what was heard.
static HEARD: Mutex<Vec<(usize, Vec<String>)>> = Mutex::new(Vec::new());

struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let InstrumentationEvent::StartQuery { query, .. } = event else { return };
        let Some(wall) = moment::told::<Wall>() else { return };
        let mut heard = HEARD.lock().unwrap();
        let place = Arc::as_ptr(&wall) as usize;
        if let Some((_, texts)) = heard.iter_mut().find(|(portal, _)| *portal == place) {
            texts.push(query.to_string());
        }
    }
}

/// Makes connections that are opened from now on tell.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_default_instrumentation(|| Some(Box::new(Listener))).unwrap());
}

impl App {
    /// What comes of a piece of work, and the statements that the portal sent meanwhile, in their order.
    pub async fn heard<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let place = Arc::as_ptr(self.deps.part::<Arc<Wall>>().unwrap()) as usize;
        HEARD.lock().unwrap().push((place, Vec::new()));
        let done = work.await;
        let mut heard = HEARD.lock().unwrap();
        let at = heard.iter().position(|(portal, _)| *portal == place).unwrap();
        (done, heard.swap_remove(at).1)
    }
}
