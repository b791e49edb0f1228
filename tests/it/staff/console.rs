//! Who opens what at the console: every route, tried by everybody.

use std::collections::BTreeMap;

use sluis::console::{self, Asked};
use sluis::gate::staff::{ConsoleRole, ConsoleRoles};

use super::browser::{Answer, Browser, SCRIPT, SHOWN};
use super::office::Office;

/// All that stands in the table, with a name that nobody has where a path is open.
fn routes() -> Vec<(String, String, Option<ConsoleRoles>, Asked)> {
    let routes = console::routes().map(|(method, path, roles, asked)| {
        (method.to_string(), path.replace("{}", "9999"), roles, asked)
    });
    routes.collect()
}

async fn ask(browser: &Browser, method: &str, path: &str, asked: Asked) -> Answer {
    let mut twin = browser.twin();
    match (method, asked) {
        ("GET", _) => twin.get(path).await,
        (_, Asked::ByScript) => {
            let token = twin.token().await;
            let form = [("token", token.as_str()), ("policy", "version = 1")];
            let fields = [&[("sec-fetch-site", "same-origin")][..], &SCRIPT[..]].concat();
            twin.post_from(path, &form, &own(browser, &fields)).await
        }
        _ => twin.post(path, &[]).await,
    }
}

/// The fields with the browser's own origin.
fn own<'f>(browser: &'f Browser, fields: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    [&[("origin", browser.origin())][..], fields].concat()
}

fn leads_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().starts_with("/.sluis/sign-in")
}

