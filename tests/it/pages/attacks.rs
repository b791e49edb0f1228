//! From the attacker's side: unknown names, foreign tokens, poisoned values, other sites.

use anyhow::Result;
use reqwest::{Method, RequestBuilder};

use super::house::{CANARY, House, Who, policy};

async fn made(house: &House, last_name: &str) -> Result<()> {
    let form = [
        ("first_name", "Zoë"),
        ("last_name", last_name),
        ("phone", "0612345678"),
    ];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    Ok(())
}

#[tokio::test]
async fn what_policy_does_not_name_is_refused_without_a_byte_to_the_crm() -> Result<()> {
    let house = House::start()?;
    let get = |target: &str| house.request(Who::Sales, Method::GET, target);
    let post = |kind: &str, body: &str| {
        let request = house.request(Who::Sales, Method::POST, "/contact/add");
        request.header("content-type", kind).body(body.to_owned())
    };
    let form = "application/x-www-form-urlencoded";
    for (request, code) in [
        (get(&format!("/person/{CANARY}")), "endpoint-unknown"),
        (get(&format!("/contact/{CANARY}")), "endpoint-unknown"),
        (get(&format!("/static/{CANARY}%40x.nl")), "endpoint-unknown"),
        (
            house.request(Who::Sales, Method::DELETE, "/contact/1"),
            "method-unknown",
        ),
        (
            get(&format!("/contacts?name={CANARY}")),
            "parameter-unknown",
        ),
        (get(&format!("/contacts?page={CANARY}")), "value-unfit"),
        (get(&format!("/contact/1?q={CANARY}")), "parameter-unknown"),
        (
            post(form, &format!("nickname={CANARY}")),
            "parameter-unknown",
        ),
        (
            post(form, &format!("last_name[]={CANARY}")),
            "parameter-unknown",
        ),
        (
            post(form, &format!("last_name%5B%5D={CANARY}")),
            "parameter-unknown",
        ),
        (post(form, &format!("csrf={CANARY}%20x")), "value-unfit"),
        (post(form, &format!("sector={CANARY}")), "value-unfit"),
        (
            post(form, &format!("back=%2Fcontacts%3Fq%3D{CANARY}")),
            "value-unfit",
        ),
        (post("text/plain", CANARY), "body-media-type"),
        (
            post(
                "application/json",
                &format!("{{\"last_name\":\"{CANARY}\"}}"),
            ),
            "body-media-type",
        ),
        (
            post(
                "multipart/form-data; boundary=b",
                &format!(
                    "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"{CANARY}.png\"\r\n\r\nx\r\n--b--\r\n"
                ),
            ),
            "policy-blocked",
        ),
    ] {
        refused(request, code).await?;
    }
    assert!(house.crm.kept().log.is_empty());
    made(&house, CANARY).await?;
    Ok(())
}

/// Sends it; it must be refused for that reason, on a page that repeats nothing.
async fn refused(request: RequestBuilder, code: &str) -> Result<()> {
    let answer = request.send().await?;
    let (status, kind) = (answer.status(), answer.headers()["content-type"].clone());
    let page = answer.text().await?;
    assert!(page.contains(code), "{code}: {page}");
    assert!(
        matches!(status.as_u16(), 400 | 403 | 422),
        "{code}: {status}"
    );
    assert_eq!(kind, "text/html; charset=utf-8");
    assert!(!page.contains(CANARY), "{page}");
    Ok(())
}

#[tokio::test]
async fn the_names_of_files_and_members_carry_nothing() -> Result<()> {
    let house = House::start()?;
    let get = |target: &str| house.request(Who::Sales, Method::GET, target);
    let form = |body: &str| {
        let request = house.request(Who::Sales, Method::POST, "/contact/add");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(body.to_owned())
    };
    let json = |body: &str| {
        let request = house.request(Who::Sales, Method::POST, "/contact/edit/1");
        let request = request.header("content-type", "application/json");
        request.body(body.to_owned())
    };
    for (request, code) in [
        (form(&format!("photo={CANARY}")), "policy-blocked"),
        (
            json(&format!("{{\"photo\":\"{CANARY}\"}}")),
            "policy-blocked",
        ),
        (
            json(&format!("{{\"last_name\":\"x\",\"{CANARY}\":{{}}}}")),
            "parameter-unknown",
        ),
        (
            json(&format!("{{\"data\":{{\"{CANARY}\":[]}}}}")),
            "parameter-unknown",
        ),
        (
            get(&format!("/contact/add?photo={CANARY}")),
            "parameter-unknown",
        ),
        (form(&format!("back=%2Fstatic%2F{CANARY}")), "value-unfit"),
    ] {
        refused(request, code).await?;
    }
    assert!(house.crm.kept().log.is_empty());
    made(&house, CANARY).await?;
    Ok(())
}

