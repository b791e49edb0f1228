//! The demo's people at the console: invented, each with a password and one-time codes of their own.

use std::time::Duration;

use anyhow::anyhow;
use serde_json::{Value, json};

use super::house::text;
use crate::app::World;
use crate::gate::Gate;
use crate::gate::staff::{ConsoleRoles, NewPerson, Surface, Visitor};

/// Login name, name, roles at the console.
const PEOPLE: [(&str, &str, &[&str]); 5] = [
    ("noor", "Noor de Wit", &["editor"]),
    ("bram", "Bram Hoekstra", &["approver"]),
    ("carla", "Carla Smit", &["approver"]),
    ("ilse", "Ilse Kuiper", &["auditor", "admin"]),
    ("sven", "Sven Mulder", &["admin"]),
];

/// Somebody who can sign in.
pub struct Person {
    pub login: &'static str,
    pub display: &'static str,
    pub roles: &'static [&'static str],
    pub password: String,
    /// Base32, as an authenticator app takes it.
    pub totp_secret: String,
}

impl Person {
    /// What a script needs to sign in as them.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "login": self.login,
            "display": self.display,
            "roles": self.roles,
            "password": self.password,
            "totp_secret": self.totp_secret,
        })
    }
}

/// Writes the people down and enrols them. Whoever is left over of an earlier demo begins anew.
pub(super) fn enrol(gate: &Gate, world: &World, host: &str) -> anyhow::Result<Vec<Person>> {
    let known = gate.people()?;
    let day = Duration::from_hours(24);
    let visitor = Visitor {
        cookie: None,
        source: "127.0.0.1".parse()?,
        host,
        surface: Surface::Console,
    };
    let mut people = Vec::new();
    for (login, display, roles) in PEOPLE {
        let console = ConsoleRoles::named(roles.iter().copied())?;
        let link = match known.iter().any(|person| person.login == login) {
            true => gate.reset_person(login, day)?,
            false => gate.add_person(
                &NewPerson {
                    login: login.to_owned(),
                    display: display.to_owned(),
                    purpose: "administration".to_owned(),
                    roles: vec![],
                    console,
                },
                day,
            )?,
        };
        let link = text(&link.token)?;
        let mut random = [0; 15];
        world.entropy.fill(&mut random)?;
        let password = data_encoding::BASE32_NOPAD
            .encode(&random)
            .to_ascii_lowercase();
        let refused = |error| anyhow!("{login} could not enrol: {error}");
        let codes = gate.invitation(link, &visitor).map_err(refused)?.codes;
        let code = codes.code(world.clock.now())?;
        let enrolled = gate
            .enrol_password(link, &password, text(&code)?, &visitor)
            .map_err(refused)?;
        // They sign in for themselves.
        gate.sign_out(text(&enrolled.step.cookie)?)?;
        let url = codes.url()?;
        let secret = text(&url)?
            .split(['?', '&'])
            .find_map(|part| part.strip_prefix("secret="));
        people.push(Person {
            login,
            display,
            roles,
            password,
            totp_secret: secret.unwrap_or_default().to_owned(),
        });
    }
    Ok(people)
}
