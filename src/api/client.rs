//! The HTTP client: reads repeat what is safe to repeat, writes are sent once and say what is known of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;

use super::access::{Access, Renewal};
use super::counts::Counts;
use super::error::{ApiError, ErrorCode, ErrorKind, Operation};
use super::failure::{AttemptFailure, AttemptOutcome};
use super::fields::{Narrowed, Narrowing, Tier, complete, is_doubtful};
use super::request::{BaseUrl, Request};
use super::retry::{SessionDoubt, Standing, Verdict, judge};
use super::session::Ticket;
use super::transport::{Answered, Transport, error};
use super::wire::{self, Texts, UnsetForm, Unusable};
use super::{Answer, ConnectError, ListPage, ListRow, Options, Reader, Writer};
use crate::model::{ClientId, Desired, Detail, LiveClient, Payload, Scope, UnreadRow};

/// Reads an API over HTTP. Dropping it leaves a session behind: [`close`](Self::close) ends it.
#[derive(Debug)]
pub(crate) struct Client {
    connection: Arc<Connection>,
}

/// Writes to an API over HTTP. Only applying makes one, with [`Client::writer`].
#[derive(Debug)]
pub(crate) struct HttpWriter {
    connection: Arc<Connection>,
}

#[derive(Debug)]
struct Connection {
    base: BaseUrl,
    transport: Transport,
    access: Access,
    texts: Texts,
    list_fields: Narrowing,
    info_fields: Narrowing,
    /// Whether an Add says `null` for what is not set: the server may refuse a body that leaves something out.
    says_null: AtomicBool,
    /// Held by the one List that finds out which fields there are.
    first_list: Mutex<()>,
}

impl Client {
    /// Prepares a client; with a login, logs in. An API key or a given session is first used by the first request.
    pub(crate) async fn connect(options: Options) -> Result<Self, ConnectError> {
        let base = BaseUrl::new(&options.url);
        let transport = Transport::new(&options, &base)?;
        let access = Access::new(options.auth, &base, &transport).await?;
        let (texts, list_fields, info_fields) = (Texts::default(), Narrowing::default(), Narrowing::default());
        let (says_null, first_list) = (AtomicBool::new(false), Mutex::default());
        let connection = Connection { base, transport, access, texts, list_fields, info_fields, says_null, first_list };
        Ok(Self { connection: Arc::new(connection) })
    }

    /// Makes the writer of this connection. It shares session, pace and counts.
    pub(crate) fn writer(&self) -> HttpWriter {
        HttpWriter { connection: Arc::clone(&self.connection) }
    }

    /// Lets what the server shows share the values of git, so that a client in sync takes up little room, and lets no answer
    /// repeat a sensitive value of git.
    pub(crate) fn expect(&self, desired: &Desired) {
        self.connection.texts.expect(desired);
        desired.definitions().for_each(|one| self.connection.transport.sensitive.learn_spec(&one.spec));
    }

    /// Counts the requests sent so far, by readers and writers.
    pub(crate) fn counts(&self) -> Counts {
        self.connection.transport.activity.counts()
    }

    /// Gives what the user should know although nothing failed, such as a login with other sessions open.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.connection.access.warnings()
    }

    /// Ends the session of a login; call it after errors too. Nothing can fail that matters.
    pub(crate) async fn close(&self) {
        self.connection.access.leave(&self.connection.transport).await;
        self.connection.transport.say_pace();
    }
}

impl Reader for Client {
    async fn list(&self, filter: &Scope, offset: u64, limit: u64) -> Result<ListPage, ApiError> {
        let Connection { base, texts, list_fields, first_list, .. } = &*self.connection;
        let _first = if list_fields.is_settled() { None } else { Some(first_list.lock().await) };
        let read = |tier: Tier| async move {
            let request = base.list(filter, (offset, limit), tier.fields())?;
            let page = |answered: &Answered| {
                let page = wire::list_page(&answered.body, texts)?;
                for row in &page.rows {
                    if let ListRow::Client(live) = row {
                        self.connection.transport.sensitive.learn_live(live);
                    }
                }
                Ok(shown(page, answered))
            };
            self.connection.read(&request, page).await
        };
        Ok(list_fields.ask(read).await?.value)
    }

    async fn info(&self, scope: &Scope, id: &ClientId) -> Result<LiveClient, ApiError> {
        let Connection { list_fields, info_fields, .. } = &*self.connection;
        info_fields.follow(list_fields);
        let tier = info_fields.tier();
        match info_fields.ask(|tier| self.connection.info(scope, id, tier)).await {
            Ok(Narrowed { value, refused: None }) => Ok(complete(value, None)),
            Ok(Narrowed { value, refused: Some(reason) }) => {
                let detail = if tier <= Tier::Documented { value.detail } else { Detail::Narrow };
                Ok(complete(LiveClient { detail, ..value }, Some(&reason)))
            }
            // Others are shown with these fields, so this is about the one client: a refusal without a code may pass.
            Err(refusal) if refusal.code.is_none() && is_doubtful(&refusal) && info_fields.has_worked(tier) => {
                Ok(complete(self.connection.info(scope, id, tier).await?, None))
            }
            Err(error) => Err(error),
        }
    }
}