#[tokio::test]
async fn each_of_several_values_of_one_name_is_protected() -> Result<()> {
    let house = House::start()?;
    let form = [
        ("first_name", "Zoë"),
        ("last_name", CANARY),
        ("last_name", "tweedekanariezuid"),
        ("phone", "0612345678"),
    ];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    house.crm_never_had(&[CANARY, "tweedekanariezuid"])?;
    let bytes = String::from_utf8_lossy(&house.crm.kept().bytes).into_owned();
    assert_eq!(bytes.matches("last_name=tq").count(), 2, "{bytes}");
    Ok(())
}

#[tokio::test]
async fn a_token_of_another_record_or_field_is_refused_and_recorded() -> Result<()> {
    let house = House::start()?;
    made(&house, CANARY).await?;
    made(&house, "Anders").await?;
    let (phone, name) = (house.crm.held(1, "phone"), house.crm.held(1, "last_name"));
    let sent = house.crm.kept().log.len();
    for (target, form) in [
        (
            "/contact/edit/2",
            [("first_name", "Jan"), ("phone", phone.as_str())],
        ),
        (
            "/contact/edit/1",
            [("first_name", name.as_str()), ("phone", "")],
        ),
        (
            "/contact/edit/1",
            [("first_name", "Jan"), ("phone", name.as_str())],
        ),
        (
            "/contact/edit/1",
            [("first_name", "Jan"), ("note", phone.as_str())],
        ),
        (
            "/contact/add",
            [("first_name", "Jan"), ("phone", phone.as_str())],
        ),
        (
            "/contact/edit/1",
            [("first_name", "Jan"), ("csrf", phone.as_str())],
        ),
    ] {
        let answer = house.post(Who::Marketing, target, &form).await?;
        let page = answer.text().await?;
        assert!(page.contains("token-foreign"), "{form:?}: {page}");
    }
    assert_eq!(house.crm.kept().log.len(), sent);
    let refused = house.ledger()?.into_iter();
    let refused = refused.filter(|entry| entry["outcome"] == "token-foreign");
    assert_eq!(refused.count(), 6);
    let mine = [("first_name", "Jan"), ("phone", phone.as_str())];
    let kept = house.post(Who::Marketing, "/contact/edit/1", &mine).await?;
    assert_eq!(kept.status(), 302);
    Ok(())
}

#[tokio::test]
async fn a_token_does_not_carry_text_along() -> Result<()> {
    let house = House::start()?;
    made(&house, "Anders").await?;
    let (phone, name) = (house.crm.held(1, "phone"), house.crm.held(1, "last_name"));
    let (status, _) = house
        .get(Who::Sales, &format!("/contacts?q={name}"))
        .await?;
    assert_eq!(status, 200);
    let sent = house.crm.kept().log.len();
    // What a sealed value looks like: a token, its length (24) in five letters, its text.
    let laden = |token: &str| format!("tq1{}aaaay{CANARY}123456789", &token[2..18]);
    for token in [&phone, &name] {
        let search = format!("/contacts?q={}", laden(token));
        let (_, page) = house.get(Who::Marketing, &search).await?;
        assert!(page.contains("token-foreign"), "{page}");
    }
    let form = [("first_name", "Jan"), ("phone", &*laden(&phone))];
    let answer = house.post(Who::Marketing, "/contact/edit/1", &form).await?;
    let page = answer.text().await?;
    assert!(page.contains("token-foreign"), "{page}");
    assert_eq!(house.crm.kept().log.len(), sent);
    house.crm_never_had(&[CANARY])
}

