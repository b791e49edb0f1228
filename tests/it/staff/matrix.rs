//! Every route, in every state that a person or program can be in: below two factors nothing of the
//! CRM is served, and nothing is asked of it. `docs/access.md` is made by this.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use sluis::dialect::pages::{Codec, Method};

use super::authenticator::{Authenticator, PRESENT, VERIFIED};
use super::browser::{Answer, Browser};
use super::bulk;
use super::office::{API, CONTACT, Office};

/// A request to a route.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) name: String,
    pub(super) method: &'static str,
    /// As the policy or the dialect writes it.
    pub(super) pattern: String,
    pub(super) path: String,
    pub(super) body: Body,
}

#[derive(Clone)]
pub(super) enum Body {
    None,
    Form,
    Multipart,
    Json(Value),
    /// A form of Lightning's with this message.
    Aura(Value),
    Text(&'static str, &'static str),
}

/// What somebody has shown of who they are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum State {
    Nothing,
    WrongPassword,
    PasswordAlone,
    CodeAlone,
    PasskeyWithoutVerification,
    Idle,
    TooLong,
    SignedOut,
    Disabled,
    RoleChanged,
    Forged,
    CookieBesideRefusedToken,
    ProgramWithLapsedCode,
    /// Two factors.
    Person,
    /// Two proofs.
    Program,
}

impl State {
    pub const BELOW: [Self; 13] = [
        Self::Nothing,
        Self::WrongPassword,
        Self::PasswordAlone,
        Self::CodeAlone,
        Self::PasskeyWithoutVerification,
        Self::Idle,
        Self::TooLong,
        Self::SignedOut,
        Self::Disabled,
        Self::RoleChanged,
        Self::Forged,
        Self::CookieBesideRefusedToken,
        Self::ProgramWithLapsedCode,
    ];

    pub fn text(self) -> &'static str {
        match self {
            Self::Nothing => "no cookie and no token",
            Self::WrongPassword => "a wrong password was sent",
            Self::PasswordAlone => "the password, and no second factor yet",
            Self::CodeAlone => "a right one-time code, and no password before it",
            Self::PasskeyWithoutVerification => "a passkey whose device did not verify its holder",
            Self::Idle => "a session after 31 minutes without a request",
            Self::TooLong => "a session in use after 12 hours",
            Self::SignedOut => "the cookie of a session that was signed out",
            Self::Disabled => "a session of somebody who was disabled",
            Self::RoleChanged => "a session of somebody who got another role",
            Self::Forged => "a made-up cookie",
            Self::CookieBesideRefusedToken => {
                "a session of two factors, beside a token that is refused"
            }
            Self::ProgramWithLapsedCode => "a program's token whose one-time code has lapsed",
            Self::Person => "a person with two factors",
            Self::Program => "a program with two proofs",
        }
    }

    /// A browser in this state. Moves time; sessions that were made before may end.
    pub async fn browser(self, office: &Office, role: &str) -> Browser {
        let login: &'static str = Box::leak(format!("{self:?}").to_lowercase().into_boxed_str());
        match self {
            Self::Nothing => office.browser(),
            Self::WrongPassword => {
                office.enrolled(login, role).await;
                let mut browser = office.browser();
                let form = [("login", login), ("password", "vijf paarden op zolder")];
                browser.post("/.sluis/sign-in", &form).await;
                assert!(browser.cookie.is_none());
                browser
            }
            Self::PasswordAlone => {
                let person = office.enrolled(login, role).await;
                office.half(&person).await
            }
            Self::CodeAlone => {
                let person = office.enrolled(login, role).await;
                let mut browser = office.browser();
                let code = office.code(&person);
                for page in ["/.sluis/sign-in/code", "/.sluis/step-up"] {
                    browser.post(page, &[("code", &code)]).await;
                    assert!(browser.cookie.is_none());
                }
                browser
            }
            Self::PasskeyWithoutVerification => unverified(office, login, role).await,
            Self::ProgramWithLapsedCode => {
                office.clock.forward(13 * 60 * 60);
                office.browser().with("authorization", &office.bearer())
            }
            Self::Program => office.browser().with("authorization", &office.bearer()),
            Self::Forged => {
                let mut browser = office.browser();
                browser.cookie = Some("A".repeat(43));
                browser
            }
            _ => {
                let person = office.enrolled(login, role).await;
                let browser = office.signed_in(&person).await;
                self.ended(office, browser, (login, role)).await
            }
        }
    }

    /// What becomes of a session of two factors.
    async fn ended(
        self,
        office: &Office,
        browser: Browser,
        (login, role): (&str, &str),
    ) -> Browser {
        match self {
            Self::Idle => office.clock.forward(31 * 60),
            Self::TooLong => {
                let cookie = browser.cookie.clone().unwrap();
                for _ in 0..30 {
                    office.clock.forward(25 * 60);
                    office.gate().touch_session(&cookie);
                }
            }
            Self::SignedOut => {
                browser.twin().post("/.sluis/sign-out", &[]).await;
            }
            Self::Disabled => office.gate().disable_person(login).unwrap(),
            Self::RoleChanged => {
                let roles = [role.to_owned()];
                office.gate().set_person_roles(login, &roles).unwrap();
            }
            Self::CookieBesideRefusedToken => {
                return browser.with("authorization", "Bearer nonsense");
            }
            _ => {}
        }
        browser
    }
}

