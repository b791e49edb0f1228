//! What people do in a CRM: sign in, create, list, open, edit, search, export.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::Value;

use super::house::{CANARY, House, Who};

const PHONE: &str = "+31 6 12345678";
const MAIL: &str = "zoe.kanariezuidwest@example.nl";

async fn made(house: &House) -> Result<()> {
    let form = [
        ("csrf", "abcdefgh"),
        ("first_name", "Zoë"),
        ("last_name", CANARY),
        ("email", MAIL),
        ("phone", PHONE),
        ("number", "K-1000001"),
        ("birthday", "1980-05-06"),
        ("note", "Belt graag in de ochtend."),
        ("sector", "3"),
        ("_", CANARY),
    ];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    assert_eq!(answer.headers()["location"], "/contact/1");
    Ok(())
}

#[tokio::test]
async fn people_see_names_where_the_crm_holds_tokens() -> Result<()> {
    let house = House::start()?;
    made(&house).await?;
    for (field, exact) in [("sector", "3"), ("birthday", "1980-01-01")] {
        assert_eq!(house.crm.held(1, field), exact);
    }
    assert!(house.crm.held(1, "last_name").starts_with("tq"));
    assert!(house.crm.held(1, "email").ends_with("@token.example.eu"));
    assert!(house.crm.held(1, "note").starts_with("tq1"));
    assert_eq!(house.crm.held(1, "_"), "");

    let answer = house
        .request(Who::Sales, Method::GET, "/contact/1")
        .send()
        .await?;
    let headers = answer.headers().clone();
    let page = answer.text().await?;
    for part in [
        format!("<title>{CANARY}</title>"),
        format!("var name = \"{CANARY}\";"),
        format!("<h1 title='{CANARY}'>Contact {CANARY}, upper {CANARY}</h1>"),
        format!("<textarea>{CANARY}</textarea>"),
        "<p id=note>Belt graag in de ochtend.</p>".to_owned(),
    ] {
        assert!(page.contains(&part), "{part} in {page}");
    }
    assert!(!page.contains(&house.crm.address.to_string()), "{page}");
    // Browsers load addresses without being asked, and the CRM would read the name there.
    let (_, link) = page.split_once("/contacts?q=").context("a link")?;
    let (token, _) = link.split_once('"').context("its end")?;
    assert!(token.starts_with("tq"), "{token}");
    let (_, others) = house
        .get(Who::Sales, &format!("/contacts?q={token}"))
        .await?;
    assert!(others.contains(CANARY), "{others}");
    assert_eq!(headers["cache-control"], "no-store");
    let policy = headers["content-security-policy"].to_str()?;
    assert!(
        policy.starts_with("default-src 'self'") && policy.contains("report-uri"),
        "{policy}"
    );

    let (_, list) = house.get(Who::Sales, "/contacts").await?;
    assert!(list.contains(&format!("mailto:{MAIL}")), "{list}");
    let (_, export) = house.get(Who::Sales, "/export/json").await?;
    let export: Value = serde_json::from_str(&export)?;
    assert_eq!(export[0]["phone"], PHONE);
    assert_eq!(export[0]["first_name"], "Zoë");
    let (_, brick) = house.get(Who::Sales, "/brick/1").await?;
    let brick: Value = serde_json::from_str(&brick)?;
    assert!(brick[0][1].as_str().unwrap_or_default().contains(CANARY));
    house.crm_never_had(&[CANARY, "zoekanariezuidwest"])?;
    // The scan finds a value that does leave: the CRM's own session.
    assert!(house.crm_never_had(&["abcdefgh12345678"]).is_err());
    Ok(())
}

#[tokio::test]
async fn signing_in_to_the_crm_brings_its_cookie_and_no_other() -> Result<()> {
    let house = House::start()?;
    let form = [("username", "anna"), ("password", "geheim woord!")];
    let answer = house
        .post(Who::Sales, "/login?next=%2Fcontacts", &form)
        .await?;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "/contacts");
    let cookies: Vec<&str> = answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let shapes: Vec<String> = cookies
        .iter()
        .map(|cookie| {
            let (pair, attributes) = cookie.split_once(';').unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or_default();
            let value = match value.starts_with("slb1.") {
                true => "SEALED",
                false => value,
            };
            format!("{name}={value};{attributes}")
        })
        .collect();
    assert_eq!(
        shapes,
        [
            "sid=SEALED; Secure; Path=/; HttpOnly; SameSite=Lax",
            "csrf=readable12345678; Secure; Path=/; SameSite=Lax",
            "csrf.bound=SEALED; Secure; Path=/; HttpOnly; SameSite=Lax",
            "own=SEALED; Secure; Path=/; HttpOnly; SameSite=Lax",
            "zone=Europe; Secure; Path=/; SameSite=Lax",
        ]
    );
    house.get(Who::Sales, "/contacts").await?;
    let sent = String::from_utf8_lossy(&house.crm.kept().bytes).into_owned();
    assert!(
        sent.contains("password=geheim") && !sent.contains("ours-and-secret"),
        "{sent}"
    );
    Ok(())
}

