//! One request from its first byte to its answer: fault, login, operation, record.

use std::sync::{Arc, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, Response, header};

use super::Shared;
use super::client::Draft;
use super::connection::Line;
use super::control;
use super::dialect::LoginConflict;
use super::estate::User;
use super::fault::{Fate, Kind, Operation, Work};
use super::listing::Window;
use super::path::{Address, Target};
use super::query::{Query, parameter};
use super::record::WorkDone;
use super::refusal::{ClientError, Refusal};
use super::reply::Reply;
use super::session::LoginError;
use super::state::{self, Write};
use super::wire::{self, Reading, Rows};
use crate::model::{ClientId, Scope};

/// The largest body that a request may have, in bytes.
const LARGEST_BODY: usize = 1 << 20;
/// The most of a reader's complaint that is repeated to the caller, in characters.
const COMPLAINT: usize = 200;

/// What came of a request.
struct Outcome {
    reply: Reply,
    user: Option<Arc<User>>,
    work: WorkDone,
}

/// One request with its body.
struct Call {
    parts: Parts,
    body: Result<Bytes, Refusal>,
    fate: Fate,
}

/// Answers one request.
pub(super) async fn answer(shared: &Shared, line: &Line, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_BODY).await;
    let body = body.map_err(|_| Refusal::Http(413, "the body is larger than 1 MiB, or was not sent whole"));
    if let Some(path) = parts.uri.path().strip_prefix(control::BASE) {
        return control::answer(shared, line, &parts, path, body.unwrap_or_default()).await.into_response();
    }
    let target = Target::parse(parts.method.as_str(), parts.uri.path());
    let asked = target.asked();
    let (method, path, query) = (parts.method.as_str(), parts.uri.path(), parts.uri.query().unwrap_or_default());
    let number = shared.lock_records().arrive(asked.operation, method, path, query);
    let fate = shared.lock_faults().decide(&asked);
    tokio::select! {
        () = tokio::time::sleep(fate.delay), if !fate.delay.is_zero() => {}
        () = shared.closing.cancelled(), if !fate.delay.is_zero() => {}
        () = std::future::ready(()), if fate.delay.is_zero() => {}
    }
    let kind = fate.rule.effect;
    let Outcome { reply, user, work } = doomed(shared, &target, Call { parts, body, fate }).await;
    let dropped = match kind {
        Kind::DropBefore | Kind::DropAfter => true,
        Kind::Truncate => reply.body.is_empty(),
        _ => false,
    };
    let user = user.map(|user| user.username.clone());
    shared.lock_records().leave(number, user, (!dropped).then_some(reply.status), work);
    if dropped {
        line.cut();
    }
    if kind == Kind::Truncate { reply.into_truncated() } else { reply.into_response() }
}

/// Does the work of a request, unless its fate is that nothing or something else is done.
async fn doomed(shared: &Shared, target: &Target, call: Call) -> Outcome {
    let rule = call.fate.rule.clone();
    match rule.effect {
        Kind::DropBefore => Outcome::undone(Reply::empty(500)),
        Kind::Html => Outcome::undone(Reply::html(rule.status.unwrap_or(200), "Service")),
        Kind::Answer => {
            let reply = faulty(shared, &call.fate);
            match rule.work {
                Work::Skipped => Outcome::undone(reply),
                Work::Done => Outcome { reply, ..work(shared, target, call).await },
            }
        }
        Kind::ExpireSession => {
            shared.lock_sessions().close(&call.parts.headers);
            work(shared, target, call).await
        }
        Kind::Delay
        | Kind::DropAfter
        | Kind::Truncate
        | Kind::Shift
        | Kind::Total
        | Kind::Endless
        | Kind::AcceptWithoutDoing => work(shared, target, call).await,
    }
}