/// A browser after a passkey answered without the PIN or fingerprint of its holder.
async fn unverified(office: &Office, login: &str, role: &str) -> Browser {
    let link = office.invite(login, role);
    let mut device = Authenticator::new(&office.border, "localhost");
    let mut browser = office.browser();
    let start = json!({ "link": link });
    let asked = browser
        .post_json("/.sluis/passkey/enrol/start", &start)
        .await;
    let asked: Value = serde_json::from_str(&asked.body).unwrap();
    let made: Value = serde_json::from_str(&device.create(&asked["options"])).unwrap();
    let body = json!({ "link": link, "id": asked["id"], "answer": made });
    let done = browser
        .post_json("/.sluis/passkey/enrol/finish", &body)
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    for (flags, status) in [(PRESENT, 403), (PRESENT | VERIFIED, 200)] {
        let mut browser = office.browser();
        device.flags = flags;
        let asked = browser
            .post_json("/.sluis/passkey/sign-in/start", &json!({}))
            .await;
        let asked: Value = serde_json::from_str(&asked.body).unwrap();
        let shown: Value = serde_json::from_str(&device.get(&asked["options"])).unwrap();
        let body = json!({ "id": asked["id"], "answer": shown });
        let answer = browser
            .post_json("/.sluis/passkey/sign-in/finish", &body)
            .await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    office.browser()
}

impl Route {
    /// Whether it is of a job that a program has made, or of an interface that no browser speaks.
    fn is_of_a_program(&self) -> bool {
        let is_job = self.name.starts_with("bulk-") && self.path != self.pattern;
        is_job || self.path.starts_with("/services/async/")
    }

    async fn ask(&self, browser: &mut Browser) -> Answer {
        match (&self.body, self.method) {
            (Body::None, "GET") => browser.get(&self.path).await,
            (Body::None, method) => browser.act(method, &self.path, "", "").await,
            (Body::Form, method) => {
                let kind = "application/x-www-form-urlencoded";
                browser
                    .act(method, &self.path, kind, "csrfmiddlewaretoken=abcdefgh")
                    .await
            }
            (Body::Multipart, method) => {
                let body = "--b\r\nContent-Disposition: form-data; \
                            name=\"csrfmiddlewaretoken\"\r\n\r\nabcdefgh\r\n--b--\r\n";
                let kind = "multipart/form-data; boundary=b";
                browser.act(method, &self.path, kind, body).await
            }
            (Body::Aura(message), method) => {
                let message = message.to_string();
                let form = [("message", message.as_str()), ("aura.token", "null")];
                let mut body = form_urlencoded::Serializer::new(String::new());
                let body = body.extend_pairs(form).finish();
                let kind = "application/x-www-form-urlencoded; charset=UTF-8";
                browser.act(method, &self.path, kind, &body).await
            }
            (Body::Text(kind, body), method) => browser.act(method, &self.path, kind, body).await,
            (Body::Json(body), method) => {
                browser
                    .act(method, &self.path, "application/json", &body.to_string())
                    .await
            }
        }
    }
}

/// The routes of a policy's CRM, each method of each.
fn described(policy: &str) -> Vec<Route> {
    let plan = sluis::app::compile_policy(Path::new(policy), None).unwrap();
    let site = plan.site().unwrap();
    let mut routes = Vec::new();
    for route in &site.routes {
        for method in &route.methods {
            let body = match (method, route.codecs.first()) {
                (Method::Get, _) | (_, None) => Body::None,
                (_, Some(Codec::Form)) => Body::Form,
                (_, Some(Codec::Multipart)) => Body::Multipart,
                (_, Some(Codec::Json)) => Body::Json(json!({})),
            };
            routes.push(Route {
                name: route.name.to_string(),
                method: method.name(),
                pattern: route.pattern.text().to_owned(),
                path: sample(route.pattern.text()),
                body,
            });
        }
    }
    routes
}

/// A path that a pattern takes.
fn sample(pattern: &str) -> String {
    let part = |part: &str| match part
        .strip_prefix('{')
        .and_then(|part| part.strip_suffix('}'))
    {
        None if part == "**" => "a/b.css".to_owned(),
        None => part.to_owned(),
        Some(variable) => match variable.split_once(':') {
            Some((_, form)) if form != "number" && form != "hex" && form != "uuid" => {
                form.split('|').next().unwrap().to_owned()
            }
            _ => "12345678".to_owned(),
        },
    };
    let parts: Vec<String> = pattern.split('/').map(part).collect();
    parts.join("/")
}

/// A request to each door of Salesforce's REST API.
fn doors(contact: &str) -> Vec<Route> {
    let id = contact.rsplit('/').next().unwrap();
    let get = |name: &str, path: &str| (name.to_owned(), "GET", path.to_owned(), Body::None);
    let with = |name: &str, method: &'static str, path: &str, body: Value| {
        (name.to_owned(), method, path.to_owned(), Body::Json(body))
    };
    let record = json!({ "attributes": { "type": "Contact" }, "LastName": "Anders" });
    let sub = json!({ "method": "GET", "url": format!("{API}/sobjects/Contact/{id}"), "referenceId": "a" });
    let all = vec![
        get("versions", "/services/data"),
        get("resources", ""),
        get("sobjects", "/sobjects"),
        get("sobject", "/sobjects/Contact"),
        get("describe", "/sobjects/Contact/describe"),
        with(
            "create",
            "POST",
            "/sobjects/Contact",
            json!({ "LastName": "Anders" }),
        ),
        get("read", &format!("/sobjects/Contact/{id}")),
        with(
            "update",
            "PATCH",
            &format!("/sobjects/Contact/{id}"),
            json!({ "LastName": CONTACT }),
        ),
        get("query", "/query?q=SELECT+LastName+FROM+Contact"),
        get("query-more", "/query/01g000000000001AAA-2000"),
        get("recent", "/recent"),
        get("limits", "/limits"),
        with(
            "composite",
            "POST",
            "/composite",
            json!({ "compositeRequest": [sub] }),
        ),
        with(
            "composite-batch",
            "POST",
            "/composite/batch",
            json!({ "batchRequests": [{ "method": "GET", "url": format!("v62.0/sobjects/Contact/{id}") }] }),
        ),
        with(
            "composite-graph",
            "POST",
            "/composite/graph",
            json!({ "graphs": [{ "graphId": "1", "compositeRequest": [sub] }] }),
        ),
        with(
            "composite-tree",
            "POST",
            "/composite/tree/Contact",
            json!({ "records": [{ "attributes": { "type": "Contact", "referenceId": "r" }, "LastName": "Anders" }] }),
        ),
        with(
            "composite-sobjects",
            "POST",
            "/composite/sobjects",
            json!({ "records": [record] }),
        ),
        (
            "delete".to_owned(),
            "DELETE",
            "/sobjects/Contact/003000000000009AAA".to_owned(),
            Body::None,
        ),
    ];
    all.into_iter()
        .chain(search_doors())
        .chain(file_doors())
        .chain(ui_doors(id))
        .chain(analytics_doors())
        .chain([aura_door(id)])
        .map(|sample| sample_of(sample, id))
        .collect()
}