#[tokio::test]
async fn a_form_that_is_saved_unchanged_by_somebody_who_sees_a_mask_overwrites_nothing()
-> Result<()> {
    let house = House::start()?;
    made(&house).await?;
    let phone = house.crm.held(1, "phone");
    let (_, page) = house.get(Who::Marketing, "/contact/edit/1").await?;
    assert!(
        page.contains(&format!("value=\"{phone}\"")) && !page.contains(PHONE),
        "{page}"
    );
    assert!(page.contains(CANARY), "{page}");
    let form = [
        ("first_name", "Zoë"),
        ("last_name", "Kanariezuidoost"),
        ("phone", phone.as_str()),
    ];
    for multipart in [false, true] {
        let answer = match multipart {
            false => house.post(Who::Marketing, "/contact/edit/1", &form).await?,
            true => {
                house
                    .post_multipart(Who::Marketing, "/contact/edit/1", &form)
                    .await?
            }
        };
        assert_eq!(answer.status(), 302, "{}", answer.text().await?);
        assert_eq!(house.crm.held(1, "phone"), phone);
        let (_, page) = house.get(Who::Sales, "/contact/1").await?;
        assert!(page.contains(&format!("<p id=phone>{PHONE}</p>")), "{page}");
        assert!(page.contains("Kanariezuidoost"), "{page}");
    }
    Ok(())
}

#[tokio::test]
async fn a_form_that_is_saved_unchanged_by_somebody_who_sees_the_values_changes_nothing()
-> Result<()> {
    let house = House::start()?;
    made(&house).await?;
    let fields = ["first_name", "last_name", "email", "phone"];
    let held = || fields.map(|field| house.crm.held(1, field));
    let before = held();
    let form = [
        ("first_name", "Zoë"),
        ("last_name", CANARY),
        ("email", MAIL),
        ("phone", PHONE),
    ];
    for multipart in [false, true] {
        let answer = match multipart {
            false => house.post(Who::Sales, "/contact/edit/1", &form).await?,
            true => {
                house
                    .post_multipart(Who::Sales, "/contact/edit/1", &form)
                    .await?
            }
        };
        assert_eq!(answer.status(), 302, "{}", answer.text().await?);
        assert_eq!(held(), before);
    }
    // One letter is another value, and so is the same value of another record.
    let mut changed = form;
    changed[1].1 = "Kanariezuidoost";
    house.post(Who::Sales, "/contact/edit/1", &changed).await?;
    let after = held();
    assert_ne!(after[1], before[1]);
    assert_eq!(
        [&after[0], &after[2], &after[3]],
        [&before[0], &before[2], &before[3]]
    );
    house.post(Who::Sales, "/contact/add", &form).await?;
    assert_ne!(house.crm.held(2, "first_name"), after[0]);
    // Who does not see the number and guesses it right makes a new token, as for a wrong guess.
    let guess = [("first_name", "Zoë"), ("phone", PHONE)];
    house
        .post(Who::Marketing, "/contact/edit/1", &guess)
        .await?;
    assert_ne!(house.crm.held(1, "phone"), after[3]);
    // What stayed is still there to be seen.
    let (_, page) = house.get(Who::Sales, "/contact/1").await?;
    assert!(
        page.contains("Kanariezuidoost") && page.contains(PHONE),
        "{page}"
    );
    house.crm_never_had(&[CANARY, "Kanariezuidoost"])
}

#[tokio::test]
async fn a_save_that_the_crm_answers_with_its_form_lets_go_of_nothing() -> Result<()> {
    let house = House::start()?;
    made(&house).await?;
    let form = [
        ("first_name", ""),
        ("last_name", "Anders"),
        ("phone", "0201234567"),
    ];
    let answer = house.post(Who::Sales, "/contact/edit/1", &form).await?;
    assert_eq!(answer.status(), 200);
    let again = answer.text().await?;
    assert!(
        again.contains("value=\"Anders\"") && again.contains("0201234567"),
        "{again}"
    );
    let (_, page) = house.get(Who::Sales, "/contact/1").await?;
    assert!(page.contains(CANARY) && page.contains(PHONE), "{page}");
    Ok(())
}

