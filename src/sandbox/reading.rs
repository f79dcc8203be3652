//! List and Info: what is published, as far as the user may see it, and the odd rows of the estate.

use serde_json::value::RawValue;

use super::Shared;
use super::dialect::Audit;
use super::estate::User;
use super::fault::FaultKind;
use super::fault_schedule::Fault;
use super::listing::Window;
use super::published;
use super::query::Query;
use super::refusal::{ClientError, Refusal};
use super::reply::Reply;
use super::state::World;
use super::wire::{self, Item, Reading, Rows};
use crate::model::{ClientId, Scope, Telsys};

pub(super) fn list(
    shared: &Shared,
    user: &User,
    filter: Scope,
    query: &Query,
    fault: &Fault,
) -> Result<Reply, Refusal> {
    let world = &shared.world;
    permit_fields(world, query)?;
    user.rights.permit_list(&filter)?;
    if !world.places.allows_filter(&filter) {
        return Err(ClientError::DeviceNotFound.into());
    }
    let odd = odd_rows(world, user, &filter);
    let most = world.dialect.max_limit.0.map_or(u32::MAX, std::num::NonZeroU32::get);
    let limit = query.limit.unwrap_or(u32::MAX).min(most) as usize;
    let by = fault.rule.by.unwrap_or(0);
    let (shift, total_by) = if fault.rule.effect == FaultKind::Shift { (by, 0) } else { (0, by) };
    let offset = usize::try_from(i64::from(query.offset).saturating_add(shift)).unwrap_or(0);
    let mut window = Window { filter, sort: query.sort, offset, limit };
    let published = published::read(&shared.published, &world.places);
    let mut page = published.listing.page(user, &window);
    // The odd rows come after all others.
    let odd_before = offset.saturating_sub(page.total);
    page.total += odd.len();
    if fault.rule.effect == FaultKind::Endless && page.total > 0 {
        window.offset = offset % page.total;
        page = published.listing.page(user, &window);
        page.total = page.total + query.offset as usize + page.clients.len();
    }
    drop(published);
    let clients = page.clients.iter().map(|client| wire::row(world, client, &query.fields, Reading::List));
    let odd = odd.into_iter().skip(odd_before).map(Item::Odd);
    let rows = Rows {
        total: i64::try_from(page.total).unwrap_or(i64::MAX).saturating_add(total_by).max(0),
        items: clients.map(|row| Item::Client(Box::new(row))).chain(odd).take(limit).collect(),
        offset: query.offset,
    };
    Ok(Reply::json(200, &wire::success(Some(rows))))
}

/// Finds the rows that are no clients and that a List by this filter has.
fn odd_rows<'a>(world: &'a World, user: &User, filter: &Scope) -> Vec<&'a RawValue> {
    let listed = |telsys| {
        let server = Scope { telsys: Telsys::One(telsys), ..Scope::EVERYTHING };
        filter.contains(&server) && user.rights.sees_server(telsys)
    };
    world.estate.odd_rows.iter().filter(|odd| listed(odd.telsys)).map(|odd| &*odd.row).collect()
}

pub(super) fn info(
    shared: &Shared,
    user: &User,
    scope: &Scope,
    id: &ClientId,
    query: &Query,
) -> Result<Reply, Refusal> {
    permit_fields(&shared.world, query)?;
    let published = published::read(&shared.published, &shared.world.places);
    let client = published.clients.info(&shared.world, user, scope, id)?;
    drop(published);
    let row = wire::row(&shared.world, &client, &query.fields, Reading::Info);
    Ok(Reply::json(200, &wire::success(Some(row))))
}

/// Refuses a reading request for fields that the dialect does not have.
fn permit_fields(world: &World, query: &Query) -> Result<(), Refusal> {
    match wire::AUDIT.into_iter().find(|name| query.fields.has(name)) {
        Some(name) if world.dialect.audit == Audit::Refused => {
            Err(Refusal::Malformed(format!("`{name}` is not one of the IntegratorClientFields")))
        }
        _ => Ok(()),
    }
}