/// A request to each door that searches, and to GraphQL's.
fn search_doors() -> Vec<(String, &'static str, String, Body)> {
    let get = |name: &str, path: &str| (name.to_owned(), "GET", path.to_owned(), Body::None);
    let query = "query { uiapi { query { Contact(first: 1) { edges { node { Id } } } } } }";
    vec![
        get(
            "search",
            "/search?q=FIND%20%7BVermeer%7D%20RETURNING%20Contact%28Id%29",
        ),
        get("search-layout", "/search/layout?q=Contact"),
        (
            "graphql".to_owned(),
            "POST",
            "/graphql".to_owned(),
            Body::Json(json!({ "query": query })),
        ),
    ]
}

/// A request to each place that gives files.
fn file_doors() -> Vec<(String, &'static str, String, Body)> {
    let paths = [
        "/sobjects/Attachment/00P000000000001EAA/Body",
        "/sfc/servlet.shepherd/version/download/068000000000001AAA",
        "/sfc/servlet.shepherd/document/download/069000000000001AAA",
        "/servlet/servlet.FileDownload?file=00P000000000001EAA",
    ];
    let paths = paths.map(|path| ("download".to_owned(), "GET", path.to_owned(), Body::None));
    paths.into()
}

/// A request to each door of reports, dashboards and events.
fn analytics_doors() -> Vec<(String, &'static str, String, Body)> {
    let report = "/analytics/reports/00O000000000001EAA";
    let dashboard = "/analytics/dashboards/01Z000000000001EAA";
    let get = |name: &str, path: String| (name.to_owned(), "GET", path, Body::None);
    let query = json!({ "reportMetadata": { "reportType": { "type": "ContactList" } } });
    let handshake = json!([{ "channel": "/meta/handshake", "version": "1.0" }]);
    vec![
        (
            "events".to_owned(),
            "POST",
            "/cometd/60.0".to_owned(),
            Body::Json(handshake),
        ),
        get("reports", "/analytics/reports".to_owned()),
        get("report-describe", format!("{report}/describe")),
        get("report", format!("{report}?includeDetails=true")),
        (
            "report-query".to_owned(),
            "POST",
            "/analytics/reports/query".to_owned(),
            Body::Json(query),
        ),
        get(
            "report-export",
            "/00O000000000001EAA?export=1&enc=UTF-8&xf=csv".to_owned(),
        ),
        get("report-instances", format!("{report}/instances")),
        get("feed", "/chatter/feeds/news/me/feed-elements".to_owned()),
        (
            "feed-element".to_owned(),
            "POST",
            "/chatter/feed-elements".to_owned(),
            Body::Json(json!({ "body": { "text": "x" }, "subjectId": "me" })),
        ),
        get(
            "feed-comment",
            "/chatter/feed-elements/0D5000000000001CAA/capabilities/comments/items".to_owned(),
        ),
        get(
            "feed-likes",
            "/chatter/feed-elements/0D5000000000001CAA/capabilities/chatter-likes/items".to_owned(),
        ),
        get("connect-list", "/chatter/users/me".to_owned()),
        (
            "connect-batch".to_owned(),
            "POST",
            "/connect/batch".to_owned(),
            Body::Json(
                json!({ "batchRequests": [{ "method": "GET", "url": "v60.0/chatter/users/me" }] }),
            ),
        ),
        get("dashboards", "/analytics/dashboards".to_owned()),
        get("dashboard", dashboard.to_owned()),
        get("dashboard-describe", format!("{dashboard}/describe")),
    ]
}