#[tokio::test]
async fn every_route_opens_for_its_roles_and_for_nobody_else() {
    let office = Office::open().await;
    let mut seats = BTreeMap::new();
    for role in ConsoleRole::ALL {
        let (_, browser) = office.console_person(role.name(), &[role.name()]).await;
        seats.insert(role.name(), (role, browser));
    }
    let (_, roleless) = office.console_person("roleless", &[]).await;
    let nobody = office.at_console();
    let half = {
        let (person, _) = office
            .console_person("half", &["admin", "editor", "approver"])
            .await;
        let mut browser = office.at_console();
        let form = [
            ("login", person.login),
            ("password", super::office::PASSWORD),
        ];
        let answer = browser.post("/.sluis/sign-in", &form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    };
    // A session of the border's, of somebody who may do everything at the console.
    let all: Vec<&str> = ConsoleRole::ALL.iter().map(|role| role.name()).collect();
    let (person, chief) = office.console_person("chief", &all).await;
    let border = office.signed_in(&person).await;
    let mut stranger = office.at_console();
    stranger.cookie.clone_from(&border.cookie);

    for (method, path, roles, asked) in routes() {
        let place = format!("{method} {path}");
        let Some(roles) = roles else {
            let answer = ask(&nobody, &method, &path, asked).await;
            assert_eq!(answer.status, 200, "{place}");
            continue;
        };
        for (who, browser) in [("nobody", &nobody), ("half", &half), ("border", &stranger)] {
            let answer = ask(browser, &method, &path, asked).await;
            assert!(
                leads_to_sign_in(&answer),
                "{place} as {who}: {}",
                answer.status
            );
        }
        let answer = ask(&roleless, &method, &path, asked).await;
        assert_eq!(answer.status, 403, "{place} without a role");
        for (role, browser) in seats.values() {
            let answer = ask(browser, &method, &path, asked).await;
            let name = role.name();
            if roles.has(*role) {
                assert_ne!(answer.status, 403, "{place} as {name}: {}", answer.body);
                assert!(!leads_to_sign_in(&answer), "{place} as {name}");
                assert!(answer.status < 500, "{place} as {name}: {}", answer.status);
            } else {
                assert_eq!(answer.status, 403, "{place} as {name}");
                for needed in roles.iter() {
                    assert!(answer.body.contains(needed.name()), "{place} as {name}");
                }
            }
        }
        forged(&chief, &method, &path, asked).await;
    }
}

/// Somebody who may do everything is not made to do it by another site or a script.
async fn forged(chief: &Browser, method: &str, path: &str, asked: Asked) {
    let place = format!("{method} {path}");
    if method == "GET" {
        for fields in [
            &SCRIPT[..],
            &[][..],
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")][..],
        ] {
            let answer = chief.twin().get_as(path, fields).await;
            assert_eq!(answer.status, 403, "{place} for {fields:?}");
        }
        return;
    }
    let token = chief.token().await;
    let shown = [("token", token.as_str())];
    for from in [
        &[
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ][..],
        &[
            ("origin", "https://localhost"),
            ("sec-fetch-site", "same-site"),
        ][..],
        &[][..],
    ] {
        let fields = [from, ways(asked).0].concat();
        let answer = chief.twin().post_from(path, &shown, &fields).await;
        assert_eq!(answer.status, 403, "{place} from {from:?}");
    }
    let own = [("sec-fetch-site", "same-origin")];
    for form in [&[][..], &[("token", "AAAA")][..]] {
        let fields = [&own[..], ways(asked).0].concat();
        let answer = chief.twin().post_from(path, form, &fields).await;
        assert_eq!(answer.status, 403, "{place} with {form:?}");
    }
    // A form is nothing for a script, and what a script asks for nothing for a page.
    let fields = [&own[..], ways(asked).1].concat();
    let answer = chief.twin().post_from(path, &shown, &fields).await;
    assert_eq!(answer.status, 403, "{place} in another way");
}

/// Names and values of header fields.
type Fields = &'static [(&'static str, &'static str)];

/// The way in which a browser asks for a route, and the other one.
fn ways(asked: Asked) -> (Fields, Fields) {
    match asked {
        Asked::ByScript => (&SCRIPT, &SHOWN),
        Asked::Plainly | Asked::Fresh => (&SHOWN, &SCRIPT),
    }
}

#[tokio::test]
async fn what_needs_a_fresh_factor_leads_to_it_when_it_is_old() {
    let office = Office::open().await;
    let all: Vec<&str> = ConsoleRole::ALL.iter().map(|role| role.name()).collect();
    let (_, chief) = office.console_person("chief", &all).await;
    office.clock.forward(10 * 60);
    let mut tried = 0;
    for (method, path, _, asked) in routes() {
        if asked != Asked::Fresh {
            continue;
        }
        let answer = ask(&chief, &method, &path, asked).await;
        assert_eq!(answer.status, 303, "{method} {path}");
        assert!(answer.location().starts_with("/.sluis/step-up"), "{path}");
        tried += 1;
    }
    assert!(tried > 5);
}

#[tokio::test]
async fn an_administrator_invites_changes_and_shuts_out_and_the_ledger_has_it() {
    let office = Office::open().await;
    let (_, mut ilse) = office.console_person("ilse", &["admin"]).await;
    let invited = ilse
        .post(
            "/people",
            &[
                ("login", "joris"),
                ("display", "Joris <b>van Dam</b>"),
                ("purpose", "administration"),
                ("console-viewer", "on"),
            ],
        )
        .await;
    assert_eq!(invited.status, 200, "{}", invited.body);
    assert!(invited.body.contains("/.sluis/enrol?link="));
    assert!(!invited.body.contains("<b>van"), "a name is markup");
    let twice = ilse
        .post(
            "/people",
            &[
                ("login", "joris"),
                ("display", "J"),
                ("purpose", "administration"),
                ("console-viewer", "on"),
            ],
        )
        .await;
    assert_eq!(twice.status, 422);
    assert!(!twice.body.contains("/.sluis/enrol?link="));
    let changed = ilse
        .post("/people/joris/roles", &[("console-auditor", "on")])
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let people = office.gate().people().unwrap();
    let joris = people
        .iter()
        .find(|person| person.login == "joris")
        .unwrap();
    assert_eq!(joris.console.to_string(), "auditor");
    let out = ilse.post("/people/joris/disable", &[]).await;
    assert_eq!(out.status, 200);
    // Nobody changes themselves, whatever the case of the letters.
    for own in ["ilse", "ILSE"] {
        let path = format!("/people/{own}/roles");
        let answer = ilse.post(&path, &[("console-approver", "on")]).await;
        assert_eq!(answer.status, 403, "{own}");
    }
    let entries = office.ledger();
    for act in ["user.add", "user.console", "user.disable"] {
        let found = entries
            .iter()
            .rfind(|entry| entry["operation"] == act)
            .unwrap();
        assert_eq!(found["client"], "ilse", "{act}");
        assert_eq!(found["kind"], "admin", "{act}");
        assert_eq!(found["fields"][0]["c"], "joris", "{act}");
    }
    assert!(office.ledger_holds());
}

#[tokio::test]
async fn what_gives_somebody_a_say_takes_a_second_administrator() {
    let office = Office::open().await;
    let (_, mut ilse) = office.console_person("ilse", &["admin"]).await;
    let (_, mut sven) = office.console_person("sven", &["admin"]).await;
    let (_, mut carla) = office.console_person("carla", &["approver"]).await;
    let joris = [
        ("login", "joris"),
        ("display", "Joris van Dam"),
        ("purpose", "administration"),
        ("console-editor", "on"),
    ];
    let asked = ilse.post("/people", &joris).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(!asked.body.contains("/.sluis/enrol?link="));
    assert!(
        office
            .gate()
            .people()
            .unwrap()
            .iter()
            .all(|one| one.login != "joris")
    );
    let id = office.gate().proposals().unwrap()[0].id;
    let (confirm, refuse) = (
        format!("/proposals/{id}/confirm"),
        format!("/proposals/{id}/refuse"),
    );
    assert!(
        !asked.body.contains(&confirm),
        "nobody confirms what they want"
    );
    assert_eq!(ilse.post(&confirm, &[]).await.status, 422);
    assert_eq!(carla.post(&confirm, &[]).await.status, 403);
    let page = sven.get("/people").await;
    assert!(page.body.contains(&confirm) && page.body.contains(&refuse));
    let done = sven.post(&confirm, &[]).await;
    assert!(done.body.contains("/.sluis/enrol?link="), "{}", done.body);
    assert_eq!(sven.post(&confirm, &[]).await.status, 422, "once");

    // An administrator gets no link in the name of somebody who decides.
    let reset = ilse.post("/people/carla/reset", &[]).await;
    assert_eq!(reset.status, 200);
    assert!(!reset.body.contains("/.sluis/enrol?link="));
    assert_eq!(
        carla.get("/versions").await.status,
        200,
        "nothing was done yet"
    );
    let id = office.gate().proposals().unwrap()[0].id;
    let refused = sven.post(&format!("/proposals/{id}/refuse"), &[]).await;
    assert_eq!(refused.status, 200);
    assert!(office.gate().proposals().unwrap().is_empty());
    let acts: Vec<(String, String)> = office
        .ledger()
        .iter()
        .filter(|entry| entry["operation"].as_str().unwrap().starts_with("propose."))
        .map(|entry| (entry["operation"].to_string(), entry["client"].to_string()))
        .collect();
    let told = |act: &str, who: &str| (format!("\"{act}\""), format!("\"{who}\""));
    assert_eq!(
        acts,
        [
            told("propose.add", "ilse"),
            told("propose.confirm-add", "sven"),
            told("propose.reset", "ilse"),
            told("propose.refuse-reset", "sven"),
        ]
    );
}

#[tokio::test]
async fn a_program_is_narrowed_by_one_administrator_and_widened_by_two() {
    let office = Office::open().await;
    let (_, mut ilse) = office.console_person("ilse", &["admin"]).await;
    let (_, mut sven) = office.console_person("sven", &["admin"]).await;
    let page = ilse.get("/clients/demo").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for part in [
        "secret + totp",
        "all that the policy has rules for",
        "static",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(ilse.get("/clients").await.body.contains("/clients/demo"));
    let write = async |fields: &str| {
        let path = "/services/data/v60.0/sobjects/Contact";
        office.post(path, "application/json", fields).await
    };
    let (both, one) = (
        r#"{"LastName":"Spreeuw","Phone":"+31205550142"}"#,
        r#"{"LastName":"Spreeuw"}"#,
    );
    assert_eq!(write(both).await["success"], true);

    for (list, says) in [
        ("Contcat", "Did you mean Contact?"),
        ("Contact.Emial", "Did you mean Email?"),
        ("", "1 to 500 names"),
        ("<b>", "1 to 500 names"),
    ] {
        let answer = ilse.post("/clients/demo/fields", &[("fields", list)]).await;
        assert_eq!(answer.status, 422, "{list}");
        assert!(answer.body.contains(says), "{list}: {}", answer.body);
    }
    let narrow = [("fields", "contact.lastname\r\nContact.Email, Lead")];
    let done = ilse.post("/clients/demo/fields", &narrow).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("Contact.LastName"), "{}", done.body);
    assert!(office.gate().proposals().unwrap().is_empty());
    let refused = write(both).await;
    assert!(refused.to_string().contains("program-fields"), "{refused}");
    assert_eq!(write(one).await["success"], true);

    // What adds to the list waits, and whoever wants it does not confirm it.
    let wider = [("fields", "Contact.LastName\nContact.Phone")];
    for (path, form) in [("fields", &wider[..]), ("all-fields", &[])] {
        let asked = ilse.post(&format!("/clients/demo/{path}"), form).await;
        assert!(asked.body.contains("within a day"), "{}", asked.body);
    }
    assert!(write(both).await.to_string().contains("program-fields"));
    let id = office.gate().proposals().unwrap()[0].id;
    let confirm = format!("/proposals/{id}/confirm");
    assert_eq!(ilse.post(&confirm, &[]).await.status, 422);
    let waiting = sven.get("/people").await;
    assert!(waiting.body.contains("Contact.LastName Contact.Phone"));
    assert_eq!(sven.post(&confirm, &[]).await.status, 200);
    assert_eq!(write(both).await["success"], true);

    let told = |act: &str| {
        let mut entries = office.ledger().into_iter();
        let found = entries.find(|entry| entry["operation"] == act);
        let entry = found.unwrap_or_else(|| panic!("{act}"));
        assert_eq!(entry["fields"][0]["c"], "demo", "{act}");
        entry["client"].as_str().unwrap().to_owned()
    };
    for (act, who) in [
        ("client.fields", "ilse"),
        ("propose.fields", "ilse"),
        ("propose.confirm-fields", "sven"),
    ] {
        assert_eq!(told(act), who, "{act}");
    }
    assert!(office.ledger_holds());
}

#[tokio::test]
async fn a_new_secret_of_a_program_is_shown_once_to_the_second_administrator() {
    let office = Office::open().await;
    let (_, mut ilse) = office.console_person("ilse", &["admin"]).await;
    let (_, mut sven) = office.console_person("sven", &["admin"]).await;
    let asked = ilse.post("/clients/demo/secret", &[]).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(!asked.body.contains("class=\"secret\""), "{}", asked.body);
    let tokens = |office: &Office| office.gate().client("demo").unwrap().unwrap().1;
    assert!(!tokens(&office).is_empty(), "nothing is done yet");
    let id = office.gate().proposals().unwrap()[0].id;
    let confirm = format!("/proposals/{id}/confirm");
    assert_eq!(ilse.post(&confirm, &[]).await.status, 422, "one's own");
    let done = sven.post(&confirm, &[]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let (_, rest) = done.body.split_once("<code class=\"secret\">").unwrap();
    let secret = rest.split('<').next().unwrap().to_owned();
    assert!(secret.len() > 20, "{secret}");
    assert!(tokens(&office).is_empty(), "its tokens end");
    for path in ["/clients/demo", "/people", "/clients"] {
        let page = sven.get(path).await;
        assert!(!page.body.contains(&secret), "{path}");
    }
    let entries = office.ledger();
    for (act, who) in [
        ("propose.secret", "ilse"),
        ("propose.confirm-secret", "sven"),
        ("client.secret", "sven"),
    ] {
        let found = entries.iter().find(|entry| entry["operation"] == act);
        assert_eq!(found.unwrap()["client"], who, "{act}");
    }
    assert!(
        entries
            .iter()
            .all(|entry| !entry.to_string().contains(&secret))
    );
}

#[tokio::test]
async fn an_auditor_seeks_verifies_and_copies_and_sees_no_value() {
    let office = Office::open().await;
    let (_, mut auditor) = office.console_person("ilse", &["auditor"]).await;
    let all = auditor.get("/ledger").await;
    assert_eq!(all.status, 200);
    assert!(all.body.contains("Contact.LastName"), "{}", all.body);
    assert!(!all.body.contains(super::office::CONTACT));
    let none = auditor.get("/ledger?object=Lead&from=2026-01-01").await;
    assert!(!none.body.contains("Contact.LastName"));
    assert_eq!(auditor.get("/ledger?from=yesterday").await.status, 422);
    let verified = auditor.post("/ledger/verify", &[]).await;
    assert_eq!(verified.status, 200, "{}", verified.body);
    let copy = auditor
        .get("/ledger/export?format=jsonl&object=Contact")
        .await;
    assert_eq!(copy.status, 200);
    assert!(copy.header("content-disposition").contains("ledger.jsonl"));
    let lines: Vec<serde_json::Value> = copy
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!lines.is_empty());
    assert!(
        lines
            .iter()
            .all(|line| line["fields"].to_string().contains("Contact."))
    );
    let table = auditor.get("/ledger/export?format=csv&kind=sent").await;
    assert!(table.body.starts_with("number,time,"));
    assert!(table.body.contains("Contact.LastName"));
    assert!(!table.body.contains(super::office::CONTACT));
}

/// Who sees values where a class says nothing, in the starter policy.
const ROLES: &str = "roles = [\"sales\", \"support\", \"privacy\", \"integration\"]";

/// A field of a form on a page.
fn hidden(body: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = body.split(&start).nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A draft of somebody's, with one line of the policy changed; its path.
async fn drafted(editor: &mut Browser, from: &str, to: &str) -> String {
    let title = ("title", "Longer <script>alert(1)</script> times");
    let begun = editor.post("/drafts", &[title]).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let path = begun.location().to_owned();
    let text = editor.get(&format!("{path}/file")).await.body;
    assert!(text.contains(from));
    let page = editor.get(&format!("{path}/text")).await;
    let revision = hidden(&page.body, "revision");
    // Browsers end lines so.
    let policy = text.replacen(from, to, 1).replace('\n', "\r\n");
    let form = [("revision", revision.as_str()), ("policy", &policy)];
    let saved = editor.post(&format!("{path}/text"), &form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    path
}

#[tokio::test]
async fn a_rule_changes_by_two_people_and_by_no_one_alone() {
    let office = Office::open().await;
    let (_, mut noor) = office.console_person("noor", &["editor"]).await;
    let (_, mut chief) = office
        .console_person("chief", &["editor", "approver"])
        .await;
    let (_, mut bram) = office.console_person("bram", &["approver"]).await;
    let path = drafted(&mut noor, ROLES, &ROLES.replace("[", "[\"marketing\", ")).await;
    let page = noor.get(&path).await;
    assert!(page.body.contains("marketing gets to see"), "{}", page.body);
    assert!(!page.body.contains("<script>alert"), "a title is markup");
    let seen = hidden(&page.body, "seen");
    let act = |act: &str| format!("{path}/{act}");
    let silent = noor.post(&act("submit"), &[("seen", &seen)]).await;
    assert_eq!(silent.status, 422, "weaker without a reason");
    let form = [("seen", seen.as_str()), ("reason", "Campaigns ask for it.")];
    let submitted = noor.post(&act("submit"), &form).await;
    assert_eq!(submitted.status, 200, "{}", submitted.body);
    assert_eq!(noor.post(&act("approve"), &form).await.status, 403);
    // What was approved is what was seen.
    let page = bram.get(&path).await;
    let seen = hidden(&page.body, "seen");
    let stale = bram
        .post(&act("approve"), &[("seen", &"0".repeat(64))])
        .await;
    assert_eq!(stale.status, 422);
    // Whoever edits it has a hand in it, whatever their roles.
    let other = drafted(&mut chief, ROLES, &ROLES.replace(", \"integration\"", "")).await;
    let own = chief.get(&other).await;
    let own_seen = hidden(&own.body, "seen");
    let handed = [("seen", own_seen.as_str()), ("reason", "Fewer people.")];
    assert_eq!(
        chief.post(&format!("{other}/submit"), &handed).await.status,
        200
    );
    let own = chief.get(&other).await;
    assert!(!own.body.contains(&format!("{other}/approve")));
    let approved = chief.post(&format!("{other}/approve"), &handed).await;
    assert_eq!(approved.status, 422);

    let live = bram.post(&act("approve"), &[("seen", &seen)]).await;
    assert_eq!(live.status, 200, "{}", live.body);
    let version = bram.get("/versions/2").await;
    for name in ["noor", "bram", "Campaigns ask for it."] {
        assert!(version.body.contains(name), "{name}");
    }
    // The other draft is behind, and is merged before it is handed in again.
    let behind = bram
        .post(&format!("{other}/approve"), &[("seen", &own_seen)])
        .await;
    assert_eq!(behind.status, 422);
    let page = chief.get(&other).await;
    let revision = hidden(&page.body, "revision");
    let merged = chief
        .post(&format!("{other}/merge"), &[("revision", &revision)])
        .await;
    assert!(
        merged.body.contains("&lt;&lt;&lt;&lt;") || merged.body.contains("&#60;&#60;"),
        "both stand in it"
    );
}

#[tokio::test]
async fn the_second_editor_gets_both_texts_and_nothing_is_lost() {
    let office = Office::open().await;
    let (_, mut noor) = office.console_person("noor", &["editor"]).await;
    let (_, mut joris) = office.console_person("joris", &["editor"]).await;
    let path = drafted(&mut noor, "[defaults]", "[defaults] # noor").await;
    let text = noor.get(&format!("{path}/file")).await.body;
    let page = noor.get(&format!("{path}/text")).await;
    let revision = hidden(&page.body, "revision");
    let save = |policy: String| {
        [
            ("revision".to_owned(), revision.clone()),
            ("policy".to_owned(), policy),
        ]
    };
    let first = save(text.replacen("oldest = 50", "oldest = 51", 1));
    let second = save(format!("{text}\n# the second editor\n"));
    let form = |pairs: &[(String, String)]| -> Vec<(String, String)> { pairs.to_vec() };
    for (browser, pairs, status) in [
        (&mut noor, form(&first), 303),
        (&mut joris, form(&second), 422),
    ] {
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let answer = browser.post(&format!("{path}/text"), &pairs).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        if status == 422 {
            assert!(answer.body.contains("# the second editor"));
            assert!(answer.body.contains("oldest = 51"));
            assert_ne!(hidden(&answer.body, "revision"), revision);
        }
    }
    let kept = noor.get(&format!("{path}/file")).await.body;
    assert!(kept.contains("oldest = 51") && !kept.contains("second editor"));
}