impl HttpWriter {
    /// Hears of everything that is to be written, so that no answer repeats a sensitive value of another write.
    pub(crate) fn announce<'a>(&self, payloads: impl IntoIterator<Item = &'a Payload>) {
        payloads.into_iter().for_each(|payload| self.connection.transport.sensitive.learn_payload(payload));
    }
}

impl Writer for HttpWriter {
    async fn add(&self, scope: &Scope, payload: &Payload) -> Answer {
        self.connection.transport.sensitive.learn_payload(payload);
        let form = self.connection.unset_form();
        match self.connection.add(scope, payload, form).await {
            Answer::Refused(error) if form == UnsetForm::LeftOut && is_about_unset(payload, &error) => {
                self.connection.says_null.store(true, Ordering::Relaxed);
                self.connection.add(scope, payload, UnsetForm::Null).await
            }
            answer => answer,
        }
    }

    async fn change(&self, scope: &Scope, id: &ClientId, payload: &Payload) -> Answer {
        self.connection.transport.sensitive.learn_payload(payload);
        self.connection.write(self.connection.base.change(scope, id, payload)).await
    }

    async fn delete(&self, scope: &Scope, id: &ClientId) -> Answer {
        self.connection.write(self.connection.base.delete(scope, id)).await
    }
}

/// Tells whether a server may have taken a body that leaves something out for none.
fn is_about_unset(payload: &Payload, refusal: &ApiError) -> bool {
    payload.has_null() && refusal.code == Some(ErrorCode::NO_CONFIG)
}

/// What follows from one failed attempt.
struct Judged {
    verdict: Verdict,
    failure: AttemptFailure,
}

impl Connection {
    async fn info(&self, scope: &Scope, id: &ClientId, tier: Tier) -> Result<LiveClient, ApiError> {
        let request = self.base.info(scope, id, tier.fields())?;
        let parse = |answered: &Answered| {
            let client = wire::client(&answered.body, &self.texts)?;
            self.transport.sensitive.learn_live(&client);
            if client.id != *id {
                return Err(format!("it shows the client {} instead", crate::text::excerpt(client.id.as_str())));
            }
            // An unresolved row stays what the list shows, whatever scope Info knows of: it is addressed by it.
            let scope = if scope.is_unresolved() { scope.clone() } else { client.scope };
            Ok(LiveClient { scope, ..client })
        };
        self.read(&request, parse).await
    }

    /// Sends a read until it succeeds, is refused, or its repeats are used up.
    async fn read<T>(
        &self,
        request: &Request,
        parse: impl Fn(&Answered) -> Result<T, Unusable>,
    ) -> Result<T, ApiError> {
        let (mut number, mut renewals) = (0, 0);
        loop {
            let ticket = self.access.ticket();
            let result = self.transport.send(request, ticket.headers()).await;
            let failure = match result.and_then(|answered| success_of_read(&answered, &parse)) {
                Ok(value) => {
                    ticket.accepted();
                    if request.operation == Operation::List {
                        ticket.prove(&request.url);
                    }
                    return Ok(value);
                }
                Err(failure) => failure,
            };
            let judged = self.weigh(request, &ticket, failure, (number, renewals)).await?;
            match judged.verdict {
                Verdict::Repeat => {
                    self.transport.pause(request, number, &judged.failure).await?;
                    number += 1;
                }
                Verdict::Renew(_) => {
                    self.transport.activity.counters().retried();
                    renewals += 1;
                }
                Verdict::Fail(kind) | Verdict::Refused(kind) | Verdict::NotDone(kind) | Verdict::Uncertain(kind) => {
                    return Err(error(request, kind, &judged.failure));
                }
            }
        }
    }