/// A request to each door of the UI API.
fn ui_doors(id: &str) -> Vec<(String, &'static str, String, Body)> {
    let get = |name: &str, path: String| (name.to_owned(), "GET", path, Body::None);
    let with = |name: &str, method: &'static str, path: String, body: Value| {
        (name.to_owned(), method, path, Body::Json(body))
    };
    vec![
        get(
            "ui-records",
            format!("/ui-api/records/{id}?fields=Contact.LastName"),
        ),
        with(
            "ui-create",
            "POST",
            "/ui-api/records".to_owned(),
            json!({ "apiName": "Contact", "fields": { "LastName": "Anders" } }),
        ),
        with(
            "ui-update",
            "PATCH",
            format!("/ui-api/records/{id}"),
            json!({ "fields": { "LastName": CONTACT } }),
        ),
        get("ui-record-ui", format!("/ui-api/record-ui/{id}")),
        get(
            "ui-defaults",
            "/ui-api/record-defaults/create/Contact".to_owned(),
        ),
        get("ui-object-info", "/ui-api/object-info/Contact".to_owned()),
        get("ui-layout", "/ui-api/layout/Contact".to_owned()),
        get("ui-list", "/ui-api/list-ui/Contact/__Recent".to_owned()),
        get(
            "ui-related-list",
            "/ui-api/related-list-records/001000000000001AAA/Contacts".to_owned(),
        ),
        get(
            "ui-lookup",
            "/ui-api/lookups/Case/ContactId/Contact?q=x".to_owned(),
        ),
        get("ui-actions", "/ui-api/actions/object/Contact".to_owned()),
        (
            "ui-delete".to_owned(),
            "DELETE",
            "/ui-api/records/003000000000009AAA".to_owned(),
            Body::None,
        ),
    ]
}

