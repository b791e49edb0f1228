//! What the vault knows of the people whose free text is written: it is looked for in that text.

use std::collections::HashMap;

use super::{Failure, Rules, Shared};
use crate::protect::outward::{KnownValue, Needs, known_classes};
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
}

/// One value; none where it does not open, or its class has gone from policy.
fn value(rules: &Rules, sealed: &Sealed) -> Option<KnownValue> {
    let class = rules.plan.class_named(&sealed.class)?;
    let role = rules.plan.class(class).known?;
    let context = Context {
        form: FormatVersion::Vault1,
        tenant: &rules.protection.tenant,
        class: &sealed.class,
        subject: sealed.subject,
        key: u64::from(sealed.key_version),
        row: sealed.row,
    };
    let value = open(&sealed.key, &context, sealed.nonce, &sealed.ciphertext).ok()?;
    Some(KnownValue { role, value })
}
