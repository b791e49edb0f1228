//! What a route looks for in text, whatever its fields say.

use anyhow::{Result, ensure};
use sluis::model::FieldList;

use super::house::{House, Who, policy};

const HEALTH: &str = "Mevrouw ligt aan de dialyse, komt donderdag niet";
const ORDER: &str = "De dialyseafdeling bestelt tien monitoren";
const ADDRESS: &str = "zoe@voorbeeld.example";

/// A note in which, by a recorded decision, nothing is looked for.
const UNSEEN: &str = "note = { class = \"free_text\", action = \"pass\", reason = \"a test\", scan = [], \
     decision = { ground = \"a statute\", second_person = \"F. de Boer\", date = \"2026-11-21\" } }";

fn house(route: &str, scan: &str) -> Result<House> {
    let name = format!("name = \"{route}\"\n");
    let policy = policy(UNSEEN).replace(&name, &format!("{name}scan = [\"{scan}\"]\n"));
    House::with(&policy)
}

#[tokio::test]
async fn a_route_that_scans_refuses_what_another_route_lets_pass() -> Result<()> {
    let house = house("contact.add", "special")?;
    for multipart in [false, true] {
        let form = [("first_name", "Zoë"), ("note", HEALTH)];
        let answer = match multipart {
            false => house.post(Who::Sales, "/contact/add", &form).await?,
            true => {
                house
                    .post_multipart(Who::Sales, "/contact/add", &form)
                    .await?
            }
        };
        assert_eq!(answer.status(), 422);
        let page = answer.text().await?;
        for part in [
            "special-category",
            "Contact.note",
            "[health]",
            "routes.contact.add.scan",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
    assert_eq!(house.crm.kept().log.len(), 0, "nothing leaves");

    let form = [("first_name", "Zoë"), ("note", ORDER)];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302);
    assert_eq!(house.crm.held(1, "note"), ORDER);
    // The other route has the field's own rule, and that looks for nothing.
    let form = [("first_name", "Zoë"), ("note", HEALTH)];
    let answer = house.post(Who::Sales, "/contact/edit/1", &form).await?;
    assert_eq!(answer.status(), 302);
    assert_eq!(house.crm.held(1, "note"), HEALTH);
    Ok(())
}

#[tokio::test]
async fn a_route_that_scans_for_identifiers_puts_tokens_in_their_places() -> Result<()> {
    let house = house("contact.edit", "identifiers")?;
    let text = format!("Mail aan {ADDRESS} graag");
    let form = [("first_name", "Zoë"), ("note", text.as_str())];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302);
    assert_eq!(house.crm.held(1, "note"), text);

    let answer = house.post(Who::Sales, "/contact/edit/1", &form).await?;
    assert_eq!(answer.status(), 302);
    let held = house.crm.held(1, "note");
    assert!(
        held.starts_with("Mail aan tq") && held.ends_with(" graag"),
        "{held}"
    );
    let (_, page) = house.get(Who::Sales, "/contact/1").await?;
    assert!(page.contains(ADDRESS), "{page}");
    Ok(())
}

#[tokio::test]
async fn a_program_that_keeps_to_a_list_of_fields_gets_no_pages() -> Result<()> {
    let house = House::start()?;
    let (status, _) = house.get(Who::Sales, "/contacts").await?;
    ensure!(status == 200, "the control: {status}");
    // A policy of pages takes no list; one may stand there from another policy.
    let refused = house.command(&["client", "only", "sales", "Contact.first_name"]);
    let says = refused.err().map(|error| error.to_string());
    let says = says.unwrap_or_default();
    ensure!(says.contains("which value is which field"), "{says}");
    let list = FieldList::new(["Contact"])?;
    house.gate()?.set_fields("sales", Some(&list))?;
    house.crm.forget();
    let (status, page) = house.get(Who::Sales, "/contacts").await?;
    ensure!(status == 403 && page.contains("program-fields"), "{page}");
    let form = [("first_name", "Zoë")];
    let written = house.post(Who::Sales, "/contact/add", &form).await?;
    ensure!(written.status() == 403, "{}", written.status());
    let written = house
        .post_multipart(Who::Sales, "/contact/add", &form)
        .await?;
    ensure!(written.status() == 403, "{}", written.status());
    ensure!(house.crm.kept().log.is_empty(), "nothing leaves");
    let (status, _) = house.get(Who::Marketing, "/contacts").await?;
    ensure!(status == 200, "the other program has no list: {status}");
    Ok(())
}
