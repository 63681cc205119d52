//! A coarse description of a device from its User-Agent, enough for a person to recognise a session of theirs and too
//! little to follow anybody by.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

const SYSTEMS: [(&str, &str); 8] = [
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];
/// The first that matches: many browsers also name the ones they descend from.
const BROWSERS: [(&str, &str); 7] = [
    ("MicroMessenger", "WeChat"),
    ("AlipayClient", "Alipay"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
];

/// Browser and system of a request, such as `WeChat · Android`; empty when neither is known.
pub fn describe(req: &HttpRequest) -> String {
    from_user_agent(req.headers().get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default())
}

fn from_user_agent(agent: &str) -> String {
    let find = |list: &[(&str, &'static str)]| {
        list.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
    };
    let parts: Vec<&str> = [find(&BROWSERS), find(&SYSTEMS)].into_iter().flatten().collect();
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::from_user_agent;

    #[test]
    fn a_device_is_named_and_not_fingerprinted() {
        let wechat = "Mozilla/5.0 (Linux; Android 10; HMA-AL00) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/86.0.4240.99 Mobile Safari/537.36 MicroMessenger/8.0.1840";
        assert_eq!(from_user_agent(wechat), "WeChat · Android");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) Version/13.0 Safari/604.1";
        assert_eq!(from_user_agent(iphone), "Safari · iPhone");
        assert_eq!(from_user_agent("<script>"), "");
    }
}
