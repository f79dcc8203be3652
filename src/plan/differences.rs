//! In what a live client differs from its definition: what the server shows of it, and what exceptions leave alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::diff::{diff, locate};
use super::own::own;
use super::{FieldChange, Notice};
use crate::model::{Definition, Exception, LastDay, LiveClient, Policy, Presence};
use crate::redact::Mask;
use crate::text::quote;

/// Lists in what a live client differs from its definition, as far as the server shows it.
pub(crate) fn readable_differences(definition: &Definition, row: &LiveClient, policy: &Policy) -> Vec<FieldChange> {
    let mut changes = diff(&own(definition, row), Mask(&policy.sensitive));
    locate(&mut changes, definition);
    changes
}

/// Lists in what a live client differs from its definition and is left alone by an exception, each with that exception.
pub(crate) fn excepted_differences(
    definition: &Definition,
    row: &LiveClient,
    policy: &Policy,
) -> Vec<(FieldChange, Arc<Exception>)> {
    if definition.exceptions.is_empty() || definition.state == Presence::Absent {
        return Vec::new();
    }
    let without = Definition { exceptions: Arc::default(), ..definition.clone() };
    let changes = readable_differences(&without, row, policy);
    let excepted = |change: FieldChange| {
        let exception = definition.excepted(change.field, change.key.as_deref()).map(Arc::clone)?;
        Some((change, exception))
    };
    changes.into_iter().filter_map(excepted).collect()
}

/// Says of a client what a plan leaves alone, until when and why.
pub(super) fn excepted_notice(definition: &Definition, row: &LiveClient, policy: &Policy) -> Option<Notice> {
    let mut told: BTreeMap<(LastDay, &str), Vec<String>> = BTreeMap::new();
    let differences = excepted_differences(definition, row, policy);
    for (FieldChange { field, key, .. }, exception) in &differences {
        let Exception { fields: _, until, reason } = &**exception;
        let name = key.as_ref().map_or_else(|| field.name().to_owned(), |key| format!("{}.{key}", field.name()));
        told.entry((*until, reason)).or_default().push(quote(&name));
    }
    let told = told.into_iter().map(|((until, reason), fields)| {
        format!("an exception leaves {} alone until {until}: {reason}", fields.join(", "))
    });
    let message = told.collect::<Vec<_>>().join("; ");
    (!message.is_empty()).then(|| Notice {
        client: Some(definition.name.clone()),
        scope: definition.scope.clone(),
        at: Some(definition.at.clone()),
        message,
        help: "`icsync drift` shows both sides".to_owned(),
    })
}
