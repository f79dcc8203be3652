//! What a change of a definition lets the next apply take from a live client that was left alone before.

use crate::model::{Definition, Field, FieldPattern, Ownership, Presence};
use crate::text::{listed, quote};

/// Says what of the live client may go, or be overwritten, that the base left alone. What git says on both sides shows as a change.
pub(super) fn dangers(old: &Definition, new: &Definition) -> Vec<String> {
    if new.state == Presence::Absent {
        // Its live client goes as a whole.
        return Vec::new();
    }
    let mut dangers: Vec<String> = Field::ALL
        .into_iter()
        .filter(|field| field.has_keys() && !removes_unlisted(old, *field) && removes_unlisted(new, *field))
        .map(|field| format!("the next apply removes live {field} that git does not list"))
        .collect();
    let begins = |before: bool, after: bool| !before && after;
    for (field, begins) in [
        (Field::Description, begins(old.spec.description.is_some(), new.spec.description.is_some())),
        (Field::CmEnvironmentId, begins(old.spec.cm_environment_id.is_some(), new.spec.cm_environment_id.is_some())),
    ] {
        dangers.extend(begins.then(|| format!("the next apply overwrites the live `{field}`, which git left alone")));
    }
    let left: Vec<&str> =
        old.ignore.iter().filter(|pattern| !new.ignore.contains(pattern)).map(FieldPattern::as_str).collect();
    if !left.is_empty() {
        let left = listed(left.into_iter().map(quote));
        dangers.push(format!("the next apply writes or removes what `ignore` left alone: {left}"));
    }
    if let (Some(before), Some(after)) = (&old.id, &new.id)
        && before.value != after.value
    {
        dangers.push("it is for another live client now".to_owned());
    }
    dangers
}

/// Tells whether live keys of a field that git does not list are removed.
fn removes_unlisted(definition: &Definition, field: Field) -> bool {
    let Definition { spec, owns, .. } = definition;
    let is_exact = |ownership: &Ownership| *ownership == Ownership::Exact;
    match field {
        Field::Policies => spec.policies.is_some() && is_exact(&owns.policies),
        Field::Settings => spec.settings.is_some() && is_exact(&owns.settings),
        Field::Description | Field::CmEnvironmentId => false,
    }
}
