//! A visit to a template: who goes where and what they send, and what is looked at there.

use crate::harness::chromium::Chromium;
use crate::world::World;
use std::path::PathBuf;

/// One way to see a template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) who: &'static str,
    pub(super) path: &'static str,
    /// A form to send from there: its address and fields.
    send: Option<(&'static str, &'static [(&'static str, &'static str)])>,
    status: u16,
    /// Who sees it in the browser, where a page is shown but once.
    twin: Option<&'static str>,
}

/// Stands for the code that the authenticator of whoever sends the form shows.
pub(super) const CODE: &str = "one-time code";

/// Stands for the version that the page from which a form is sent has in it.
pub(super) const VERSION: &str = "version of the page";

/// A template and the ways to see it.
pub(super) type Template = (&'static str, &'static [Visit]);

/// A page that is opened.
pub(super) const fn open(who: &'static str, path: &'static str) -> Visit {
    Visit { who, path, send: None, status: 200, twin: None }
}

/// A page that is opened and is an error.
pub(super) const fn error(who: &'static str, path: &'static str, status: u16) -> Visit {
    Visit { who, path, send: None, status, twin: None }
}

/// What comes back when a form of the page at `path` is sent to `to`.
pub(super) const fn sent(
    who: &'static str,
    path: &'static str,
    to: &'static str,
    fields: &'static [(&'static str, &'static str)],
    status: u16,
) -> Visit {
    Visit { who, path, send: Some((to, fields)), status, twin: None }
}

impl Visit {
    /// Somebody in the same place sees it in the browser, since the page is shown but once.
    pub(super) const fn and(self, twin: &'static str) -> Self {
        Self { twin: Some(twin), ..self }
    }
}

/// The fields with the names of things filled in; a one-time code and the page's version are known only now.
fn filled(world: &World, who: &str, fields: &[(&str, &str)], page: &str) -> Vec<(String, String)> {
    let value = |value: &str| match value {
        CODE => world.code(who),
        VERSION => version_in(page).to_owned(),
        thing if thing.starts_with('{') => world.fill_in(thing),
        text => text.to_owned(),
    };
    fields.iter().map(|(n, v)| ((*n).to_owned(), value(v))).collect()
}

/// The version of the case in the first of a page's forms that has one.
fn version_in(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"version\" value=\"").expect("a version in the page");
    rest.split('"').next().unwrap_or_default()
}

/// Fetches the page's HTML as it is sent, keeps it, and looks at it in the browser.
pub(super) async fn look_at(
    world: &mut World,
    browser: &Chromium,
    axe: &str,
    visit: &Visit,
    file: &PathBuf,
) -> Vec<String> {
    let path = world.fill_in(visit.path);
    let person = world.person(visit.who);
    person.lang = browser.look().lang;
    let mut answer = person.get(&path).await;
    let send = visit.send.map(|(to, fields)| {
        let (to, twin) = (world.fill_in(to), visit.twin.unwrap_or(visit.who));
        [visit.who, twin].map(|who| (to.clone(), filled(world, who, fields, &answer.body)))
    });
    if let Some([(to, fields), _]) = &send {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        answer = world.person(visit.who).post(to, &fields).await;
    }
    let status = answer.status.as_u16();
    if status != visit.status {
        let text = answer.body.chars().take(2000).collect::<String>();
        return vec![format!("is {status} instead of {}: {} {text}", visit.status, answer.location())];
    }
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, &answer.body).unwrap();
    browser.become_(Some(world.person(visit.twin.unwrap_or(visit.who)))).await;
    browser.open(&path).await;
    if let Some([_, (to, fields)]) = &send {
        browser.send(to, fields).await;
    }
    let mut faults = browser.axe(axe).await;
    faults.extend(browser.axe_in_the_dark(axe).await.into_iter().map(|f| format!("in the dark: {f}")));
    let overflow = browser.overflow().await;
    let covered = browser.script(COVERED, serde_json::json!([])).await;
    if let Some(text) = covered.as_str() {
        faults.push(format!("shows one cell over another: {text}"));
    }
    if overflow > 0 {
        faults.push(format!("is {overflow} px wider than the window"));
    }
    // A page that is an error is reported as a resource that failed to load.
    let console = browser.console().await;
    faults.extend(console.into_iter().filter(|m| !m.contains("Failed to load resource") || status < 400));
    faults
}

/// What stands in a cell of a worklist that lies over another one: on a phone cells are no longer cells.
const COVERED: &str = "
    const rects = e => {
        const all = [...e.querySelectorAll('input, svg')].flatMap(x => [...x.getClientRects()]);
        const walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            // What only screen readers meet has a place of one pixel, whatever its text would take.
            if (walker.currentNode.parentElement.closest('.vh')) continue;
            const range = document.createRange();
            range.selectNodeContents(walker.currentNode);
            all.push(...range.getClientRects());
        }
        return all;
    };
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    for (const row of document.querySelectorAll('.work tbody tr')) {
        const cells = [...row.children].map(e => [e, rects(e)]);
        for (const [n, [a, left]] of cells.entries()) for (const [b, right] of cells.slice(n + 1))
            if (left.some(x => right.some(y => meet(x, y)))) return a.innerText + ' / ' + b.innerText;
    }
    return null;";
