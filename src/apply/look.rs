//! Reading during an apply: is a client there, where else may it be, and which client is new.

use super::compare::unseen;
use super::context::Context;
use super::problem::Cause;
use super::ruling::Seen;
use super::sighting::Sighting;
use crate::api::{ApiError, ErrorKind, Reader};
use crate::live::{self, Listing};
use crate::model::{Detail, LiveClient, Scope};

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
            let row = list(context, filter_for(&live.scope)).await?.rows.remove(&live.id);
            let now = row.map_or_else(|| now.clone(), |row| live::merge(*row, now.clone()));
            Ok(Sight::There(Box::new(now)))
        }
        // The code says it. A bare 404 may be a page of anything between us and the server.
        Err(error) if error.kind == ErrorKind::NotFound && error.code.is_some() => Ok(Sight::Gone),
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Refused | ErrorKind::Malformed) => {
            let listing = list(context, filter_for(&live.scope)).await?;
            if listing.shows(&live.id) { Err(error) } else { Ok(Sight::Gone) }
        }
        Err(error) => Err(error),
    }
}

/// Judges a client that is not found: it must be listed nowhere, in its scope or in another one.
pub(super) async fn absence<R: Reader, W>(context: &Context<'_, R, W>, live: &LiveClient) -> Sighting {
    let listing = match list(context, Scope::EVERYTHING).await {
        Err(error) if error.kind.is_refusal() => list(context, Scope::whole(live.scope.telsys)).await,
        listing => listing,
    };
    match listing {
        Ok(listing) => match listing.rows.get(&live.id) {
            Some(row) if row.scope != live.scope => Sighting::of(Seen::Otherwise, Cause::moved(live, row)),
            None if !listing.shows(&live.id) => Sighting::of(Seen::Gone, Cause::Gone),
            Some(_) | None => Sighting::of(Seen::Unread, Cause::Contradiction(live.id.clone())),
        },
        Err(error) => context.unread(&error),
    }
}

/// Lists the clients that have exactly a scope.
pub(super) async fn exactly_at<R: Reader, W>(
    context: &Context<'_, R, W>,
    scope: &Scope,
) -> Result<Vec<LiveClient>, ApiError> {
    let rows = rows_at(context, scope).await?.rows.into_values();
    Ok(rows.filter(|row| row.scope == *scope && !scope.is_unresolved()).map(|row| *row).collect())
}

/// Reads a client of which a list has told: what its row shows counts too. A first Info that was refused some fields is
/// asked again.
pub(super) async fn read_listed<R: Reader, W>(
    context: &Context<'_, R, W>,
    row: &LiveClient,
) -> Result<LiveClient, ApiError> {
    let now = context.reader.info(&row.scope, &row.id).await?;
    let now = if now.detail == Detail::Narrow { context.reader.info(&row.scope, &row.id).await? } else { now };
    Ok(live::merge(row.clone(), now))
}

/// Lists the rows of a scope, and the rows around it that hide theirs or cannot be read.
pub(super) async fn rows_at<R: Reader, W>(context: &Context<'_, R, W>, scope: &Scope) -> Result<Listing, ApiError> {
    let filter = if context.hides(scope.telsys) { Scope::whole(scope.telsys) } else { filter_for(scope) };
    let mut listing = list(context, filter).await?;
    listing.rows.retain(|_, row| row.scope == *scope || hides(row, scope));
    listing.unread.retain(|row| row.scope.as_ref() == Some(scope) || row.may_hide(scope));
    Ok(listing)
}

/// Lists the rows of a whole telephony server that hide their scope.
pub(super) async fn hidden_rows<R: Reader, W>(
    context: &Context<'_, R, W>,
    scope: &Scope,
) -> Result<Vec<LiveClient>, ApiError> {
    let listing = list(context, Scope::whole(scope.telsys)).await?;
    Ok(listing.rows.into_values().filter(|row| hides(row, scope)).map(|row| *row).collect())
}

async fn list<R: Reader, W>(context: &Context<'_, R, W>, filter: Scope) -> Result<Listing, ApiError> {
    live::list(context.reader, &[filter], context.options.page_size).await
}

fn hides(row: &LiveClient, scope: &Scope) -> bool {
    row.scope.is_unresolved() && row.scope.telsys == scope.telsys
}

fn filter_for(scope: &Scope) -> Scope {
    if scope.is_unresolved() { Scope::whole(scope.telsys) } else { scope.clone() }
}

/// Picks the rows of exactly a scope that are not among those known before.
pub(super) fn new_at<'a>(listing: &'a Listing, scope: &Scope, known: &Listing) -> Vec<&'a LiveClient> {
    listing.rows.values().map(Box::as_ref).filter(|row| row.scope == *scope && !known.shows(&row.id)).collect()
}