/// Words the answer that a fault asks for.
fn faulty(shared: &Shared, fate: &Fate) -> Reply {
    let rule = &fate.rule;
    let status = rule.status.unwrap_or(if rule.retry_after.is_some() { 503 } else { 500 });
    let mut reply = match (&rule.body, rule.code) {
        (Some(body), _) => Reply::empty(status).typed("application/json", body.clone().into_bytes()),
        (None, Some(code)) => Reply::refusal(&shared.world.dialect, &Refusal::General(code)),
        (None, None) => Reply::message(status, "This answer is a fault"),
    };
    // A code without a status has the status of the dialect's errors.
    if rule.status.is_some() || rule.code.is_none() {
        reply.status = status;
    }
    match &rule.retry_after {
        Some(retry) => {
            let value = HeaderValue::from_str(retry.as_str());
            reply.with(header::RETRY_AFTER, value.expect("a value of `retry_after` was tried when it was read"))
        }
        None => reply,
    }
}

async fn work(shared: &Shared, target: &Target, call: Call) -> Outcome {
    let dialect = &shared.world.dialect;
    match target {
        Target::NotFound => {
            Outcome::undone(Reply::refusal(dialect, &Refusal::Http(404, "there is nothing at this path")))
        }
        Target::MethodNotAllowed(allowed) => {
            let reply = Reply::refusal(dialect, &Refusal::Http(405, "the path does not have this method"));
            Outcome::undone(reply.with(header::ALLOW, HeaderValue::from_static(allowed)))
        }
        Target::Session(operation) => session(shared, *operation, &call.parts),
        Target::Client(operation, address) => {
            let Some(user) = shared.lock_sessions().identify(&call.parts.headers) else {
                return Outcome::undone(Reply::not_logged_in(dialect));
            };
            let pretended = call.fate.rule.effect == Kind::AcceptWithoutDoing;
            match client(shared, &user, *operation, address, call).await {
                Ok(reply) => {
                    let write = matches!(operation, Operation::Add | Operation::Change | Operation::Delete);
                    let work = if pretended && write { WorkDone::NotDone } else { WorkDone::Done };
                    Outcome { reply, user: Some(user), work }
                }
                Err(refusal) => {
                    let reply = Reply::refusal(dialect, &refusal);
                    Outcome { reply, user: Some(user), work: WorkDone::NotDone }
                }
            }
        }
    }
}

impl Outcome {
    fn undone(reply: Reply) -> Self {
        Self { reply, user: None, work: WorkDone::NotDone }
    }

    fn done(reply: Reply, user: Option<Arc<User>>) -> Self {
        Self { reply, user, work: WorkDone::Done }
    }
}

fn session(shared: &Shared, operation: Operation, parts: &Parts) -> Outcome {
    let mut sessions = shared.lock_sessions();
    let success = || Reply::json(200, &wire::success::<()>(None));
    match operation {
        Operation::Session => {
            let new = sessions.create();
            let cookie = format!("JSESSIONID={}; Path=/CCS; HttpOnly", new.session_id);
            let cookie = HeaderValue::from_str(&cookie).expect("a session id is made of hexadecimal digits");
            Outcome::done(Reply::json(200, &new).with(header::SET_COOKIE, cookie), None)
        }
        Operation::Login => {
            let locale = parameter(parts.uri.query().unwrap_or_default(), "locale");
            if locale.is_some_and(|locale| !matches!(locale.as_str(), "en_GB" | "en_US")) {
                return Outcome::undone(Reply::message(400, "The locale is en_GB or en_US"));
            }
            match sessions.login(&parts.headers) {
                Ok(user) if shared.world.dialect.login_conflict == LoginConflict::True => {
                    let message = format!("There were other browser sessions active for {}", user.username);
                    Outcome::done(Reply::message(400, &message), Some(user))
                }
                Ok(user) => Outcome::done(success(), Some(user)),
                Err(LoginError::NoSession) => Outcome::undone(Reply::message(401, "There is no session to log in")),
                Err(LoginError::WrongPassword) => {
                    Outcome::undone(Reply::message(401, "The user name or the password is wrong"))
                }
            }
        }
        _ => {
            sessions.close(&parts.headers);
            Outcome::done(success(), None)
        }
    }
}

