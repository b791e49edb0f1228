//! What policy calls sensitive: served or shown only after a second factor that was shown just now.

use anyhow::{Result, ensure};
use reqwest::Method;

use super::house::{CANARY, House, Who, policy};
use super::people::Person;

const PHONE: &str = "+31 6 12345678";

/// The policy of these tests, with a sensitive class and a sensitive export.
fn sensitive() -> String {
    let text = policy("note = \"free_text\"");
    let class = "[classes.phone]\n";
    let route = "name = \"contact.export\"\n";
    assert!(text.contains(class) && text.contains(route));
    let route_marked = "name = \"contact.export\"\nstep_up = true\n";
    text.replacen(class, "[classes.phone]\nstep_up = true\n", 1)
        .replacen(route, route_marked, 1)
        .replacen(
            "name = \"contact.add\"\n",
            "name = \"contact.add\"\nstep_up = true\n",
            1,
        )
}

/// Moves every second factor that was shown into the past.
fn later(house: &House, minutes: i64) -> Result<()> {
    let changed = house.gate_file()?.execute(
        "UPDATE session SET proven = proven - ?1 * 60000 WHERE proven IS NOT NULL",
        [minutes],
    )?;
    ensure!(changed > 0);
    Ok(())
}

#[tokio::test]
async fn what_is_sensitive_takes_a_second_factor_that_was_shown_just_now() -> Result<()> {
    let house = House::with(&sensitive())?;
    let mut sanne = Person::enrolled(&house, "sanne", "sales").await?;
    let form = [
        ("first_name", "Zoë"),
        ("last_name", CANARY),
        ("phone", PHONE),
    ];
    let add = |person: &Person| {
        let browser = (person.session.as_str(), person.crm.as_str());
        house
            .visit(browser, Method::POST, "/contact/add")
            .form(&form)
    };
    assert_eq!(add(&sanne).send().await?.status(), 302);
    let (status, page, _) = sanne.get(&house, &sanne.crm, "/contact/1").await?;
    assert!(status == 200 && page.contains(PHONE), "{page}");
    let (status, export, _) = sanne.get(&house, &sanne.crm, "/export/csv").await?;
    assert!(status == 200 && export.contains(PHONE), "{export}");

    later(&house, 11)?;
    let token = house.crm.held(1, "phone");
    house.crm.forget();
    let browser = (sanne.session.as_str(), sanne.crm.as_str());
    let led = house.visit(browser, Method::GET, "/export/csv?a=1");
    let led = led.send().await?;
    assert_eq!(led.status(), 403, "an unknown parameter is refused before");
    let led = house
        .visit(browser, Method::GET, "/export/csv")
        .send()
        .await?;
    assert_eq!(led.status(), 303);
    assert_eq!(
        led.headers()["location"],
        "/.sluis/step-up?next=%2Fexport%2Fcsv"
    );
    assert_eq!(led.text().await?, "");
    let script = house.visit(browser, Method::GET, "/export/csv");
    let mut script = script.build()?;
    script.headers_mut().insert("accept", "*/*".parse()?);
    script
        .headers_mut()
        .insert("sec-fetch-mode", "cors".parse()?);
    let script = house.client.execute(script).await?;
    assert_eq!(script.status(), 403);
    assert!(script.text().await?.contains("\"step-up\""));
    let posted = add(&sanne).send().await?;
    assert_eq!(posted.status(), 403);
    let page = posted.text().await?;
    assert!(
        page.contains("href=\"/.sluis/step-up?") && !page.contains(CANARY),
        "{page}"
    );
    assert!(
        house.crm.kept().log.is_empty(),
        "{:?}",
        house.crm.kept().log
    );
    let (_, page, _) = sanne.get(&house, &sanne.crm, "/contact/1").await?;
    assert!(page.contains(CANARY), "what is not sensitive is shown");
    assert!(page.contains(&token) && !page.contains(PHONE), "{page}");

    sanne.step_up()?;
    let (_, page, _) = sanne.get(&house, &sanne.crm, "/contact/1").await?;
    assert!(page.contains(PHONE), "{page}");
    assert_eq!(sanne.get(&house, &sanne.crm, "/export/csv").await?.0, 200);
    assert_eq!(add(&sanne).send().await?.status(), 302);
    let refused = house.ledger()?.into_iter();
    let refused = refused.filter(|entry| entry["outcome"] == "step-up");
    assert_eq!(refused.count(), 3);
    Ok(())
}

#[tokio::test]
async fn a_mask_for_want_of_a_second_factor_overwrites_nothing_when_it_is_saved() -> Result<()> {
    let text = sensitive().replace(
        "name = \"contact.add\"\nstep_up = true\n",
        "name = \"contact.add\"\n",
    );
    let house = House::with(&text)?;
    let mut sanne = Person::enrolled(&house, "sanne", "sales").await?;
    let form = [
        ("first_name", "Zoë"),
        ("last_name", CANARY),
        ("phone", PHONE),
    ];
    house.post(Who::Sales, "/contact/add", &form).await?;
    later(&house, 11)?;
    // The token that stands there after a form with this number was saved.
    let saved = async |sanne: &Person, phone: &str| -> Result<String> {
        let form = [("first_name", "Zoë"), ("phone", phone)];
        let browser = (sanne.session.as_str(), sanne.crm.as_str());
        let saved = house.visit(browser, Method::POST, "/contact/edit/1");
        let saved = saved.form(&form).send().await?;
        ensure!(saved.status() == 302, "{}", saved.text().await?);
        Ok(house.crm.held(1, "phone"))
    };
    let token = house.crm.held(1, "phone");
    assert_eq!(saved(&sanne, &token).await?, token);
    // A right guess looks like a wrong one, until the second factor was shown.
    let guessed = saved(&sanne, PHONE).await?;
    assert_ne!(guessed, token);
    sanne.step_up()?;
    assert_eq!(saved(&sanne, PHONE).await?, guessed);
    Ok(())
}

#[tokio::test]
async fn a_program_cannot_step_up() -> Result<()> {
    let house = House::with(&sensitive())?;
    let (status, page) = house.get(Who::Sales, "/export/csv").await?;
    assert!(status == 403 && page.contains("step-up"), "{page}");
    assert!(house.crm.kept().log.is_empty());
    let (status, _) = house.get(Who::Sales, "/contacts").await?;
    assert_eq!(status, 200);
    Ok(())
}
