//! What of a changed configuration takes something away that held back writes, deletes or secrets.

use std::collections::BTreeMap;

use super::{PRUNE_RULE, ResolvedConfig, TARGET_RULE};
use crate::model::{FieldPattern, Limit, Pause, Prune, RolloutRules, Verify, Waves};

/// What a change endangers, by the key of the configuration.
pub(crate) type Dangers = BTreeMap<&'static str, &'static str>;

impl ResolvedConfig {
    /// Says what a target endangers whose server nobody looked at before.
    pub(crate) fn dangers_of_new(&self) -> Dangers {
        let prunes = (self.prune == Prune::Delete).then_some((PRUNE_RULE, "unmanaged clients are deleted"));
        prunes.into_iter().collect()
    }

    /// Says which changes since another configuration let more happen than before, and what.
    pub(crate) fn dangers_since(&self, base: &Self) -> Dangers {
        let boundary = |one: &Self| one.manage.clone();
        let hides = |one: &FieldPattern| self.sensitive.iter().any(|now| now.includes(one));
        let is_shown = !base.sensitive.iter().all(hides);
        let is_uncovered = base.protect.iter().any(|one| !self.protect.iter().any(|now| now.includes(one)));
        let ends_sooner =
            base.exceptions.iter().any(|one| !self.exceptions.iter().any(|now| now.leaves_alone_what(one)));
        let looser = |before: Limit, after: Limit| {
            is_looser(before.count, after.count) || is_looser(before.percent, after.percent)
        };
        let (deletes, prunes) =
            (self.prune == Prune::Delete, self.prune == Prune::Delete && base.prune == Prune::Report);
        let told = [
            (PRUNE_RULE, prunes, "from now on unmanaged clients are deleted"),
            (
                "manage",
                deletes && boundary(self) != boundary(base),
                "with `prune: delete`, clients of what is managed now and that no definition is for are deleted",
            ),
            ("protect", is_uncovered, "what was protected may be changed and deleted"),
            ("sensitive", is_shown, "values that were hidden are shown in plans, reports and journals"),
            ("exceptions", ends_sooner, "the next apply may write what was left alone"),
            ("limits.delete", looser(base.limits.delete, self.limits.delete), "one apply may delete more than before"),
            ("limits.change", looser(base.limits.change, self.limits.change), "one apply may change more than before"),
            (
                "limits.vanished",
                looser(base.limits.vanished, self.limits.vanished),
                "one apply may add more clients anew whose pins are gone",
            ),
            ("windows", self.windows.open_more_than(&base.windows), "apply may write at times when it did not"),
            ("rollout", holds_less(&base.rollout, &self.rollout), "one apply may go further before anybody looks"),
            (
                "requests.verify",
                base.requests.verify == Verify::ReadBack && self.requests.verify != Verify::ReadBack,
                "writes are not read back any more",
            ),
            (
                TARGET_RULE,
                base.server() != self.server(),
                "everything is compared with, and written to, another server",
            ),
            (
                "default_target",
                base.default_target != self.default_target,
                "commands without `--target` are about another target",
            ),
        ];
        told.into_iter().filter(|(_, is_told, _)| *is_told).map(|(key, _, danger)| (key, danger)).collect()
    }
}

fn is_looser(before: Option<u64>, after: Option<u64>) -> bool {
    before.is_some_and(|before| after.is_none_or(|after| after > before))
}

fn holds_less(before: &RolloutRules, after: &RolloutRules) -> bool {
    let RolloutRules { waves, pause, stop_after } = before;
    // How many steps are done after each wave, of so many.
    let done = |waves: &Waves, all: usize| -> Vec<usize> {
        let sizes = waves.sizes().scan(0_usize, |done, size| {
            *done = done.saturating_add(size.steps(all)).min(all);
            Some(*done)
        });
        sizes.collect()
    };
    let goes_further = |before: &Waves, after: &Waves| {
        [10, 100, 1_000].into_iter().any(|all| {
            let (before, after) = (done(before, all), done(after, all));
            before.iter().zip(after.iter().chain(std::iter::repeat(&all))).any(|(before, after)| after > before)
        })
    };
    let is_hastier = |before: &Pause| match (before, &after.pause) {
        (Pause::None, _) | (_, Some(Pause::Ask)) => false,
        (Pause::For(before), Some(Pause::For(after))) => after < before,
        (Pause::For(_) | Pause::Ask, _) => true,
    };
    waves.as_ref().is_some_and(|waves| after.waves.as_ref().is_none_or(|after| goes_further(waves, after)))
        || pause.as_ref().is_some_and(is_hastier)
        || is_looser(*stop_after, after.stop_after)
}