/// Carries out one of the five operations for a user.
async fn client(
    shared: &Shared,
    user: &Arc<User>,
    operation: Operation,
    address: &Address,
    call: Call,
) -> Result<Reply, Refusal> {
    let Call { parts, body, fate } = call;
    let id = || address.id.clone().ok_or(ClientError::NoId);
    if matches!(operation, Operation::Info | Operation::Change | Operation::Delete) {
        id()?;
    }
    let scope = address.scope.clone().map_err(Refusal::Malformed)?;
    let query = Query::parse(parts.uri.query().unwrap_or_default()).map_err(Refusal::Malformed)?;
    let write = match operation {
        Operation::List => return list(shared, user, scope, &query, &fate),
        Operation::Info => return info(shared, user, &scope, &id()?, &query),
        Operation::Add => Write::Add { scope, draft: draft(&parts.headers, &body?)? },
        Operation::Change => Write::Change { scope, id: id()?, draft: draft(&parts.headers, &body?)? },
        _ => Write::Delete { scope, id: id()? },
    };
    let answer = match write {
        Write::Add { .. } => Reply::json(200, &wire::success::<()>(None)),
        Write::Change { .. } | Write::Delete { .. } => Reply::empty(204),
    };
    if fate.rule.effect != Kind::AcceptWithoutDoing {
        shared.writer.write(Arc::clone(user), write).await?;
    }
    Ok(answer)
}

fn list(shared: &Shared, user: &User, filter: Scope, query: &Query, fate: &Fate) -> Result<Reply, Refusal> {
    let world = &shared.world;
    state::permit_filter(user, &filter)?;
    if !world.places.allows_filter(&filter) {
        return Err(ClientError::DeviceNotFound.into());
    }
    let most = world.dialect.max_limit.0.map_or(u32::MAX, std::num::NonZeroU32::get);
    let limit = query.limit.unwrap_or(u32::MAX).min(most) as usize;
    let by = fate.rule.by.unwrap_or(0);
    let (shift, total_by) = if fate.rule.effect == Kind::Shift { (by, 0) } else { (0, by) };
    let offset = usize::try_from(i64::from(query.offset).saturating_add(shift)).unwrap_or(0);
    let mut window = Window { filter, sort: query.sort, offset, limit };
    let published = shared.published.read().unwrap_or_else(PoisonError::into_inner);
    let mut page = published.listing.page(user, &window);
    if fate.rule.effect == Kind::Endless && page.total > 0 {
        window.offset = offset % page.total;
        page = published.listing.page(user, &window);
        page.total = page.total + query.offset as usize + page.clients.len();
    }
    drop(published);
    let rows = Rows {
        total: i64::try_from(page.total).unwrap_or(i64::MAX).saturating_add(total_by).max(0),
        items: page.clients.iter().map(|client| wire::row(world, client, &query.fields, Reading::List)).collect(),
        offset: query.offset,
    };
    Ok(Reply::json(200, &wire::success(Some(rows))))
}

fn info(shared: &Shared, user: &User, scope: &Scope, id: &ClientId, query: &Query) -> Result<Reply, Refusal> {
    let published = shared.published.read().unwrap_or_else(PoisonError::into_inner);
    let client = published.clients.info(&shared.world, user, scope, id)?;
    drop(published);
    let row = wire::row(&shared.world, &client, &query.fields, Reading::Info);
    Ok(Reply::json(200, &wire::success(Some(row))))
}

/// Reads the body of Add or Change: a JSON object, declared as JSON if it is declared at all.
fn draft(headers: &HeaderMap, body: &Bytes) -> Result<Draft, Refusal> {
    let text = body.trim_ascii();
    if text.is_empty() || text == b"null" {
        return Err(ClientError::NoConfigProvided.into());
    }
    let declared = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let essence = declared.map(|value| value.split(';').next().unwrap_or_default().trim());
    if essence.is_some_and(|essence| !essence.eq_ignore_ascii_case("application/json")) {
        return Err(Refusal::Http(415, "the body is to be application/json"));
    }
    if !text.starts_with(b"{") {
        return Err(Refusal::Malformed("the body is not a JSON object".to_owned()));
    }
    serde_json::from_slice(text).map_err(|error| {
        let complaint: String = error.to_string().chars().take(COMPLAINT).collect();
        Refusal::Malformed(format!("the body cannot be read: {complaint}"))
    })
}