/// A request of a Lightning page.
fn aura_door(id: &str) -> (String, &'static str, String, Body) {
    let action = json!({
        "id": "1;a",
        "descriptor": "aura://RecordUiController/ACTION$getRecordWithFields",
        "params": { "recordId": id, "fields": ["Contact.LastName"] },
    });
    let message = json!({ "actions": [action] });
    (
        "aura".to_owned(),
        "POST",
        "/aura".to_owned(),
        Body::Aura(message),
    )
}

/// Targets that begin in no other way are those of the version of the API.
fn sample_of((name, method, path, body): (String, &'static str, String, Body), id: &str) -> Route {
    const WHOLE: [&str; 6] = ["/services", "/aura", "/cometd", "/sfc", "/servlet", "/00O"];
    let path = match WHOLE.iter().any(|start| path.starts_with(start)) {
        true => path,
        false => format!("{API}{path}"),
    };
    Route {
        name,
        method,
        pattern: path.replace(id, "ID"),
        path,
        body,
    }
}

/// The names of doors, as `Route::name` writes them.
fn names_of_doors() -> BTreeSet<&'static str> {
    let sources = [
        include_str!("../../../src/dialect/salesforce/door/mod.rs"),
        include_str!("../../../src/dialect/salesforce/ui/mod.rs"),
        include_str!("../../../src/dialect/salesforce/analytics/mod.rs"),
        include_str!("../../../src/dialect/salesforce/chatter/mod.rs"),
        include_str!("../../../src/dialect/salesforce/bulk/mod.rs"),
    ];
    let names = sources.into_iter().flat_map(|source| {
        let (_, body) = source.split_once("fn name(&self)").unwrap();
        let (body, _) = body.split_once("\n    }\n").unwrap();
        let quoted = body.split("=> \"").skip(1);
        quoted.filter_map(|rest| rest.split('"').next())
    });
    names.collect()
}

