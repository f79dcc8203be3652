//! Reading during an apply: is a client as it was, is it as it shall be, and which client is new.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::context::Context;
use crate::api::{ApiError, ErrorKind, Reader};
use crate::live;
use crate::model::{ClientId, Device, Entries, Field, FieldPath, KnownContent, LiveClient, Partition, Payload, Scope};

/// What reading a client again showed.
pub(super) enum Sight {
    /// It is there.
    There(Box<LiveClient>),
    /// It is not.
    Gone,
}

/// Reads a client again, addressed as its row shows it. When Info alone cannot tell whether the client is gone, or does not
/// show what was shown before, the list of its scope is asked.
pub(super) async fn look<R: Reader, W>(context: &Context<'_, R, W>, live: &LiveClient) -> Result<Sight, ApiError> {
    match context.reader.info(&live.scope, &live.id).await {
        Ok(now) if unseen(live, &now).is_empty() => Ok(Sight::There(Box::new(now))),
        Ok(now) => {
            let row = list(context, filter_for(&live.scope)).await?.into_iter().find(|row| row.id == live.id);
            let now = row.map_or_else(|| now.clone(), |row| live::merge(row, now.clone()));
            Ok(Sight::There(Box::new(now)))
        }
        // The code says it. A bare 404 may be a page of anything between us and the server.
        Err(error) if error.kind == ErrorKind::NotFound && error.code.is_some() => Ok(Sight::Gone),
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Refused | ErrorKind::Malformed) => {
            let rows = list(context, filter_for(&live.scope)).await?;
            if rows.iter().any(|row| row.id == live.id) { Err(error) } else { Ok(Sight::Gone) }
        }
        Err(error) => Err(error),
    }
}

/// Looks for a client that is not in its scope any more: it may be in another one.
pub(super) async fn find<R: Reader, W>(
    context: &Context<'_, R, W>,
    live: &LiveClient,
) -> Result<Option<LiveClient>, ApiError> {
    let rows = match list(context, Scope::EVERYTHING).await {
        Err(error) if error.kind.is_refusal() => list(context, server_of(&live.scope)).await?,
        rows => rows?,
    };
    Ok(rows.into_iter().find(|row| row.id == live.id))
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

/// Names the fields that an earlier reading showed and a later one does not.
pub(super) fn unseen(earlier: &LiveClient, now: &LiveClient) -> Vec<Field> {
    now.content.unknown().into_iter().filter(|field| earlier.knows(*field)).collect()
}

/// In what two readings of a client differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// In the scope: the later one is this.
    Scope(Scope),
    /// In a field, or in one key of it.
    Content(FieldPath),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope(scope) => write!(f, "it moved to {scope}"),
            Self::Content(path) => path.fmt(f),
        }
    }
}

/// Tells in what a client differs from what was read when the plan was made. What either reading does not show is no
/// evidence.
pub(super) fn changed_since(planned: &LiveClient, now: &LiveClient) -> Vec<Mismatch> {
    let LiveClient { content, id: _, scope, labels: _, detail: _ } = planned;
    let resolved = !scope.is_unresolved() && !now.scope.is_unresolved();
    let moved = (resolved && *scope != now.scope).then(|| Mismatch::Scope(now.scope.clone()));
    let differing = differing(content.known(), now.content.known());
    moved.into_iter().chain(differing.into_iter().map(Mismatch::Content)).collect()
}

/// What a reading says about a write whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Evidence {
    /// It is done.
    Done,
    /// It is not: everything is as it was before.
    NotDone,
    /// Neither: the content is another one.
    Other,
    /// Nothing: what the write would change is not shown.
    None,
}

/// Weighs a reading after a write: only what the write changes can tell whether it was carried out.
pub(super) fn evidence(before: &LiveClient, payload: &Payload, now: &LiveClient) -> Evidence {
    let written = differs_from(payload, before);
    let changes = |field: Field| !before.knows(field) || written.iter().any(|path| path.field == field);
    let telling: Vec<Field> = Field::ALL.into_iter().filter(|field| changes(*field) && now.knows(*field)).collect();
    let as_written = differs_from(payload, now).is_empty();
    match telling[..] {
        [] if Field::ALL.into_iter().any(changes) => Evidence::None,
        _ if as_written => Evidence::Done,
        _ if changed_since(before, now).is_empty() && telling.iter().all(|field| before.knows(*field)) => {
            Evidence::NotDone
        }
        _ => Evidence::Other,
    }
}

/// Names the fields and keys in which a client differs from what was written.
pub(super) fn differs_from(payload: &Payload, now: &LiveClient) -> Vec<FieldPath> {
    differing(payload.as_known(), now.content.known())
}

fn differing(one: KnownContent<'_>, other: KnownContent<'_>) -> Vec<FieldPath> {
    let differing = one.zip(other).map(
        |field, (one, other)| (one? != other?).then(|| vec![FieldPath { field, key: None }]),
        |field, (one, other)| Some(differing_keys(field, one?, other?)),
    );
    differing.into_iter().filter_map(|(_, paths)| paths).flatten().collect()
}

fn differing_keys(field: Field, one: &Entries, other: &Entries) -> Vec<FieldPath> {
    let keys: BTreeSet<&Arc<str>> = one.keys().chain(other.keys()).collect();
    let differing = keys.into_iter().filter(|key| one.get(*key) != other.get(*key));
    differing.map(|key| FieldPath { field, key: Some(Arc::clone(key)) }).collect()
}
