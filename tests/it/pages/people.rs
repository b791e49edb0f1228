//! People with sessions of the border, before the CRM of these tests.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use sluis::app::World;
use sluis::gate::Gate;
use sluis::gate::staff::{NewPerson, Visitor};
use sluis::model::Secret;

use super::house::{House, given};

const PASSWORD: &str = "vier paarden op zolder";

/// Somebody who is signed in to the border.
pub struct Person {
    login: &'static str,
    host: String,
    gate: Gate,
    recovery_codes: Vec<String>,
    /// The session of the border.
    pub session: String,
    /// The cookies of the CRM.
    pub crm: String,
}

impl Person {
    /// Who has enrolled, and has signed in to the CRM as well.
    pub async fn enrolled(house: &House, login: &'static str, role: &str) -> Result<Self> {
        let gate = house.gate()?;
        let new = NewPerson {
            login: login.to_owned(),
            display: "Sanne Vermeer".to_owned(),
            purpose: "customer-relations".to_owned(),
            roles: vec![role.to_owned()],
            console: sluis::gate::staff::ConsoleRoles::none(),
        };
        let link = gate.add_person(&new, Duration::from_hours(1))?;
        let link = text(&link.token)?;
        let host = format!("localhost:{}", house.port);
        let visitor = visitor(None, &host);
        let codes = gate.invitation(&link, &visitor)?.codes;
        let code = text(&codes.code(World::default().clock.now())?)?;
        let enrolled = gate.enrol_password(&link, PASSWORD, &code, &visitor)?;
        let recovery_codes = enrolled.recovery_codes.iter().map(text);
        let mut person = Self {
            login,
            recovery_codes: recovery_codes.collect::<Result<_>>()?,
            session: text(&enrolled.step.cookie)?,
            crm: String::new(),
            host,
            gate,
        };
        person.crm = person.sign_in_to_crm(house).await?;
        Ok(person)
    }

    /// What the CRM's own sign-in gives.
    pub async fn sign_in_to_crm(&self, house: &House) -> Result<String> {
        let request = house.visit((&self.session, ""), Method::POST, "/login");
        let form = [("username", self.login), ("password", "x")];
        let answer = request.form(&form).send().await?;
        ensure!(answer.status() == 302, "{answer:?}");
        Ok(given(&answer))
    }

    /// Signs out of the border and in again.
    pub fn again(&mut self) -> Result<()> {
        self.gate.sign_out(&self.session)?;
        let half = self
            .gate
            .show_password(self.login, PASSWORD, &visitor(None, &self.host))?;
        self.session = text(&half.cookie)?;
        self.step_up()
    }

    /// Shows a second factor: the cookie of the session changes.
    pub fn step_up(&mut self) -> Result<()> {
        let code = self.recovery_codes.pop().context("no code is left")?;
        let visitor = visitor(Some(&self.session), &self.host);
        let step = self.gate.show_recovery_code(&code, &visitor)?;
        ensure!(step.full);
        self.session = text(&step.cookie)?;
        Ok(())
    }

    /// Status, body and cookies of a page, asked for with these cookies of the CRM.
    pub async fn get(
        &self,
        house: &House,
        crm: &str,
        target: &str,
    ) -> Result<(u16, String, String)> {
        let request = house.visit((&self.session, crm), Method::GET, target);
        let answer = request.send().await?;
        let set = given(&answer);
        Ok((answer.status().as_u16(), answer.text().await?, set))
    }
}

fn visitor<'v>(cookie: Option<&'v str>, host: &'v str) -> Visitor<'v> {
    Visitor {
        cookie,
        source: std::net::Ipv4Addr::LOCALHOST.into(),
        host,
        surface: sluis::gate::staff::Surface::Border,
    }
}

fn text(secret: &Secret) -> Result<String> {
    Ok(std::str::from_utf8(secret.expose())?.to_owned())
}
