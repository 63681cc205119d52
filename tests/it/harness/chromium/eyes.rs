//! What is looked at in a page: what a person reads, what axe and the console say, how wide it is, pictures and prints.

use super::{Chromium, screenshots};
use base64::Engine;
use serde_json::{Value, json};

/// Whether the page of an element was replaced meanwhile; the driver has two ways to say so.
fn is_gone(error: &str) -> bool {
    error.starts_with("stale element reference") || error.contains("does not belong to the document")
}

impl Chromium {
    /// The text of the first element, as a person sees it.
    pub async fn text(&self, css: &str) -> String {
        loop {
            let element = self.find(css).await;
            match self.try_get(&format!("/element/{element}/text")).await {
                Ok(text) => return text.as_str().unwrap().to_owned(),
                // The page was replaced by the next, or by itself, between the two: what is there now is read.
                Err(e) if is_gone(&e) => {}
                Err(e) => panic!("{css}: {e}"),
            }
        }
    }

    /// What `<body>` shows has to contain this.
    #[track_caller]
    pub fn shows(&self, text: &str) -> impl Future<Output = ()> {
        let (at, text) = (std::panic::Location::caller(), text.to_owned());
        async move {
            let shown = self.text("body").await;
            let path = self.path().await;
            assert!(shown.contains(&text), "{at}: {text:?} is not on {path}:\n{shown}");
        }
    }

    /// The violations axe finds: `rule: element`, a line each.
    pub async fn axe(&self, source: &str) -> Vec<String> {
        self.axe_rules(source, json!({})).await
    }

    /// The contrasts that are too weak in the dark scheme; everything else is the same there as in the light.
    pub async fn axe_in_the_dark(&self, source: &str) -> Vec<String> {
        self.scheme("dark").await;
        let found = self.axe_rules(source, json!({"runOnly": ["color-contrast"]})).await;
        self.scheme("light").await;
        found
    }

    /// Runs axe with these options besides ours; its source (half a megabyte) is sent to a page but once.
    async fn axe_rules(&self, source: &str, options: Value) -> Vec<String> {
        let there = self.script("return Boolean(window.axe)", json!([])).await == json!(true);
        let source = if there { "" } else { source };
        let body = format!(
            "const [options, done] = arguments; {source}\n \
             window.axe.run(document, {{resultTypes: ['violations'], preload: false, ...options}}).then(r => done(r.violations\
             .flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ' ' + n.html.slice(0, 160) + ' ' + \
             (n.any[0] || n.all[0] || n.none[0] || {{message: ''}}).message))), e => done(['axe: ' + e]))"
        );
        let found = self.post("/execute/async", json!({"script": body, "args": [options]})).await;
        found.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
    }

    pub(super) async fn scheme(&self, scheme: &str) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.cdp("Emulation.setEmulatedMedia", media).await;
    }

    /// What the console said, such as refused scripts and styles (Content-Security-Policy) or broken code.
    pub async fn console(&self) -> Vec<String> {
        let log = self.post("/se/log", json!({"type": "browser"})).await;
        let severe = log.as_array().unwrap().iter().filter(|l| l["level"] == "SEVERE");
        severe.map(|l| l["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The console has said nothing but that a page was an error (a refused form is one).
    #[track_caller]
    pub fn is_silent(&self) -> impl Future<Output = ()> {
        let at = std::panic::Location::caller();
        async move {
            let said = self.console().await;
            let other: Vec<_> = said.iter().filter(|m| !m.contains("Failed to load resource")).collect();
            assert!(other.is_empty(), "{at}: {other:?}");
        }
    }

    /// How many pixels the page is wider than the window.
    pub async fn overflow(&self) -> i64 {
        let script = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
        self.script(script, json!([])).await.as_i64().unwrap()
    }

    /// A picture of the whole page: `<name>.<look>.png` in [`screenshots`].
    pub async fn screenshot(&self, name: &str) {
        let size = self.cdp("Page.getLayoutMetrics", json!({})).await["cssContentSize"].clone();
        let clip = json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        let shot = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let shot = self.cdp("Page.captureScreenshot", shot).await;
        let png = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        let file = screenshots().join(format!("{name}.{}.png", self.look.name()));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, png).unwrap();
    }

    /// A picture of the page as it is printed.
    pub async fn screenshot_on_paper(&self, name: &str) {
        self.cdp("Emulation.setEmulatedMedia", json!({"media": "print"})).await;
        self.screenshot(name).await;
        self.cdp("Emulation.setEmulatedMedia", json!({"media": ""})).await;
    }

    /// A picture in the dark scheme.
    pub async fn screenshot_in_the_dark(&self, name: &str) {
        self.scheme("dark").await;
        self.screenshot(name).await;
        self.scheme("light").await;
    }

    /// A picture of what a printer gets, and on how many pages.
    pub async fn print(&self, name: &str) -> usize {
        self.screenshot_on_paper(name).await;
        let pdf =
            self.cdp("Page.printToPDF", json!({"preferCSSPageSize": true, "printBackground": false})).await;
        let pdf = base64::engine::general_purpose::STANDARD.decode(pdf["data"].as_str().unwrap()).unwrap();
        let text = String::from_utf8_lossy(&pdf);
        text.matches("/Type /Page\n").count() + text.matches("/Type /Page ").count()
    }
}
