//! What somebody may do at the console. It says nothing of what they see of values, and the roles of
//! policy say nothing of this.

use std::fmt::{self, Display, Formatter};

use crate::gate::Error;

/// One of the five things that people do at the console.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConsoleRole {
    /// Reads the overview, the policy and its drafts.
    Viewer,
    /// Also makes drafts and submits them.
    Editor,
    /// Also approves what others wrote, rolls back, and changes in an emergency.
    Approver,
    /// Reads the overview and the ledger.
    Auditor,
    /// Looks after people, clients and sessions.
    Admin,
}

impl ConsoleRole {
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Editor,
        Self::Approver,
        Self::Auditor,
        Self::Admin,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of them. Empty unless somebody has said otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ConsoleRoles(u8);

impl ConsoleRoles {
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    #[must_use]
    pub const fn with(self, role: ConsoleRole) -> Self {
        Self(self.0 | role.bit())
    }

    #[must_use]
    pub const fn has(self, role: ConsoleRole) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether the two sets have a role in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those of the names. An empty list is nobody's role.
    ///
    /// # Errors
    /// When a name is none of the five.
    pub fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, Error> {
        names.into_iter().try_fold(Self::none(), |set, name| {
            let role = ConsoleRole::from_name(name).ok_or(Error::Unfit(
                "roles at the console are viewer, editor, approver, auditor and admin",
            ))?;
            Ok(set.with(role))
        })
    }

    pub fn iter(self) -> impl Iterator<Item = ConsoleRole> {
        ConsoleRole::ALL
            .into_iter()
            .filter(move |role| self.has(*role))
    }

    /// As the database keeps them.
    pub(in crate::gate) fn to_json(self) -> String {
        let names: Vec<&str> = self.iter().map(ConsoleRole::name).collect();
        serde_json::Value::from(names).to_string()
    }

    pub(in crate::gate) fn from_json(text: &str) -> Result<Self, Error> {
        const UNREADABLE: Error = Error::RowUnreadable("person.console");
        let names: Vec<String> = serde_json::from_str(text).map_err(|_| UNREADABLE)?;
        Self::named(names.iter().map(String::as_str)).map_err(|_| UNREADABLE)
    }
}

impl Display for ConsoleRoles {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(ConsoleRole::name).collect();
        f.write_str(&names.join(","))
    }
}

/// Which of the two a session opens: it never opens the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Surface {
    /// The CRM, behind the border.
    Border,
    /// The console.
    Console,
}

impl Surface {
    pub(super) fn is_console(self) -> bool {
        self == Self::Console
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_survives_the_database_and_a_strange_role_does_not() {
        for bits in 0..32 {
            let set = ConsoleRoles(bits);
            assert_eq!(ConsoleRoles::from_json(&set.to_json()).unwrap(), set);
        }
        for wrong in ["[\"owner\"]", "[\"\"]", "[1]", "{}", "", "[\"Admin\"]"] {
            assert!(ConsoleRoles::from_json(wrong).is_err(), "{wrong}");
        }
        assert_eq!(ConsoleRoles::named([]).unwrap(), ConsoleRoles::none());
    }

    #[test]
    fn each_role_is_its_own() {
        for role in ConsoleRole::ALL {
            let set = ConsoleRoles::none().with(role);
            let held: Vec<ConsoleRole> = set.iter().collect();
            assert_eq!(held, [role]);
            assert_eq!(set.to_string(), role.name());
            assert!(!set.is_empty());
        }
    }
}
