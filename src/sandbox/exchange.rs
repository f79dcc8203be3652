//! One request from its first byte to its answer: fault, login, operation, record.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, Response, header};

use super::Shared;
use super::client::Draft;
use super::connection::ConnectionHandle;
use super::control;
use super::dialect::{LoginConflict, Sticky, WriteFields};
use super::door;
use super::estate::User;
use super::fault::{FaultKind, Operation, Work};
use super::fault_schedule::Fault;
use super::late::LateWrite;
use super::path::{Address, RequestTarget};
use super::query::{Query, parameter};
use super::reading;
use super::record::WorkDone;
use super::refusal::{ClientError, Refusal};
use super::reply::Reply;
use super::route;
use super::session::LoginError;
use super::state::WriteRequest;
use super::wire;

/// The largest body that a request may have, in bytes.
const LARGEST_BODY: usize = 1 << 20;
/// The most of a reader's message that is repeated to the caller, in characters.
const LONGEST_MESSAGE: usize = 200;

/// What came of a request.
struct RequestOutcome {
    reply: Reply,
    user: Option<Arc<User>>,
    work: WorkDone,
    late: Option<LateWrite>,
}

struct Call {
    parts: Parts,
    body: Result<Bytes, Refusal>,
    fault: Fault,
}

pub(super) async fn answer(shared: &Arc<Shared>, line: &ConnectionHandle, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if let Err(stranger) = door::check(line, &parts) {
        return Reply::message(403, &stranger.to_string()).into_response();
    }
    let body = axum::body::to_bytes(body, LARGEST_BODY).await;
    let body = body.map_err(|_| Refusal::Http(413, "the body is larger than 1 MiB, or was not sent whole"));
    if let Some(path) = parts.uri.path().strip_prefix(control::BASE) {
        return control::answer(shared, line, &parts, path, body.unwrap_or_default()).await.into_response();
    }
    let target = RequestTarget::parse(parts.method.as_str(), parts.uri.path());
    let asked = target.asked();
    let number = shared.lock_records().arrive(asked.operation, &parts);
    let fault = shared.lock_faults().decide(&asked);
    tokio::select! {
        () = tokio::time::sleep(fault.delay), if !fault.delay.is_zero() => {}
        () = shared.closing.cancelled(), if !fault.delay.is_zero() => {}
        () = std::future::ready(()), if fault.delay.is_zero() => {}
    }
    let kind = fault.rule.effect;
    let cookie = match shared.world.dialect.sticky {
        Sticky::False => None,
        Sticky::True => route::missing(&parts.headers),
    };
    let RequestOutcome { reply, user, work, late } =
        work_under_fault(shared, &target, Call { parts, body, fault }).await;
    let dropped = match kind {
        FaultKind::DropBefore | FaultKind::DropAfter => true,
        FaultKind::Truncate => reply.body.is_empty(),
        _ => false,
    };
    let user = user.map(|user| user.username.clone());
    shared.lock_records().leave(number, user, (!dropped).then_some(reply.status), work);
    if let Some(late) = late {
        late.start(shared, number);
    }
    let reply = cookie.into_iter().fold(reply, |reply, cookie| reply.with(header::SET_COOKIE, cookie));
    if dropped {
        line.cut();
    }
    if kind == FaultKind::Truncate { reply.into_truncated() } else { reply.into_response() }
}

/// Does the work of a request, unless a fault says that nothing or something else is done.
async fn work_under_fault(shared: &Shared, target: &RequestTarget, call: Call) -> RequestOutcome {
    let rule = call.fault.rule.clone();
    match rule.effect {
        FaultKind::DropBefore => RequestOutcome::undone(Reply::empty(500)),
        FaultKind::Html => RequestOutcome::undone(Reply::html(rule.status.unwrap_or(200), "Service")),
        FaultKind::Answer => {
            let reply = fault_reply(shared, &call.fault);
            match rule.work {
                Work::Skipped => RequestOutcome::undone(reply),
                Work::Done => RequestOutcome { reply, ..work(shared, target, call).await },
            }
        }
        FaultKind::ExpireSession => {
            shared.lock_sessions().close(&call.parts.headers);
            work(shared, target, call).await
        }
        FaultKind::Delay
        | FaultKind::DropAfter
        | FaultKind::Truncate
        | FaultKind::Shift
        | FaultKind::Total
        | FaultKind::Endless
        | FaultKind::AcceptWithoutDoing => work(shared, target, call).await,
    }
}