    /// Sends a write, and again only if it is certain that the server did not take it.
    async fn write(&self, request: Result<Request, ApiError>) -> Answer {
        let request = match request {
            Ok(request) => request,
            Err(error) => return Answer::NotDone(error),
        };
        let mut number = 0;
        loop {
            let ticket = self.access.ticket();
            let result = self.transport.send(&request, ticket.headers()).await;
            let failure = match result.and_then(|answered| success_of_write(request.operation, &answered)) {
                Ok(()) => {
                    ticket.accepted();
                    return Answer::Done;
                }
                Err(failure) => failure,
            };
            // Whoever we are to the server by now, it has said no; without a code it is looked into.
            let refused = matches!(failure.outcome, AttemptOutcome::Answered { status: 400..=499, .. });
            let Judged { verdict, failure } = match self.weigh(&request, &ticket, failure, (number, 0)).await {
                Ok(judged) => judged,
                Err(error) if refused => return Answer::Refused(error),
                Err(error) => return Answer::Uncertain(error),
            };
            let answer = |kind| error(&request, kind, &failure);
            match verdict {
                Verdict::Repeat => match self.transport.pause(&request, number, &failure).await {
                    Ok(()) => number += 1,
                    Err(error) => return Answer::NotDone(error),
                },
                Verdict::Refused(kind) => return Answer::Refused(answer(kind)),
                Verdict::NotDone(kind) => return Answer::NotDone(answer(kind)),
                Verdict::Uncertain(kind) | Verdict::Fail(kind) => return Answer::Uncertain(answer(kind)),
                // The session is new now: reading settles what became of the write.
                Verdict::Renew(_) => return Answer::Postponed(answer(ErrorKind::Unreachable)),
            }
        }
    }

    async fn add(&self, scope: &Scope, payload: &Payload, form: UnsetForm) -> Answer {
        self.write(self.base.add(scope, payload, form)).await
    }

    /// Tells how an Add says that a field is not set.
    fn unset_form(&self) -> UnsetForm {
        if self.says_null.load(Ordering::Relaxed) { UnsetForm::Null } else { UnsetForm::LeftOut }
    }

    /// Looks after the session; a failure to is one of the request that needs it.
    async fn renew(&self, request: &Request, ticket: &Ticket, doubt: SessionDoubt) -> Result<Renewal, ApiError> {
        let renewal = self.access.renew(&self.transport, ticket, doubt).await;
        renewal.map_err(|error| ApiError {
            operation: request.operation,
            object: request.subject.name(),
            message: format!("the session was lost and could not be renewed: {}", error.message),
            ..error
        })
    }

    /// Decides about a failed attempt; looks after the session when it is in doubt. `Renew` means: it is renewed.
    async fn weigh(
        &self,
        request: &Request,
        ticket: &Ticket,
        failure: AttemptFailure,
        (number, renewals): (u32, u32),
    ) -> Result<Judged, ApiError> {
        if let AttemptOutcome::Answered { code: Some(code), .. } = failure.outcome
            && code.0 >= 30_000
        {
            ticket.accepted();
        }
        let attempt = self.transport.attempt(number);
        let verdict = judge(request.operation, ticket.standing(), failure.outcome, attempt);
        let Verdict::Renew(doubt) = verdict else { return Ok(Judged { verdict, failure }) };
        if renewals < most_renewals(doubt) && self.renew(request, ticket, doubt).await? == Renewal::Renewed {
            return Ok(Judged { verdict, failure });
        }
        let verdict = judge(request.operation, Standing::Accepted, failure.outcome, attempt);
        Ok(Judged { verdict, failure })
    }
}

/// How many new sessions one request may be worth: one is lost now and then because others used it up.
fn most_renewals(doubt: SessionDoubt) -> u32 {
    match doubt {
        SessionDoubt::None => 32,
        SessionDoubt::Probe | SessionDoubt::Forbidden => 3,
    }
}

/// Shows of rows that cannot be read what may be shown: nothing that holds a credential of this run.
fn shown(page: ListPage, answered: &Answered) -> ListPage {
    let shown = |row| match row {
        ListRow::Unread(UnreadRow { id, telsys, scope, reason }) => {
            let id = id.filter(|id| answered.shown(id.as_str()) == id.as_str());
            ListRow::Unread(UnreadRow { id, telsys, scope, reason: answered.shown(&reason) })
        }
        client @ ListRow::Client(_) => client,
    };
    ListPage { rows: page.rows.into_iter().map(shown).collect(), ..page }
}

fn success_of_read<T>(
    answered: &Answered,
    parse: impl Fn(&Answered) -> Result<T, Unusable>,
) -> Result<T, AttemptFailure> {
    if answered.status != 200 {
        return Err(answered.failure(""));
    }
    parse(answered).map_err(|reason| answered.failure(&reason))
}

/// Change and Delete answer 204, Add answers 200 with a Result; 201 and 204 of an Add can only mean that it is done.
fn success_of_write(operation: Operation, answered: &Answered) -> Result<(), AttemptFailure> {
    let done = match answered.status {
        200 => wire::tells_success(&answered.body),
        201 => operation == Operation::Add && (answered.body.is_empty() || wire::tells_success(&answered.body)),
        204 => true,
        _ => false,
    };
    if done { Ok(()) } else { Err(answered.failure("its body has no `Result`")) }
}
