//! A real browser: Chromium through chromedriver's WebDriver protocol (W3C WebDriver, JSON over HTTP) and, where that
//! has no word for it, the DevTools protocol through the same driver.
//!
//! One driver a test process. It is the child of a shell that waits for its standard input to close and then ends its
//! own process group, so driver, browsers and their profiles go when the test process ends, however that happens.

mod driver;
mod eyes;

use super::browser::Browser;
use driver::{call, capabilities, chromium, driver};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Key of an element reference in WebDriver's JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Longer than anything here takes on a busy machine; whoever waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// WebDriver's code points for keys.
pub const TAB: &str = "\u{E004}";
pub const ENTER: &str = "\u{E007}";

/// How somebody looks at the portal.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub lang: &'static str,
    pub width: u32,
    pub height: u32,
    pub scripts: bool,
}

impl Look {
    pub const PHONE: Self = Self { lang: "zh-CN", width: 390, height: 844, scripts: true };
    pub const DESKTOP: Self = Self { lang: "zh-CN", width: 1280, height: 900, scripts: true };

    pub fn english(self) -> Self {
        Self { lang: "en", ..self }
    }

    pub fn without_scripts(self) -> Self {
        Self { scripts: false, ..self }
    }

    /// For names of files: `phone-en-noscript`.
    pub fn name(self) -> String {
        let size = if self.width < 600 { "phone" } else { "desktop" };
        let scripts = if self.scripts { "" } else { "-noscript" };
        format!("{size}-{}{scripts}", self.lang)
    }
}

/// One browser with its own profile.
pub struct Chromium {
    client: Client,
    session: String,
    base: String,
    look: Look,
    // So many browsers at a time as there are processors for; the rest wait.
    _turn: SemaphorePermit<'static>,
}

impl Chromium {
    /// Starts a browser that looks at the portal at `base`; `None` (and a word about it) where there is none.
    pub async fn start(base: &str, look: Look) -> Option<Self> {
        Self::start_with(base, look, None).await
    }

    /// The same with a camera that shows a film (Y4M), and that every page may use.
    pub async fn start_with(base: &str, look: Look, camera: Option<&Path>) -> Option<Self> {
        static TURNS: Semaphore = Semaphore::const_new(2);
        let Some(binary) = chromium() else {
            super::skipped("Chromium is not installed");
            return None;
        };
        let Some(driver) = driver().await else {
            super::skipped("chromedriver (Debian: chromium-driver) is not installed");
            return None;
        };
        let turn = TURNS.acquire().await.unwrap();
        let client = crate::harness::client().build().unwrap();
        let answer =
            call(&client, Method::POST, &format!("{driver}/session"), capabilities(&binary, look, camera))
                .await;
        let id = answer.expect("a browser")["sessionId"].as_str().unwrap().to_owned();
        let browser = Self {
            client,
            session: format!("{driver}/session/{id}"),
            base: base.to_owned(),
            look,
            _turn: turn,
        };
        browser.put_on(look).await;
        Some(browser)
    }

    async fn put_on(&self, look: Look) {
        let (width, height) = (look.width, look.height);
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": look.width < 600});
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
        self.scheme("light").await;
        self.cdp("Emulation.setScriptExecutionDisabled", json!({"value": !look.scripts})).await;
    }

    pub fn look(&self) -> Look {
        self.look
    }

    /// Goes on in a window of another size, as when the phone is put away and the desk's screen is used.
    pub async fn look_as(&mut self, look: Look) {
        self.look = look;
        self.put_on(look).await;
    }

    /// Somebody else sits down: their cookies instead of those that the browser has, which are given back.
    pub async fn hand_over(&self, cookies: &[(String, String)]) -> Vec<(String, String)> {
        let had = self.cdp("Network.getCookies", json!({"urls": [self.base]})).await["cookies"].clone();
        let text = |c: &Value, key: &str| c[key].as_str().unwrap().to_owned();
        let had = had.as_array().unwrap().iter().map(|c| (text(c, "name"), text(c, "value"))).collect();
        self.cdp("Network.clearBrowserCookies", json!({})).await;
        for (name, value) in cookies {
            self.set_cookie(name, value).await;
        }
        had
    }

    /// Signs the browser in as the person whose cookies these are; `None` for a visitor.
    pub async fn become_(&self, person: Option<&Browser>) {
        self.cdp("Network.clearBrowserCookies", json!({})).await;
        for (name, value) in person.map(Browser::cookies).into_iter().flatten() {
            self.set_cookie(name, value).await;
        }
    }

    pub async fn set_cookie(&self, name: &str, value: &str) {
        let cookie = json!({"name": name, "value": value, "url": self.base, "httpOnly": true});
        self.cdp("Network.setCookie", cookie).await;
    }