/// What became of one route.
#[derive(Default)]
struct Row {
    below: BTreeSet<u16>,
    person: String,
    program: String,
}

/// As the Bulk API 1.0 says it.
fn is_turned_away(answer: &Answer) -> bool {
    answer.status == 400 && answer.body.contains("InvalidSessionId")
}

/// Tries all routes in all states; `of` gives what identifies one.
async fn tried(office: &Office, role: &str, routes: &[Route]) -> Vec<Row> {
    let mut rows: Vec<Row> = routes.iter().map(|_| Row::default()).collect();
    // First, because its proof lapses with time.
    for state in [State::Program, State::Person] {
        let mut browser = state.browser(office, role).await;
        for (route, row) in routes.iter().zip(&mut rows) {
            let before = office.asked();
            let answer = route.ask(&mut browser).await;
            let asked = office.asked() - before;
            if state == State::Person && route.is_of_a_program() {
                assert!(asked == 0 && answer.status >= 400, "{}", answer.body);
                "closed".clone_into(&mut row.person);
                continue;
            }
            assert!(
                asked > 0,
                "{} {} does not reach the CRM: {} {}",
                route.method,
                route.path,
                answer.status,
                answer.body
            );
            let cell = match state {
                State::Program => &mut row.program,
                _ => &mut row.person,
            };
            "served".clone_into(cell);
            office.clock.forward(1);
        }
    }
    for state in State::BELOW {
        let mut browser = state.browser(office, role).await;
        let before = office.asked();
        for (route, row) in routes.iter().zip(&mut rows) {
            let mut answers = vec![route.ask(&mut browser).await];
            if route.method == "GET" {
                answers.push(browser.fetch(&route.path).await);
            }
            for answer in answers {
                let at = format!("{} {} with {}", route.method, route.path, state.text());
                let led = answer.location().starts_with("/.sluis/sign-in");
                let closed = matches!(answer.status, 401 | 403)
                    || answer.status == 303 && led
                    || is_turned_away(&answer);
                assert!(closed, "{at}: {} {}", answer.status, answer.body);
                assert!(!answer.body.contains(CONTACT), "{at}: {}", answer.body);
                assert!(answer.body.len() < 2000, "{at}: {}", answer.body);
                row.below.insert(answer.status);
            }
        }
        assert_eq!(
            office.asked(),
            before,
            "the CRM was asked with {}",
            state.text()
        );
    }
    rows
}

/// Our own pages: what of them answers in which state.
async fn own_pages(office: &Office) -> BTreeMap<(String, String), (BTreeSet<u16>, u16)> {
    let mut seen: BTreeMap<(String, String), (BTreeSet<u16>, u16)> = BTreeMap::new();
    // To our own pages a cookie is a cookie, whatever stands beside it.
    let below = State::BELOW.into_iter();
    let below = below.filter(|state| *state != State::CookieBesideRefusedToken);
    // What ends the session comes last.
    let mut routes: Vec<_> = sluis::signin::routes().collect();
    routes.sort_by_key(|(_, path)| *path == "/sign-out");
    for state in below.chain([State::Person]) {
        let browser = state.browser(office, "support").await;
        let before = office.asked();
        for (method, path) in &routes {
            // A twin, because a step may change its cookie.
            let mut browser = browser.twin_with_extra();
            let path = format!("/.sluis{path}");
            office.clock.forward(3);
            let answer = match method.as_str() {
                "GET" => browser.get(&path).await,
                _ => browser.post(&path, &[]).await,
            };
            let at = format!("{method} {path} with {}", state.text());
            assert!(!answer.body.contains(CONTACT), "{at}");
            let entry = seen.entry((path.clone(), method.to_string())).or_default();
            if state == State::Person {
                entry.1 = answer.status;
                continue;
            }
            entry.0.insert(answer.status);
            assert!(
                !answer.body.contains("Sanne Vermeer"),
                "{at}: {}",
                answer.body
            );
            if path.starts_with("/.sluis/account") {
                let led = answer.location().starts_with("/.sluis/sign-in");
                assert!(answer.status == 303 && led, "{at}: {}", answer.status);
            }
        }
        assert_eq!(
            office.asked(),
            before,
            "the CRM was asked with {}",
            state.text()
        );
    }
    seen
}

