//! The administrator makes an office and members of staff, gives and ends posts.

use super::World;
use crate::harness::browser::Answer;
use crate::harness::people::document;
use fugong::access::Role;

/// The identifier at the end of a link that is followed by `text`.
fn id_before(page: &Answer, link: &str, text: &str) -> String {
    let at = page.body.find(text).unwrap_or_else(|| panic!("{text} is not listed:\n{}", page.body));
    let id = page.body[..at].rsplit(link).next().unwrap();
    id.chars().take(36).collect()
}

impl World {
    /// People: `admin`. Things: `office`; officials `newcomer`, `twin`, `deputy` (two posts, one ended), `disabled`,
    /// `forgetful` (to be reset), `locked`; the first passwords `password-<login>`.
    pub(super) async fn admin(&mut self) {
        self.hire("admin", Role::Administrator, "510000").await;
        self.look("admin", "/admin/offices/new").await;
        let office = [
            ("name", "岳池县苟角镇中心卫生院"),
            ("name_en", "Goujiao Town Health Centre, Yuechi County"),
            ("kind", "health-centre"),
            ("phone", "0826-5270120"),
            ("division-1", "511600"),
            ("division-2", "511621"),
        ];
        self.send("admin", "/admin/offices/new", &office).await;
        let list = self.look("admin", "/admin/offices").await;
        self.keep("office", id_before(&list, "/admin/offices/", "岳池县苟角镇中心卫生院"));
        let page = self.look("admin", "/admin/offices/{office}").await;
        let version = page.input("version").unwrap();
        let changed: Vec<_> = office.into_iter().chain([("version", version.as_str())]).collect();
        self.send("admin", "/admin/offices/{office}", &changed).await;
        for (login, name) in [
            ("newcomer", "曹敏"),
            ("twin", "阿依古丽·买买提江"),
            ("deputy", "周洋"),
            ("disabled", "罗敏"),
            ("forgetful", "唐勇"),
            ("locked", "郑丽"),
            ("rover", "彭程"),
        ] {
            self.add_official(login, name).await;
        }
        self.posts().await;
    }

    async fn add_official(&mut self, login: &str, name: &str) {
        let office = self.fill_in("{office}");
        self.look("admin", "/admin/officials/new").await;
        let number = document().number().to_owned();
        let fields = [
            ("login", login),
            ("name", name),
            ("doc_kind", "id_card"),
            ("doc_number", number.as_str()),
            ("role", "county-desk"),
            ("office", &office),
            ("division-1", "511600"),
            ("division-2", "511621"),
        ];
        let page = self.send("admin", "/admin/officials/new", &fields).await;
        let shown = page.body.split("class=\"ref\">").nth(1).unwrap();
        self.keep(&format!("password-{login}"), shown.split('<').next().unwrap());
        let list = self.look("admin", &format!("/admin/officials?q={login}")).await;
        self.keep(login, id_before(&list, "/admin/officials/", &format!("\">{login}</a>")));
    }

    async fn act(&mut self, official: &str, fields: &[(&str, &str)]) {
        let path = format!("/admin/officials/{{{official}}}");
        self.look("admin", &path).await;
        self.send("admin", &path, fields).await;
    }

    /// The deputy gets a second post, a dated one as a substitute, and one that is ended at once.
    async fn posts(&mut self) {
        let office = self.fill_in("{office}");
        let right = |role| {
            vec![
                ("action", "assign"),
                ("role", role),
                ("office", office.as_str()),
                ("division-1", "511600"),
                ("division-2", "511621"),
            ]
        };
        let mut substitute = right("market-reviewer");
        substitute.extend([
            ("to-year", "2020"),
            ("to-month", "3"),
            ("to-day", "20"),
            ("substitute", "newcomer"),
        ]);
        self.act("deputy", &substitute).await;
        self.act("deputy", &right("publisher")).await;
        let page = self.look("admin", "/admin/officials/{deputy}").await;
        let post = id_before(&page, "name=\"assignment\" value=\"", "信息发布 岳池县苟角镇中心卫生院");
        let sure = [("asked", "yes"), ("sure", "yes"), ("reason", "调离本单位")];
        self.act("deputy", &[&[("action", "end"), ("assignment", post.as_str())], &sure[..]].concat()).await;
        self.act("disabled", &[&[("action", "disable")], &sure[..]].concat()).await;
        let guesser = self.app.browser();
        self.meet("guesser", guesser);
        for _ in 0..5 {
            self.look("guesser", "/desk/sign-in").await;
            let wrong = [("login", "locked"), ("password", "wrong")];
            self.person("guesser").post("/desk/sign-in", &wrong).await.expect(422);
        }
    }
}