/// Words the answer that a fault asks for.
fn fault_reply(shared: &Shared, fault: &Fault) -> Reply {
    let rule = &fault.rule;
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

async fn work(shared: &Shared, target: &RequestTarget, call: Call) -> RequestOutcome {
    let dialect = &shared.world.dialect;
    if let (Sticky::True, Err(refusal)) = (dialect.sticky, route::permit(&call.parts.headers)) {
        return RequestOutcome::undone(Reply::refusal(dialect, &refusal));
    }
    match target {
        RequestTarget::NotFound => {
            RequestOutcome::undone(Reply::refusal(dialect, &Refusal::Http(404, "there is nothing at this path")))
        }
        RequestTarget::MethodNotAllowed(allowed) => {
            let reply = Reply::refusal(dialect, &Refusal::Http(405, "the path does not have this method"));
            RequestOutcome::undone(reply.with(header::ALLOW, HeaderValue::from_static(allowed)))
        }
        RequestTarget::Session(operation) => session(shared, *operation, &call.parts),
        RequestTarget::Client(operation, address) => {
            let Some(user) = shared.lock_sessions().identify(&call.parts.headers) else {
                return RequestOutcome::undone(Reply::not_logged_in(dialect));
            };
            client(shared, &user, *operation, address, call).await.unwrap_or_else(|refusal| RequestOutcome {
                user: Some(user),
                ..RequestOutcome::undone(Reply::refusal(dialect, &refusal))
            })
        }
    }
}

impl RequestOutcome {
    fn undone(reply: Reply) -> Self {
        Self { reply, user: None, work: WorkDone::NotDone, late: None }
    }

    fn done(reply: Reply, user: Option<Arc<User>>) -> Self {
        Self { reply, user, work: WorkDone::Done, late: None }
    }
}

fn session(shared: &Shared, operation: Operation, parts: &Parts) -> RequestOutcome {
    let mut sessions = shared.lock_sessions();
    let success = || Reply::json(200, &wire::success::<()>(None));
    match operation {
        Operation::Session => {
            let new = sessions.create();
            let cookie = format!("JSESSIONID={}; Path=/CCS; HttpOnly", new.session_id);
            let cookie = HeaderValue::from_str(&cookie).expect("a session id is made of hexadecimal digits");
            RequestOutcome::done(Reply::json(200, &new).with(header::SET_COOKIE, cookie), None)
        }
        Operation::Login => {
            let locale = parameter(parts.uri.query().unwrap_or_default(), "locale");
            if locale.is_some_and(|locale| !matches!(locale.as_str(), "en_GB" | "en_US")) {
                return RequestOutcome::undone(Reply::message(400, "The locale is en_GB or en_US"));
            }
            match sessions.login(&parts.headers) {
                Ok(user) if shared.world.dialect.login_conflict == LoginConflict::True => {
                    let message = format!("There were other browser sessions active for {}", user.username);
                    RequestOutcome::done(Reply::message(400, &message), Some(user))
                }
                Ok(user) => RequestOutcome::done(success(), Some(user)),
                Err(LoginError::NoSession) => {
                    RequestOutcome::undone(Reply::message(401, "There is no session to log in"))
                }
                Err(LoginError::WrongPassword) => {
                    RequestOutcome::undone(Reply::message(401, "The user name or the password is wrong"))
                }
            }
        }
        _ => {
            sessions.close(&parts.headers);
            RequestOutcome::done(success(), None)
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
) -> Result<RequestOutcome, Refusal> {
    let Call { parts, body, fault } = call;
    let id = || address.id.clone().ok_or(ClientError::NoId);
    if matches!(operation, Operation::Info | Operation::Change | Operation::Delete) {
        id()?;
    }
    let scope = address.scope.clone().map_err(Refusal::Malformed)?;
    let query = Query::parse(parts.uri.query().unwrap_or_default()).map_err(Refusal::Malformed)?;
    let draft = |body: &Bytes| {
        let mut draft = draft(&parts.headers, body)?;
        if shared.world.dialect.write_fields == WriteFields::Required {
            draft.keep_named(|name| query.fields.has(name));
        }
        Ok::<_, Refusal>(draft)
    };
    let write = match operation {
        Operation::List => {
            return Ok(RequestOutcome::done(
                reading::list(shared, user, scope, &query, &fault)?,
                Some(Arc::clone(user)),
            ));
        }
        Operation::Info => {
            return Ok(RequestOutcome::done(
                reading::info(shared, user, &scope, &id()?, &query)?,
                Some(Arc::clone(user)),
            ));
        }
        Operation::Add => WriteRequest::Add { scope, draft: draft(&body?)? },
        Operation::Change => WriteRequest::Change { scope, id: id()?, draft: draft(&body?)? },
        _ => WriteRequest::Delete { scope, id: id()? },
    };
    carry_out(shared, user, write, &fault).await
}

/// Carries out a write, now, later or never.
async fn carry_out(
    shared: &Shared,
    user: &Arc<User>,
    write: WriteRequest,
    fault: &Fault,
) -> Result<RequestOutcome, Refusal> {
    let reply = match write {
        WriteRequest::Add { .. } => Reply::json(200, &wire::success::<()>(None)),
        WriteRequest::Change { .. } | WriteRequest::Delete { .. } => Reply::empty(204),
    };
    let done = RequestOutcome::done(reply, Some(Arc::clone(user)));
    let after = fault.late + shared.world.dialect.late.0;
    if fault.rule.effect == FaultKind::AcceptWithoutDoing {
        return Ok(RequestOutcome { work: WorkDone::NotDone, ..done });
    }
    if after.is_zero() {
        shared.writer.write(Arc::clone(user), write).await?;
        return Ok(done);
    }
    shared.writer.check(Arc::clone(user), write.clone()).await?;
    let late = LateWrite { user: Arc::clone(user), write, after };
    Ok(RequestOutcome { work: WorkDone::Late, late: Some(late), ..done })
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
        let message: String = error.to_string().chars().take(LONGEST_MESSAGE).collect();
        Refusal::Malformed(format!("the body cannot be read: {message}"))
    })
}
