//! What is asked of a list: a tab, filters, an order and a place; or somebody who is looked for.
//!
//! Whatever an address says, only what the list knows is taken from it; so an address that is saved, or sent to a colleague,
//! says nothing that was not checked.

use super::spec::Spec;
use crate::web::form::Form;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;

/// What is asked of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Code of the tab.
    pub tab: &'static str,
    /// Filters by name.
    pub filters: Vec<(&'static str, String)>,
    /// Code of the order; empty for the list's own.
    pub sort: &'static str,
    /// The cursor of the row after which it goes on; empty at the beginning.
    pub after: String,
    /// Who or what is looked for; a search goes over all tabs and has one page.
    pub q: String,
}

impl Asked {
    /// Reads an address, or a form that was sent from a page of the list. What is looked for is read apart
    /// ([`Asked::search`]): it names a person, so it stands in no address.
    pub fn read(spec: &Spec, who: &OfficialPrincipal, sent: &Form) -> Self {
        let own = (spec.first)(who.role);
        let code = |wanted: &str| spec.tabs_of(who.role).map(|tab| tab.code).find(|code| *code == wanted);
        let tab = code(sent.get("tab")).or_else(|| code(own)).unwrap_or(own);
        let mut filters = Vec::new();
        for filter in spec.filters {
            let value = sent.get(filter.name).trim();
            let known = || (filter.choices)(who, tab, Lang::ZhCn).iter().any(|choice| choice.value == value);
            if !value.is_empty() && known() {
                filters.push((filter.name, value.to_owned()));
            }
        }
        let sort = spec.sorts.iter().skip(1).map(|sort| sort.code).find(|code| *code == sent.get("sort"));
        Self {
            tab,
            filters,
            sort: sort.unwrap_or_default(),
            after: sent.get("after").to_owned(),
            q: String::new(),
        }
    }

    /// Somebody is looked for; nothing typed is the list itself.
    pub fn search(spec: &Spec, who: &OfficialPrincipal, typed: &str) -> Self {
        Self { q: typed.trim().to_owned(), ..Self::read(spec, who, &Form::default()) }
    }

    /// Whether somebody is looked for.
    pub fn searches(&self) -> bool {
        !self.q.is_empty()
    }

    /// The value of a filter.
    pub fn filter(&self, name: &str) -> Option<&str> {
        self.filters.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }

    /// Another tab, without filters.
    #[must_use]
    pub fn in_tab(&self, tab: &'static str) -> Self {
        Self { tab, ..Self::default() }
    }

    /// The same from another row on.
    #[must_use]
    pub fn from(&self, after: &str) -> Self {
        Self { after: after.to_owned(), ..self.clone() }
    }

    /// The same place in another order.
    #[must_use]
    pub fn sorted(&self, sort: &'static str) -> Self {
        Self { sort, ..self.clone() }
    }

    /// Names and values, in a fixed order; never what is looked for.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let mut all = vec![("tab", self.tab)];
        all.extend(self.filters.iter().map(|(name, value)| (*name, value.as_str())));
        all.extend([("sort", self.sort), ("after", self.after.as_str())]);
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The query of the address: what a view keeps.
    pub fn place(&self) -> String {
        serde_urlencoded::to_string(self.pairs()).unwrap_or_default()
    }

    /// An address below which this is asked.
    pub fn link(&self, path: &str) -> String {
        match self.place() {
            place if place.is_empty() => path.to_owned(),
            place => format!("{path}?{place}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::{Filter, Paths, Sort, Tab, Texts};
    use super::*;
    use crate::access::Role;
    use crate::web::principal::official_for_tests;
    use crate::web::view::Choice;

    const SPEC: Spec = Spec {
        name: "things",
        id: "things.id",
        paths: Paths { page: "/a", csv: "/a.csv", xlsx: "/a.xlsx", views: "/a/views" },
        entry: ("thing.list", "thing"),
        texts: Texts { title: "", caption: "", tabs: "", empty: "", empty_text: "" },
        tabs: &[
            Tab::counted("open", ""),
            Tab { is_for: |role| role == Role::Doctor, ..Tab::counted("mine", "") },
            Tab::plain("done", ""),
        ],
        first: |role| if role == Role::Doctor { "mine" } else { "open" },
        filters: &[Filter {
            name: "state",
            label: "",
            choices: |_, tab, _| {
                if tab == "open" { vec![Choice::new("new", ""), Choice::new("old", "")] } else { Vec::new() }
            },
        }],
        sorts: &[Sort { code: "due", label: None }, Sort { code: "newest", label: None }],
        columns: &[],
        search: None,
    };

    fn read(role: Role, query: &str) -> Asked {
        Asked::read(&SPEC, &official_for_tests(role, "511621"), &Form::parse(query.as_bytes()).unwrap())
    }

    #[test]
    fn only_what_the_list_knows_is_taken_from_an_address() {
        let asked = read(Role::TownReviewer, "tab=open&state=old&sort=newest&after=abc&x=1&q=%E7%8E%8B");
        assert_eq!(asked.place(), "tab=open&state=old&sort=newest&after=abc");
        assert!(!asked.searches(), "a name is taken from no address");
        for query in ["tab=mine", "tab=nothing", "", "state=%27", "sort=due", "state=secret&sort=%00x"] {
            let asked = Form::parse(query.as_bytes()).map_or(Asked::default(), |form| {
                Asked::read(&SPEC, &official_for_tests(Role::TownReviewer, "511621"), &form)
            });
            assert!(asked.filters.is_empty() && asked.sort.is_empty(), "{query}");
            assert!(["open", ""].contains(&asked.tab), "{query}: {}", asked.tab);
        }
        assert_eq!(read(Role::Doctor, "tab=gone").tab, "mine", "where the role lands");
        assert_eq!(read(Role::Doctor, "tab=done&state=new").filters, [], "no filter of this tab");
    }

    #[test]
    fn an_address_that_was_written_is_read_as_it_was() {
        for query in ["tab=open&state=new", "tab=done&sort=newest", "tab=open&state=old&sort=newest&after=x"]
        {
            let asked = read(Role::TownReviewer, query);
            assert_eq!(asked.place(), query);
            assert_eq!(read(Role::TownReviewer, &asked.place()), asked);
        }
        let asked = read(Role::TownReviewer, "tab=open&state=new&after=x");
        assert_eq!(asked.in_tab("done").link("/a"), "/a?tab=done");
        assert_eq!(asked.from("").sorted("newest").link("/a"), "/a?tab=open&state=new&sort=newest");
        assert_eq!(Asked::default().link("/a"), "/a");
    }

    #[test]
    fn what_is_looked_for_stands_in_no_address() {
        let asked = Asked::search(&SPEC, &official_for_tests(Role::Doctor, "511621"), "  王小明 ");
        assert!(asked.searches());
        assert_eq!(asked.q, "王小明");
        assert_eq!(asked.link("/a"), "/a?tab=mine");
    }
}