#[tokio::test]
async fn below_two_factors_no_route_of_any_policy_serves_or_asks_anything() {
    let mut page = String::from(HEAD);
    for state in State::BELOW {
        writeln!(page, "- {}", state.text()).unwrap();
    }

    let policy = "policies/creme.toml";
    let office = Office::before(Some(policy)).await;
    let routes = described(policy);
    let rows = tried(&office, "sales", &routes).await;
    table(
        &mut page,
        "The pages of `policies/creme.toml`",
        &routes,
        &rows,
    );

    let office = Office::open().await;
    let mut routes = doors(&office.contact);
    routes.extend(bulk::doors(&office).await);
    let tried_names: BTreeSet<&str> = routes.iter().map(|route| route.name.as_str()).collect();
    assert_eq!(tried_names, names_of_doors());
    let rows = tried(&office, "support", &routes).await;
    table(&mut page, "Salesforce's REST and Bulk APIs", &routes, &rows);

    own_table(&mut page, &own_pages(&Office::open().await).await);
    held_to(&page);
}

fn table(page: &mut String, title: &str, routes: &[Route], rows: &[Row]) {
    writeln!(page, "\n## {title}\n").unwrap();
    writeln!(
        page,
        "| Route | Request | Below two factors | A person | A program |"
    )
    .unwrap();
    writeln!(page, "| --- | --- | --- | --- | --- |").unwrap();
    for (route, row) in routes.iter().zip(rows) {
        writeln!(
            page,
            "| {} | {} `{}` | {} | {} | {} |",
            route.name,
            route.method,
            route.pattern.replace('|', "\\|"),
            statuses(&row.below),
            row.person,
            row.program
        )
        .unwrap();
    }
}

fn own_table(page: &mut String, seen: &BTreeMap<(String, String), (BTreeSet<u16>, u16)>) {
    page.push_str(OWN);
    for ((path, method), (below, full)) in seen {
        writeln!(page, "| {method} `{path}` | {} | {full} |", statuses(below)).unwrap();
    }
}

fn statuses(all: &BTreeSet<u16>) -> String {
    let all: Vec<String> = all.iter().map(u16::to_string).collect();
    all.join(", ")
}

/// The document says what was seen; by `SLUIS_BLESS` it is made to.
fn held_to(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/access.md");
    if std::env::var_os("SLUIS_BLESS").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/access.md is not what the test makes: write it by SLUIS_BLESS=1 cargo test --test it staff::matrix"
    );
}

const HEAD: &str = "# Who gets what

Every route in every state that a person or program can be in, tried against the running product by
`cargo test --test it staff::matrix`. Made by the test; do not edit.

The routes are those of the policy file, of the dialect and of the pages under `/.sluis/` themselves:
one that is added is tried, or the test fails. Below two factors each request must be answered by
303 to the sign-in page, 401 or 403, without a byte of the CRM, and the CRM must not be asked. With
two factors the same request must reach the CRM. GET routes are asked for as a page and by a script.
The Bulk API 1.0 says 400 and `InvalidSessionId`. It is for programs, and a job is its maker's: a
session of a person, with two factors or not, opens nothing of them (`closed`).

Below two factors are:

";

const OWN: &str = "
## The border's own pages

In no state is the CRM asked. Below two factors no page says anything of a person, and everything
under `account` leads to the sign-in page. The requests are those of a browser that shows the answer
as a page of its own, and have nothing in them but the token of the form, so a form that is taken at
all answers 400 or more. `staff::scripts` tries the same as a script of the CRM's.

| Request | Below two factors | A person |
| --- | --- | --- |
";
