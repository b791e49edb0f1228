//! The CRM's session in the hands of somebody whose it is not: stolen, left over, made up.

use anyhow::Result;
use reqwest::Method;

use super::crm::{OWN, READABLE, SESSION};
use super::house::{House, Who};
use super::people::Person;

/// One of the pairs of a `Cookie` field.
fn pair<'c>(cookies: &'c str, name: &str) -> &'c str {
    let mut pairs = cookies.split("; ");
    let found = pairs.find(|pair| pair.split('=').next() == Some(name));
    found.unwrap_or_default()
}

/// Entries of the ledger that tell of cookies of somebody else.
fn recorded(house: &House) -> Result<usize> {
    let ledger = house.ledger()?;
    let foreign = |entry: &&serde_json::Value| entry["outcome"] == "cookie-foreign";
    Ok(ledger.iter().filter(foreign).count())
}

fn had(house: &House, text: &str) -> bool {
    String::from_utf8_lossy(&house.crm.kept().bytes).contains(text)
}

#[tokio::test]
async fn a_stolen_session_of_the_crm_is_worth_nothing_in_another_session_of_ours() -> Result<()> {
    let house = House::start()?;
    let sanne = Person::enrolled(&house, "sanne", "sales").await?;
    let joris = Person::enrolled(&house, "joris", "sales").await?;
    assert!(!sanne.crm.contains("abcdefgh12345678"), "{}", sanne.crm);
    assert_ne!(pair(&sanne.crm, "sid"), pair(&joris.crm, "sid"));
    house.crm.forget();

    let (status, _, _) = sanne.get(&house, &sanne.crm, "/contacts").await?;
    assert_eq!(status, 200);
    assert!(had(&house, SESSION) && had(&house, READABLE) && had(&house, OWN));
    assert_eq!(recorded(&house)?, 0);
    house.crm.forget();

    // Another person, nobody in particular, and a program.
    let (status, _, set) = joris.get(&house, &sanne.crm, "/contacts").await?;
    assert_eq!(status, 302, "the CRM asks to sign in");
    assert_eq!(pair(&set, "sid"), "sid=", "the browser forgets it");
    let program = house.request(Who::Sales, Method::GET, "/contacts");
    let mut program = program.build()?;
    program.headers_mut().insert("cookie", sanne.crm.parse()?);
    assert_eq!(house.client.execute(program).await?.status(), 302);
    // A form that would be saved in the name of the other.
    let form = [("first_name", "Jan"), ("last_name", "Anders")];
    let request = house.visit((&joris.session, &sanne.crm), Method::POST, "/contact/add");
    let answer = request.form(&form).send().await?;
    assert!(answer.headers()["location"].to_str()?.starts_with("/login"));
    assert!(house.crm.kept().contacts.is_empty());
    for secret in ["abcdefgh12345678", "readable12345678", OWN, "slb1."] {
        assert!(!had(&house, secret), "{secret}");
    }
    assert_eq!(recorded(&house)?, 2, "once a minute for each of the two");

    let (status, _, _) = joris.get(&house, &joris.crm, "/contacts").await?;
    assert_eq!(status, 200);
    Ok(())
}

#[tokio::test]
async fn a_session_of_the_crm_ends_with_the_sign_in_that_it_came_with() -> Result<()> {
    let house = House::start()?;
    let mut sanne = Person::enrolled(&house, "sanne", "sales").await?;
    // A step-up changes the session's cookie, and not the sign-in.
    sanne.step_up()?;
    let (status, _, _) = sanne.get(&house, &sanne.crm, "/contacts").await?;
    assert_eq!(status, 200);
    let left_over = sanne.crm.clone();
    sanne.again()?;
    house.crm.forget();
    let (status, _, _) = sanne.get(&house, &left_over, "/contacts").await?;
    assert_eq!(status, 302);
    assert!(!had(&house, "abcdefgh12345678"));
    let renewed = sanne.sign_in_to_crm(&house).await?;
    let (status, _, _) = sanne.get(&house, &renewed, "/contacts").await?;
    assert_eq!(status, 200);
    // Of an old one and a new one of one name, the one that opens counts, in either order.
    for both in [
        format!("{left_over}; {renewed}"),
        format!("{renewed}; {left_over}"),
    ] {
        let (status, _, set) = sanne.get(&house, &both, "/contacts").await?;
        assert_eq!((status, set.as_str()), (200, ""));
    }
    Ok(())
}

#[tokio::test]
async fn what_was_never_sealed_or_stands_under_another_name_does_not_reach_the_crm() -> Result<()> {
    let house = House::start()?;
    let sanne = Person::enrolled(&house, "sanne", "sales").await?;
    house.crm.forget();
    let (_, sealed) = pair(&sanne.crm, "sid").split_once('=').unwrap_or_default();
    for made_up in [
        SESSION.to_owned(),
        format!("own={sealed}"),
        format!("csrf={sealed}"),
        format!("csrf.bound={sealed}"),
        format!("sid={}", &sealed[..sealed.len() - 1]),
        format!("sid={}x", sealed),
        format!("sid=\"{sealed}\""),
    ] {
        let (status, _, _) = sanne.get(&house, &made_up, "/contacts").await?;
        assert_eq!(status, 302, "{made_up}");
    }
    for secret in ["abcdefgh12345678", "slb1.", sealed] {
        assert!(!had(&house, secret), "{secret}");
    }
    let own = format!("sid={sealed}");
    assert_eq!(sanne.get(&house, &own, "/contacts").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_cookie_that_scripts_read_is_bound_by_the_copy_beside_it() -> Result<()> {
    let house = House::start()?;
    let sanne = Person::enrolled(&house, "sanne", "sales").await?;
    let joris = Person::enrolled(&house, "joris", "sales").await?;
    let (sid, copy) = (pair(&sanne.crm, "sid"), pair(&sanne.crm, "csrf.bound"));
    let theirs = pair(&joris.crm, "csrf.bound");
    for (cookies, reaches) in [
        (format!("{sid}; {READABLE}; {copy}"), true),
        (format!("{sid}; {READABLE}; {theirs}; {copy}"), true),
        (format!("{sid}; {READABLE}"), false),
        (format!("{sid}; {READABLE}; {theirs}"), false),
        (format!("{sid}; csrf=readable12345679; {copy}"), false),
    ] {
        house.crm.forget();
        let (status, _, _) = sanne.get(&house, &cookies, "/contacts").await?;
        assert_eq!(status, 200, "{cookies}");
        assert_eq!(had(&house, "csrf=readable"), reaches, "{cookies}");
        assert!(!had(&house, ".bound"), "{cookies}");
    }
    // What scripts write is held to its form alone.
    house.crm.forget();
    sanne
        .get(
            &house,
            &format!("{sid}; zone=Asia; zone=Jan Jansen"),
            "/contacts",
        )
        .await?;
    assert!(had(&house, "zone=Asia") && !had(&house, "Jansen"));
    Ok(())
}
