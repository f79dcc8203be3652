//! Which steps of a run a rollback may turn back: those that lie in the boundary of today.

use super::run_step::RunStep;
use super::{Blocked, Obstacle};
use crate::model::{Boundary, Labels, Scope};

/// What a rollback has to do with a step of a run.
pub(super) enum PastScope<'a> {
    /// It may be turned back.
    Inside,
    /// It wrote here, which is outside the boundary by now: nothing of it is read in detail or written.
    Outside(&'a Scope),
}

/// Tells where a step of a run lies today. Without `manage` the scopes that the definitions name are the boundary; a move has
/// two, and the definition can only name one of them.
pub(super) fn past_scope<'a>(step: &RunStep<'a>, boundary: &Boundary) -> PastScope<'a> {
    let scopes = || step.snapshots().map(|one| &one.scope);
    let left = scopes().find(|scope| !boundary.contains(scope));
    let one_is_enough = matches!(boundary, Boundary::Defined(_));
    match left {
        Some(left) if !(one_is_enough && scopes().any(|scope| boundary.contains(scope))) => PastScope::Outside(left),
        Some(_) | None => PastScope::Inside,
    }
}

/// Makes the entry of a step that is not turned back for that reason.
pub(super) fn blocked_outside(step: &RunStep<'_>, scope: &Scope, boundary: &Boundary) -> Blocked {
    let (reason, help) = match boundary {
        Boundary::Managed(_) => (
            format!("not turned back, because {scope} lies outside the boundary: `manage` does not hold it any more"),
            "if it is still yours, list it in `manage` again and roll back anew; else whoever manages it now has to restore it",
        ),
        Boundary::Defined(_) => (
            format!("not turned back, because {scope} lies outside the boundary: no definition names it any more"),
            "if it is still yours, list it in `manage`, or turn git back after the rollback and not before; else whoever manages \
             it now has to restore it",
        ),
    };
    let (client, scope) = (step.client.cloned(), scope.clone());
    let obstacle = Obstacle::new(reason, help);
    Blocked { client, scope, id: None, at: None, obstacle, labels: Labels::default() }
}
