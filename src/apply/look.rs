//! Reading during an apply: is a client as it was, is it as it shall be, and which client is new.

use std::collections::BTreeSet;

use super::context::Context;
use crate::api::{ApiError, ErrorKind, Reader};
use crate::live;
use crate::model::{ClientId, Device, Entries, Field, LiveClient, Observed, Partition, Payload, Scope};

/// What reading a client again showed.
pub(super) enum Sight {
    /// It is there.
    There(Box<LiveClient>),
    /// It is not.
    Gone,
}

/// Reads a client again, addressed as its row shows it. When Info alone cannot tell whether the client is gone, the list
/// of its scope does.
pub(super) async fn look<R: Reader, W>(context: &Context<'_, R, W>, live: &LiveClient) -> Result<Sight, ApiError> {
    let error = match context.reader.info(&live.scope, &live.id).await {
        Ok(now) => return Ok(Sight::There(Box::new(LiveClient { scope: live.scope.clone(), ..now }))),
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(Sight::Gone),
        Err(error) => error,
    };
    if !matches!(error.kind, ErrorKind::Refused | ErrorKind::Malformed) {
        return Err(error);
    }
    let rows = list(context, filter_for(&live.scope)).await?;
    if rows.iter().any(|row| row.id == live.id) { Err(error) } else { Ok(Sight::Gone) }
}

/// Lists the rows of a scope, and the rows around it that hide theirs.
pub(super) async fn rows_at<R: Reader, W>(
    context: &Context<'_, R, W>,
    scope: &Scope,
) -> Result<Vec<LiveClient>, ApiError> {
    let filter = if context.hides(scope.telsys) { server_of(scope) } else { filter_for(scope) };
    let rows = list(context, filter).await?;
    Ok(rows.into_iter().filter(|row| row.scope == *scope || hides(row, scope)).collect())
}

/// Lists the rows of a whole telephony server that hide their scope.
pub(super) async fn hidden_rows<R: Reader, W>(
    context: &Context<'_, R, W>,
    scope: &Scope,
) -> Result<Vec<LiveClient>, ApiError> {
    let rows = list(context, server_of(scope)).await?;
    Ok(rows.into_iter().filter(|row| hides(row, scope)).collect())
}

async fn list<R: Reader, W>(context: &Context<'_, R, W>, filter: Scope) -> Result<Vec<LiveClient>, ApiError> {
    let listing = live::list(context.reader, &[filter], context.options.page_size).await?;
    Ok(listing.rows.into_values().collect())
}

fn hides(row: &LiveClient, scope: &Scope) -> bool {
    row.scope.is_unresolved() && row.scope.telsys == scope.telsys
}

fn filter_for(scope: &Scope) -> Scope {
    if scope.is_unresolved() { server_of(scope) } else { scope.clone() }
}

fn server_of(scope: &Scope) -> Scope {
    Scope { telsys: scope.telsys, partition: Partition::All, device: Device::All }
}

/// Picks the rows of exactly a scope that are not among those known before.
pub(super) fn new_at<'a>(rows: &'a [LiveClient], scope: &Scope, known: &BTreeSet<ClientId>) -> Vec<&'a LiveClient> {
    rows.iter().filter(|row| row.scope == *scope && !known.contains(&row.id)).collect()
}

/// Names the fields and keys in which a client differs from what was read when the plan was made. What either reading
/// does not show is no evidence.
pub(super) fn changed_since(planned: &LiveClient, now: &LiveClient) -> Vec<String> {
    let LiveClient { description, cm_environment_id, policies, settings, id: _, scope: _, labels: _, detail: _ } =
        planned;
    let mut changed = Vec::new();
    changed.extend(text_differs(Field::Description, description, &now.description));
    changed.extend(text_differs(Field::CmEnvironmentId, cm_environment_id, &now.cm_environment_id));
    changed.extend(keys_differ(Field::Policies, policies.known(), now.policies.known()));
    changed.extend(keys_differ(Field::Settings, settings.known(), now.settings.known()));
    changed
}

/// Names the fields and keys in which a client differs from what was written.
pub(super) fn differs_from(payload: &Payload, now: &LiveClient) -> Vec<String> {
    let Payload { description, cm_environment_id, policies, settings } = payload;
    let text = |field, wanted: &String, now: &Observed<String>| {
        now.known().filter(|now| *now != wanted).map(|_| format!("`{field}`"))
    };
    let mut differing = Vec::new();
    differing.extend(text(Field::Description, description, &now.description));
    differing.extend(text(Field::CmEnvironmentId, cm_environment_id, &now.cm_environment_id));
    differing.extend(keys_differ(Field::Policies, Some(policies), now.policies.known()));
    differing.extend(keys_differ(Field::Settings, Some(settings), now.settings.known()));
    differing
}

fn text_differs(field: Field, before: &Observed<String>, now: &Observed<String>) -> Option<String> {
    let (before, now) = (before.known()?, now.known()?);
    (before != now).then(|| format!("`{field}`"))
}

fn keys_differ(field: Field, before: Option<&Entries>, now: Option<&Entries>) -> Vec<String> {
    let (Some(before), Some(now)) = (before, now) else { return Vec::new() };
    let keys: BTreeSet<&str> = before.keys().chain(now.keys()).map(|key| &**key).collect();
    let differing = keys.into_iter().filter(|key| before.get(*key) != now.get(*key));
    differing.map(|key| format!("`{field}.{}`", key.escape_debug())).collect()
}