#[tokio::test]
async fn a_save_that_the_crm_leads_on_without_having_done_lets_go_of_nothing() -> Result<()> {
    let house = House::start()?;
    made(&house).await?;
    let form = [
        ("first_name", "Zoë"),
        ("last_name", "Anders"),
        ("phone", "0201234567"),
    ];
    house.crm.kept().idle = true;
    // A record that is locked, and one that somebody made already.
    for target in ["/contact/edit/1", "/contact/add"] {
        let answer = house.post(Who::Sales, target, &form).await?;
        assert_eq!(answer.status(), 302);
        let (_, page) = house.get(Who::Sales, "/contact/1").await?;
        assert!(page.contains(CANARY) && page.contains(PHONE), "{page}");
    }
    house.crm.kept().idle = false;
    house.post(Who::Sales, "/contact/edit/1", &form).await?;
    let (_, page) = house.get(Who::Sales, "/contact/1").await?;
    assert!(page.contains("Anders") && !page.contains(CANARY), "{page}");
    house.crm_never_had(&[CANARY])
}

#[tokio::test]
async fn a_search_asks_for_the_token_of_the_whole_value_and_never_for_words() -> Result<()> {
    let house = House::start()?;
    made(&house).await?;
    for target in [
        format!("/contacts?q={CANARY}"),
        format!("/contacts?q={}&page=1&_=17", CANARY.to_uppercase()),
        "/contacts?q=zoe.kanariezuidwest%40example.nl".to_owned(),
        "/contacts?number=K-1000001".to_owned(),
        "/contacts?q=".to_owned(),
    ] {
        let (status, page) = house.get(Who::Sales, &target).await?;
        assert!(status == 200 && page.contains(CANARY), "{target}: {page}");
    }
    for target in ["/contacts?q=kanariezuid", "/contacts?q=Iemand%20Anders"] {
        let (status, page) = house.get(Who::Sales, target).await?;
        assert_eq!((status, page.as_str()), (200, "<ul></ul>"), "{target}");
    }
    let answer = house
        .post(Who::Sales, "/contacts", &[("q", CANARY)])
        .await?;
    assert!(answer.text().await?.contains(CANARY));
    // Who may not see an address learns nothing by asking for it; a name that they see is found.
    let mail = "/contacts?q=zoe.kanariezuidwest%40example.nl";
    let (_, page) = house.get(Who::Marketing, mail).await?;
    assert_eq!(page, "<ul></ul>");
    let (_, page) = house
        .get(Who::Marketing, &format!("/contacts?q={CANARY}"))
        .await?;
    assert!(page.contains(CANARY), "{page}");
    // A second person of that name has another token, and the page's search takes one.
    made_twice(&house).await?;
    let (status, page) = house
        .get(Who::Sales, &format!("/contacts?q={CANARY}"))
        .await?;
    assert!(status == 422 && page.contains("query-clause"), "{page}");
    house.crm_never_had(&[CANARY, "kanariezuid"])?;
    Ok(())
}

async fn made_twice(house: &House) -> Result<()> {
    let form = [("first_name", "Jan"), ("last_name", CANARY)];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302);
    Ok(())
}

#[tokio::test]
async fn static_files_pass_as_they_are_and_reports_of_browsers_are_counted() -> Result<()> {
    let house = House::start()?;
    let answer = house
        .request(Who::Sales, Method::GET, "/static/css/a.css")
        .send()
        .await?;
    assert_eq!(answer.headers()["content-type"], "text/css");
    assert_eq!(answer.text().await?, "body{color:#123}");
    let report = house
        .request(Who::Sales, Method::POST, "/.sluis/csp")
        .body("{\"csp-report\":{}}");
    assert_eq!(report.send().await?.status(), 204);
    assert_eq!(house.crm.kept().log, ["GET /static/css/a.css"]);
    Ok(())
}

#[tokio::test]
async fn an_export_has_values_and_nothing_that_a_spreadsheet_computes() -> Result<()> {
    let house = House::start()?;
    let form = [
        ("first_name", "Zoë"),
        ("last_name", "=HYPERLINK(\"x\";1)"),
        ("phone", PHONE),
    ];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    let answer = house
        .request(Who::Sales, Method::GET, "/export/csv")
        .send()
        .await?;
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let export = answer.text().await?;
    assert!(export.contains("\"'=HYPERLINK(\"\"x\"\";1)\""), "{export}");
    let (_, masked) = house.get(Who::Marketing, "/export/csv").await?;
    assert!(
        !masked.contains("12345678") && masked.contains(",tq"),
        "{masked}"
    );
    Ok(())
}
