//! What the vault knows of the people whose free text is written: it is looked for in that text.

use std::collections::HashMap;

use super::rows;
use super::{Failure, Rules, Shared};
use crate::model::Personal;
use crate::protect::outward::{KnownValue, Needs, StandingValue, known_classes};
use crate::protect::{Context, FormatVersion, open};
use crate::vault::{self, Sealed};

/// How many values of one person are looked for.
const MOST: u32 = 64;

impl Shared {
    /// The values of each written record's person that a text may repeat. Nothing is asked where no
    /// field of the request is scanned for identifiers.
    pub(super) async fn people(
        &self,
        rules: &Rules,
        needs: &Needs,
        known: &vault::Known,
    ) -> Result<HashMap<usize, Vec<KnownValue>>, Failure> {
        let mut people = HashMap::new();
        let mut seen: HashMap<u64, Vec<KnownValue>> = HashMap::new();
        for unit in &needs.people {
            let Some(subject) = known.subjects.get(*unit).filter(|of| !of.is_new()) else {
                continue;
            };
            if let Some(values) = seen.get(&subject.id) {
                people.insert(*unit, values.clone());
                continue;
            }
            let classes = known_classes(&rules.plan).map(str::to_owned).collect();
            let rows = self.vault.rows_of(subject.id, classes, MOST).await?;
            let sealed = self.vault.load(&rows).await?;
            let values: Vec<KnownValue> = sealed
                .iter()
                .flatten()
                .filter_map(|sealed| value(rules, sealed))
                .collect();
            seen.insert(subject.id, values.clone());
            people.insert(*unit, values);
        }
        Ok(people)
    }

    /// The values that stand in the fields which a form writes again.
    pub(super) async fn standing(
        &self,
        rules: &Rules,
        needs: &Needs,
    ) -> Result<Vec<Option<StandingValue>>, Failure> {
        let place = |((object, id), field): &((String, crate::model::RecordId), String)| {
            (rows::record(object, *id), field.clone())
        };
        let places = needs.unchanged.iter().map(place).collect();
        let found = self.vault.rows_at(places).await?;
        let known: Vec<u64> = found.iter().flatten().copied().collect();
        let sealed = self.vault.load(&known).await?;
        let mut sealed = sealed.into_iter();
        let mut values = Vec::with_capacity(found.len());
        for row in found {
            let sealed = row.and_then(|_| sealed.next().flatten());
            values.push(sealed.and_then(|sealed| {
                Some(StandingValue {
                    row: sealed.row,
                    class: sealed.class.to_string(),
                    value: opened(rules, &sealed)?,
                })
            }));
        }
        Ok(values)
    }
}

/// What a row holds; none where it does not open.
fn opened(rules: &Rules, sealed: &Sealed) -> Option<Personal> {
    let context = Context {
        form: FormatVersion::Vault1,
        tenant: &rules.protection.tenant,
        class: &sealed.class,
        subject: sealed.subject,
        key: u64::from(sealed.key_version),
        row: sealed.row,
    };
    open(&sealed.key, &context, sealed.nonce, &sealed.ciphertext).ok()
}

/// One value; none where it does not open, or its class has gone from policy.
fn value(rules: &Rules, sealed: &Sealed) -> Option<KnownValue> {
    let class = rules.plan.class_named(&sealed.class)?;
    let role = rules.plan.class(class).known?;
    let value = opened(rules, sealed)?;
    Some(KnownValue { role, value })
}
