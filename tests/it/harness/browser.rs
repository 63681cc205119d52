//! A client that behaves like a browser without scripts: keeps cookies, sends forms with the page's token.

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use serde_json::Value;
use std::collections::BTreeMap;

/// An answer that has been read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        // A stream of events has no end that could be waited for.
        if headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            return Self { status, headers, body: String::new() };
        }
        let is_text =
            !headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/vnd"));
        let bytes = response.bytes().await.unwrap();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!is_text || body.as_bytes() == bytes, "an answer in UTF-8");
        Self { status, headers, body }
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// The code of a problem (RFC 9457): the end of its type.
    pub fn problem(&self) -> String {
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        kind.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// The value of the first hidden or text input of that name.
    pub fn input(&self, name: &str) -> Option<String> {
        let at = self.body.find(&format!("name=\"{name}\" value=\""))?;
        let rest = &self.body[at..];
        let rest = &rest[rest.find("value=\"")? + 7..];
        Some(unescape(&rest[..rest.find('"')?]))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// A redirect (303) to a path that begins so.
    #[track_caller]
    pub fn leads_to(self, path: &str) -> Self {
        assert_eq!(self.status.as_u16(), 303, "{}", self.body);
        assert!(self.location().starts_with(path), "led to {} instead of {path}", self.location());
        self
    }

    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        assert!(unescape(&self.body).contains(text), "{text:?} is not in:\n{}", self.body);
        self
    }

    #[track_caller]
    pub fn hides(self, text: &str) -> Self {
        assert!(!unescape(&self.body).contains(text), "{text:?} is in:\n{}", self.body);
        self
    }
}

fn unescape(text: &str) -> String {
    // A masked number is asked for as it is read, not by the space that keeps it on one line.
    text.replace('\u{a0}', " ")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// A browser without scripts.
pub struct Browser {
    client: Client,
    base: String,
    cookies: BTreeMap<String, String>,
    csrf: String,
    pub lang: &'static str,
    pub bearer: Option<String>,
}

impl Browser {
    pub fn new(base: String) -> Self {
        let client = crate::harness::client().redirect(redirect::Policy::none()).build().unwrap();
        Self { client, base, cookies: BTreeMap::new(), csrf: String::new(), lang: "zh-CN", bearer: None }
    }

    /// A browser of another network: its address in 127.0.0.0/8.
    pub fn from(base: String, address: [u8; 4]) -> Self {
        let client = crate::harness::client()
            .redirect(redirect::Policy::none())
            .local_address(std::net::IpAddr::from(address))
            .build()
            .unwrap();
        Self { client, ..Self::new(base) }
    }

    /// Another tab of the same browser, in which something can be sent at the same moment.
    pub fn tab(&self) -> Self {
        Self {
            client: self.client.clone(),
            base: self.base.clone(),
            cookies: self.cookies.clone(),
            csrf: self.csrf.clone(),
            lang: self.lang,
            bearer: self.bearer.clone(),
        }
    }

    /// A file that is no text.
    pub async fn bytes(&mut self, path: &str) -> Vec<u8> {
        let jar: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = self.client.get(format!("{}{path}", self.base)).header("accept-language", self.lang);
        let answer = request.header(COOKIE, jar.join("; ")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.bytes().await.unwrap().to_vec()
    }

    /// A request as a browser sends it; `headers` come last.
    pub async fn request(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let mut request =
            self.client.request(method, format!("{}{path}", self.base)).header("accept-language", self.lang);
        let jar: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        if !jar.is_empty() {
            request = request.header(COOKIE, jar.join("; "));
        }
        if let Some(token) = &self.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = Answer::read(request.send().await.unwrap()).await;
        self.keep(&answer.headers);
        if let Some(token) = answer.input("_csrf") {
            self.csrf = token;
        }
        answer
    }

    /// A file as it is saved: status, headers and bytes.
    pub async fn fetch(&self, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = self.client.get(format!("{}{path}", self.base));
        let jar: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        request = request.header(COOKIE, jar.join("; "));
        if let Some(token) = &self.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            let (name, rest) = text.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.request(Method::GET, path, &[("accept", "text/html")], None).await
    }

    /// Sends a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut pairs = fields.to_vec();
        let token = self.csrf.clone();
        if !fields.iter().any(|(name, _)| *name == "_csrf") {
            pairs.push(("_csrf", &token));
        }
        let body = serde_urlencoded::to_string(&pairs).unwrap().into_bytes();
        let headers = [("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
        self.request(Method::POST, path, &headers, Some(body)).await
    }

    /// Sends a file with the token of the last page.
    pub async fn upload(&mut self, path: &str, field: &str, name: &str, file: &[u8]) -> Answer {
        self.upload_with(path, &[], (field, name), file).await
    }

    /// The same with other fields before the file.
    pub async fn upload_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, name): (&str, &str),
        file: &[u8],
    ) -> Answer {
        let token = self.csrf.clone();
        let part = |(name, value): &(&str, &str)| {
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let before: String = [("_csrf", token.as_str())].iter().chain(fields).map(part).collect();
        let head = format!(
            "{before}--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--X--\r\n"].concat();
        let headers = [("accept", "text/html"), ("content-type", "multipart/form-data; boundary=X")];
        self.request(Method::POST, path, &headers, Some(body)).await
    }

    /// JSON GET.
    pub async fn api_get(&mut self, path: &str) -> Answer {
        self.request(Method::GET, path, &[("accept", "application/json")], None).await
    }

    /// JSON with a method.
    pub async fn api(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        let token = self.csrf.clone();
        let headers = [
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("x-csrf-token", token.as_str()),
        ];
        self.request(method, path, &headers, Some(body.to_string().into_bytes())).await
    }

    /// Cookie names and values.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Replaces a cookie, as an attacker or another tab would.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.into(), value.into());
    }
}
