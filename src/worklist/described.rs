//! What the routes of a list do, for the description of all calls: its own tabs, filters and orders.

use super::Worklist;
use crate::web::described::{About, Field, Gives, after, free, id, one_of, text};

/// Of one kind of route.
const fn about(summary: &'static str, fields: &'static [Field], gives: Gives) -> About {
    About { summary, fields, more: Vec::new, gives }
}

/// What is asked of a list in its address.
fn asked<L: Worklist>() -> Vec<Field> {
    let filters = L::SPEC.filters.iter().map(|filter| text(filter.name, 200));
    [text("tab", 60), text("sort", 60), after()].into_iter().chain(filters).collect()
}

/// The page.
pub(super) fn page<L: Worklist>() -> About {
    let page = about("A list at which officials work: tabs, filters, rows and saved views", &[], Gives::Page);
    About { more: asked::<L>, ..page }
}

/// A search.
pub(super) fn search() -> About {
    const LOOKED_FOR: &[Field] = &[free("q")];
    about("Looks for somebody in every tab of the list", LOOKED_FOR, Gives::Page)
}

/// A file of the rows.
pub(super) fn file<L: Worklist>(kinds: &'static [&'static str]) -> About {
    About { more: asked::<L>, ..about("The list's rows as a file", &[], Gives::File(kinds)) }
}

/// What is done with views.
pub(super) fn views<L: Worklist>() -> About {
    const VIEW: &[Field] =
        &[one_of("do", &["save", "remove"]).needed(), text("view", 40), one_of("shared", &["yes"]), id("id")];
    About {
        more: asked::<L>,
        ..about("Saves a view of the list under a name, or removes one", VIEW, Gives::Either)
    }
}
