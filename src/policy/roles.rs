//! Sets of roles as bits, so that the check per value is one instruction.

/// Which roles of the policy, by their place in [`crate::policy::Plan::role_names`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct RoleSet(u64);

impl RoleSet {
    /// How many roles a policy can name.
    pub const CAPACITY: usize = 64;

    #[must_use]
    pub fn none() -> Self {
        Self(0)
    }

    /// The set with the role at `place` added. A place beyond [`Self::CAPACITY`] adds nothing: the
    /// role then sees nothing, and the compiler has refused the file.
    #[must_use]
    pub fn with(self, place: usize) -> Self {
        let bit = u32::try_from(place)
            .ok()
            .and_then(|place| 1_u64.checked_shl(place));
        Self(self.0 | bit.unwrap_or(0))
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a principal with these roles may see what `allowed` may see.
    #[must_use]
    pub fn may_see(self, allowed: Self) -> bool {
        self.0 & allowed.0 != 0
    }

    #[must_use]
    pub fn contains(self, place: usize) -> bool {
        self.may_see(Self::none().with(place))
    }
}

#[cfg(test)]
mod tests {
    use super::RoleSet;

    #[test]
    fn a_role_sees_only_what_names_it() {
        let sales = RoleSet::none().with(0);
        let support = RoleSet::none().with(63);
        assert!(sales.may_see(sales.with(5)));
        assert!(!sales.may_see(support));
        assert!(!RoleSet::none().may_see(sales));
    }

    #[test]
    fn a_role_beyond_the_capacity_sees_nothing() {
        assert!(RoleSet::none().with(RoleSet::CAPACITY).is_empty());
    }
}