#[tokio::test]
async fn a_number_that_is_asked_for_is_a_value_too() -> Result<()> {
    let house = House::start()?;
    for body in [
        r#"{"number":123456782}"#,
        r#"{"number":"123456782"}"#,
        r#"{"q":true}"#,
    ] {
        let request = house.request(Who::Sales, Method::POST, "/contacts");
        let request = request.header("content-type", "application/json");
        request.body(body).send().await?;
    }
    let kept = house.crm.kept();
    assert_eq!(kept.log.len(), 3);
    let bytes = String::from_utf8_lossy(&kept.bytes).into_owned();
    assert!(!bytes.contains("123456782") && !bytes.contains("true"));
    assert_eq!(bytes.matches(":\"tq").count(), 3, "{bytes}");
    Ok(())
}

#[tokio::test]
async fn a_poisoned_name_shows_as_text_wherever_it_stands() -> Result<()> {
    let house = House::start()?;
    let poisons = [
        "\"><script>alert(1)</script>",
        "'-alert(1)-'",
        "</title><script>alert(1)</script>",
        "</textarea><img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "&quot;>&lt;b&gt;",
        "${alert(1)}\\\";alert(1)//",
    ];
    for (poison, id) in poisons.into_iter().zip(1..) {
        made(&house, poison).await?;
        let (_, page) = house.get(Who::Sales, &format!("/contact/{id}")).await?;
        assert_eq!(tags(&page), [1, 1, 0, 1, 1, 1, 1, 1, 1], "{poison}: {page}");
        let (_, brick) = house.get(Who::Sales, &format!("/brick/{id}")).await?;
        let brick: serde_json::Value = serde_json::from_str(&brick)?;
        let html = brick[0][1].as_str().unwrap_or_default();
        assert!(html.matches("<script").count() <= 1, "{poison}: {html}");
    }
    Ok(())
}

/// How many tags of each kind a page has.
fn tags(page: &str) -> [usize; 9] {
    [
        "<script",
        "</script",
        "<img",
        "<title",
        "</title",
        "<textarea",
        "</textarea",
        "<body",
        "<!--",
    ]
    .map(|tag| page.matches(tag).count())
}

#[tokio::test]
async fn another_site_cannot_make_the_browser_write() -> Result<()> {
    let house = House::start()?;
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null")] {
        let request = house.request(Who::Sales, Method::POST, "/contact/add");
        let mut request = request.form(&[("first_name", "Jan")]).build()?;
        request.headers_mut().insert(name, value.parse()?);
        let answer = house.client.execute(request).await?;
        assert_eq!(answer.status(), 403);
    }
    assert!(house.crm.kept().log.is_empty());
    made(&house, CANARY).await?;
    Ok(())
}

#[tokio::test]
async fn answers_that_policy_does_not_name_stay_outside() -> Result<()> {
    let house = House::start()?;
    for target in ["/away", "/export/txt"] {
        let (status, page) = house.get(Who::Sales, target).await?;
        assert_eq!(status, 502, "{target}: {page}");
        assert!(
            !page.contains("elsewhere") && !page.contains("PK"),
            "{page}"
        );
    }
    let request = house.request(Who::Sales, Method::GET, "/contacts");
    let mut request = request.build()?;
    request.headers_mut().remove("cookie");
    let answer = house.client.execute(request).await?;
    assert_eq!(answer.headers()["location"], "/login?next=/contacts");
    Ok(())
}

#[tokio::test]
async fn scripts_get_refusals_as_json_and_people_in_their_language() -> Result<()> {
    let house = House::start()?;
    let request = house.request(Who::Sales, Method::GET, "/unknown");
    let mut request = request.build()?;
    request
        .headers_mut()
        .insert("sec-fetch-mode", "cors".parse()?);
    let answer: serde_json::Value = house.client.execute(request).await?.json().await?;
    assert_eq!(answer["error"]["code"], "endpoint-unknown");
    let request = house.request(Who::Sales, Method::GET, "/unknown");
    let page = request.header("accept-language", "nl-NL").send().await?;
    assert!(page.text().await?.contains("<html lang=\"nl\">"));
    Ok(())
}

#[test]
fn the_policy_of_these_tests_is_clean() -> Result<()> {
    let source = sluis::policy::Source {
        name: "small.toml".to_owned(),
        text: policy("note = \"free_text\""),
    };
    let table = sluis::policy::FieldTable::salesforce()?;
    let plan =
        sluis::policy::compile(&source, &table).map_err(|report| anyhow::anyhow!("{report}"))?;
    assert!(plan.site().is_some());
    Ok(())
}
