//! Which entries of `protect` protect nothing.

use super::{Endpoint, ResolvedConfig};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{Desired, Live, Protection};
use crate::text::quote;

impl ResolvedConfig {
    /// Warns of entries of `protect` that cover no definition and no live client, and nothing that could not be read: what a
    /// typo in one leaves out is changed and deleted. `others` are the other targets, whose live clients nobody read.
    pub(crate) fn idle_protection(
        &self,
        desired: &Desired,
        live: &Live,
        others: &[(&Self, &Desired)],
    ) -> Vec<Diagnostic> {
        let defines =
            |one: &Protection, desired: &Desired| desired.definitions().any(|client| one.covers_definition(client));
        let has_elsewhere =
            |one: &Protection, (other, desired): &(&Self, &Desired)| other.may_have(one) || defines(one, desired);
        let is_idle = |one: &Protection| {
            !one.may_cover_any(live) && !defines(one, desired) && !others.iter().any(|other| has_elsewhere(one, other))
        };
        let idle = self.protect.iter().zip(&self.protect_places).filter(|(one, _)| is_idle(one));
        let warning = |(one, place): (&Protection, &Place)| {
            let message = format!(
                "the entry {} of `protect` covers no definition and no live client that was read",
                quote(&one.to_string())
            );
            let help =
                "correct it, or it protects nothing; what lies outside of what is managed is never changed anyway";
            Diagnostic::warning(Code::IdleProtection, message).at(place.clone(), "").help(help)
        };
        idle.map(warning).collect()
    }

    /// Tells whether the server of the target may have something, defined or not, that is managed and that an entry covers.
    /// What only an embedded server has needs no protection.
    fn may_have(&self, one: &Protection) -> bool {
        let filters = self.manage.iter().flatten();
        matches!(self.endpoint, Endpoint::Remote { .. }) && filters.into_iter().any(|filter| one.may_meet(filter))
    }
}