    /// Opens a path of the portal, or an address of another one.
    pub async fn open(&self, path: &str) {
        let url = if path.starts_with("http") || path.starts_with("data:") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        self.post("/url", json!({"url": url})).await;
    }

    pub async fn back(&self) {
        self.post("/back", json!({})).await;
    }

    /// Path and query of the page shown.
    pub async fn path(&self) -> String {
        let url = self.get("/url").await;
        let url = url.as_str().unwrap();
        let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
        after_scheme.find('/').map_or("/", |at| &after_scheme[at..]).to_owned()
    }

    pub async fn title(&self) -> String {
        self.get("/title").await.as_str().unwrap().to_owned()
    }

    /// The page shown has to be at a path that begins so.
    #[track_caller]
    pub fn is_at(&self, path: &str) -> impl Future<Output = ()> {
        let (at, wanted) = (std::panic::Location::caller(), path.to_owned());
        async move {
            let started = Instant::now();
            // A page asked for with a key is not waited for by the driver.
            while !self.path().await.starts_with(&wanted) {
                if started.elapsed() > PATIENCE {
                    let (path, shown) = (self.path().await, self.text("body").await);
                    panic!("{at}: at {path} instead of {wanted}:\n{shown}");
                }
                actix_web::rt::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    pub async fn has(&self, css: &str) -> bool {
        self.script("return document.querySelector(arguments[0]) !== null", json!([css])).await == json!(true)
    }

    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let script =
            "const e = document.querySelector(arguments[0]); return e && e.getAttribute(arguments[1])";
        self.script(script, json!([css, name])).await.as_str().map(str::to_owned)
    }

    /// Types into the field of that name, instead of what is there.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name=\"{name}\"]")).await;
        self.post(&format!("/element/{field}/clear"), json!({})).await;
        self.post(&format!("/element/{field}/value"), json!({"text": text})).await;
    }

    /// Chooses a file in the field of that name.
    pub async fn attach(&self, name: &str, file: &Path) {
        let field = self.find(&format!("input[type=file][name=\"{name}\"]")).await;
        let text = json!({"text": file.to_str().unwrap()});
        self.post(&format!("/element/{field}/value"), text).await;
    }

    /// Chooses a radio button or ticks a box, by its label as a person does.
    pub async fn choose(&self, name: &str, value: &str) {
        self.click(&format!("input[name=\"{name}\"][value=\"{value}\"] + label")).await;
    }

    /// Chooses in a list.
    pub async fn pick(&self, name: &str, value: &str) {
        // The list itself is the system's, not the page's: it cannot be clicked in.
        let script = "const s = document.querySelector(`select[name=\"${arguments[0]}\"]`); s.value = arguments[1]; \
            for (const kind of ['input', 'change']) { s.dispatchEvent(new Event(kind, {bubbles: true})); } \
            return s.value";
        let chosen = self.script(script, json!([name, value])).await;
        assert_eq!(chosen, json!(value), "{name} on {}", self.path().await);
    }

    /// Chooses a division level by level; without scripts a button asks for the next level.
    pub async fn pick_division(&self, field: &str, codes: &[&str]) {
        for (index, code) in codes.iter().enumerate() {
            let name = format!("{field}-{}", index + 1);
            let option = format!("select[name=\"{name}\"] option[value=\"{code}\"]");
            if !self.look.scripts && !self.has(&option).await {
                self.click(&format!("button[name=cascade][value=\"{field}\"]")).await;
            }
            self.appears(&option).await;
            self.pick(&name, code).await;
        }
    }

    /// Waits until an element is there.
    #[track_caller]
    pub fn appears(&self, css: &str) -> impl Future<Output = ()> {
        let (at, css) = (std::panic::Location::caller(), css.to_owned());
        async move {
            let started = Instant::now();
            while !self.has(&css).await {
                assert!(started.elapsed() < PATIENCE, "{at}: no {css} on {}", self.path().await);
                actix_web::rt::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.click_element(&element).await;
    }

    async fn click_element(&self, element: &str) {
        // A sticky head may lie over what was scrolled to; a person would scroll on. Whatever leads on is waited for,
        // since the driver's own waiting sometimes ends before the next page begins.
        let before = "const e = arguments[0]; e.scrollIntoView({block: 'center'}); window.fugongLeft = true; \
            const a = e.closest('a[href]'); return a ? !a.getAttribute('href').startsWith('#') && !a.download \
            : e.tagName === 'BUTTON' && e.form !== null";
        let leads_on = self.script(before, json!([{ELEMENT: element}])).await == json!(true);
        self.post(&format!("/element/{element}/click"), json!({})).await;
        if leads_on {
            self.arrive().await;
        }
    }

    /// Waits for the page after the one that was left.
    async fn arrive(&self) {
        let there = "return window.fugongLeft === undefined && document.readyState === 'complete'";
        let (url, body) = ("/execute/sync", json!({"script": there, "args": []}));
        let started = Instant::now();
        while self.try_post(url, body.clone()).await != Ok(json!(true)) {
            assert!(started.elapsed() < PATIENCE, "no page came after {}", self.path().await);
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses the main button of the page's form: the first one that is not in head, foot or notices.
    pub async fn submit(&self) {
        self.click("main form button:not([name='person']):not(.link)").await;
    }

    /// Presses the button or follows the link whose text contains this, first in `<main>`.
    pub async fn press(&self, text: &str) {
        let has = format!("contains(normalize-space(.), \"{text}\")");
        for scope in ["//main", "//body"] {
            let path = format!("({scope}//button[{has}] | {scope}//a[{has}])[1]");
            let found = self.try_post("/element", json!({"using": "xpath", "value": path})).await;
            if let Ok(found) = found {
                return self.click_element(found[ELEMENT].as_str().unwrap()).await;
            }
        }
        panic!("nothing to press says {text:?} on {}:\n{}", self.path().await, self.text("body").await);
    }

    /// Keys to whatever has the focus.
    pub async fn keys(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|k| [json!({"type": "keyDown", "value": k}), json!({"type": "keyUp", "value": k})])
            .collect();
        self.post("/actions", json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]})).await;
    }

    /// Goes on with Tab until the element is reached, as somebody without a mouse does.
    pub async fn tab_to(&self, css: &str) {
        let script = "return document.activeElement !== null && document.activeElement.matches(arguments[0])";
        for _ in 0..80 {
            self.keys(TAB).await;
            if self.script(script, json!([css])).await == json!(true) {
                return;
            }
        }
        panic!("Tab does not reach {css} on {}", self.path().await);
    }

    /// Runs a function's body in the page, also where the page's own scripts are off.
    pub async fn script(&self, body: &str, args: Value) -> Value {
        self.post("/execute/sync", json!({"script": body, "args": args})).await
    }

    /// Sends a form of our own making with the page's token, as a real navigation.
    pub async fn send(&self, path: &str, fields: &[(String, String)]) {
        let script = "const f = document.createElement('form'); f.method = 'post'; f.action = arguments[0]; \
            const token = document.querySelector('[name=_csrf]').value; \
            for (const [n, v] of [['_csrf', token], ...arguments[1]]) { \
              const i = document.createElement('input'); i.type = 'hidden'; i.name = n; i.value = v; f.append(i); } \
            document.body.append(f); f.submit();";
        let mark = script.replacen("const f", "window.fugongLeft = true; const f", 1);
        self.script(&mark, json!([path, fields])).await;
        self.arrive().await;
    }

    /// Ends the browser.
    pub async fn close(self) {
        let _ = call(&self.client, Method::DELETE, &self.session, Value::Null).await;
    }

    /// An element that is there; while one page gives way to the next, it is asked for again.
    async fn find(&self, css: &str) -> String {
        let asked = json!({"using": "css selector", "value": css});
        let begun = std::time::Instant::now();
        loop {
            if let Ok(found) = self.try_post("/element", asked.clone()).await {
                return found[ELEMENT].as_str().unwrap().to_owned();
            }
            let lacks = "return document.readyState === 'complete' && !document.querySelector(arguments[0])";
            let lacks = self.try_post("/execute/sync", json!({"script": lacks, "args": [css]})).await;
            let lacks = lacks.is_ok_and(|lacks| lacks == true);
            if lacks || begun.elapsed() > PATIENCE {
                let main = self.script("return document.body.innerText", json!([])).await;
                panic!("no {css} on {}:\n{}", self.path().await, main.as_str().unwrap_or_default())
            }
        }
    }

    async fn cdp(&self, command: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": params})).await
    }

    async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    async fn try_get(&self, path: &str) -> Result<Value, String> {
        call(&self.client, Method::GET, &format!("{}{path}", self.session), Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.try_post(path, body).await.unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    async fn try_post(&self, path: &str, body: Value) -> Result<Value, String> {
        call(&self.client, Method::POST, &format!("{}{path}", self.session), body).await
    }
}

/// Where pictures go: `$FUGONG_SCREENSHOTS`, else `target/screenshots`.
pub fn screenshots() -> PathBuf {
    std::env::var_os("FUGONG_SCREENSHOTS").map_or_else(|| target().join("screenshots"), PathBuf::from)
}

/// The build's folder: the test binary is in `<target>/<profile>/deps`.
pub fn target() -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    binary.ancestors().nth(3).unwrap().to_path_buf()
}
