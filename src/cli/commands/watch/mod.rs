//! `icsync watch`: compares live and git for ever, or applies what differs, and tells of it.

mod leaving;
mod round;
mod signals;
mod supervise;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::api::{self, Meter, Operation};
use crate::cli::args::{Global, Receiver, WatchArguments};
use crate::cli::connect::USER_AGENT;
use crate::cli::environment::{Environment, now, variables};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::plan_key::STATE;
use crate::cli::planning::Planned;
use crate::cli::repository::{Repository, root};
use crate::cli::server_runtime;
use crate::document::DriftV1;
use crate::drift::Drift;
use crate::manifest::SecretSource;
use crate::plan::{Plan, Withheld};
use crate::report;
use crate::text::{self, counted};
use crate::watch::{
    Alert, Board, Cadence, DRAIN, FoundParts, Happening, MetricFamily, Metrics, Move, Notifier, RoundHistory,
    RoundOutcome, Schedule, StatusServer, WatchError, WatchFacts, Webhook, alert,
};
use round::{EndedRound, KeptFiles, epoch_seconds, round};
use supervise::supervise;

/// What stands before the name of a target in the name of the file that keeps the rounds.
const HISTORY: &str = "watch";
/// So many rows of drift, and of a plan, stand on the page.
const MOST_ROWS: usize = 300;
/// So many reasons why steps are left undone.
const MOST_REASONS: usize = 20;
/// At the end so long is waited for notices under way.
const LAST_NOTICES: Duration = Duration::from_secs(3);

pub(super) fn run(environment: &Environment, global: &Global, arguments: &WatchArguments) -> Result<Exit, Failure> {
    let runtime = server_runtime()?;
    let done = runtime.block_on(watch(environment, global, arguments));
    // Whatever is still looked at or sent is not waited for.
    runtime.shutdown_background();
    done
}

async fn watch(environment: &Environment, global: &Global, arguments: &WatchArguments) -> Result<Exit, Failure> {
    environment.say_each_once();
    let board = Arc::new(Board::new(facts(arguments), history(environment, global, arguments)?));
    let metrics = Arc::new(Metrics::new(arguments.interval));
    let (sender, happenings) = unbounded_channel();
    tokio::spawn(signals::tell_signals(sender.clone()));
    tokio::spawn(signals::tell_files(root(environment, global), sender));
    let stop = CancellationToken::new();
    let notifier = notifier(environment, global, arguments, &metrics)?;
    let journal = Mutex::default();
    let watcher = Watcher { environment, global, arguments, board, metrics, notifier, stop, journal };
    serve(&watcher).await?;
    let told = supervise(watcher.environment, &watcher.board, &watcher.stop);
    let done = watcher.run(happenings).await;
    watcher.stop.cancel();
    if let Some(told) = told {
        // It says that the process ends, and does not fail.
        let _ = told.await;
    }
    watcher.notifier.finish(LAST_NOTICES).await;
    done
}

/// Reads the rounds of earlier processes. Without a place for them there are none. Two processes that apply would meet.
fn history(environment: &Environment, global: &Global, arguments: &WatchArguments) -> Result<RoundHistory, Failure> {
    let target = global.target().map(|name| format!("-{}", file_name(name))).unwrap_or_default();
    let shard = arguments.shape.shard.map(|shard| format!("-{}", file_name(&shard.to_string()))).unwrap_or_default();
    let path: PathBuf = root(environment, global).join(STATE).join(format!("{HISTORY}{target}{shard}.jsonl"));
    match RoundHistory::open(&path) {
        Ok(history) => Ok(history),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && arguments.apply => {
            Err(WatchError::Already(path).into())
        }
        Err(error) => {
            environment.say(&format!("warning: rounds are not kept in `{}`: {error}", text::path(&path)));
            Ok(RoundHistory::default())
        }
    }
}

/// Writes a name so that it is one of a file.
fn file_name(name: &str) -> String {
    name.chars().map(|one| if one.is_ascii_alphanumeric() || one == '-' { one } else { '_' }).collect()
}

fn facts(arguments: &WatchArguments) -> WatchFacts {
    let mut manner = vec![if arguments.apply { "applies what differs" } else { "writes nothing" }.to_owned()];
    manner.extend(arguments.follow.as_ref().map(|branch| format!("follows {branch}")));
    manner.extend(arguments.shape.shard.map(|shard| format!("shard {shard}, limits are its own")));
    manner.extend(arguments.shape.since.as_ref().map(|since| format!("since {since}")));
    WatchFacts { target: None, interval: arguments.interval, manner }
}

/// Begins to wait for what webhooks are to be told.
fn notifier(
    environment: &Environment,
    global: &Global,
    arguments: &WatchArguments,
    metrics: &Arc<Metrics>,
) -> Result<Notifier, Failure> {
    if arguments.notify.is_empty() {
        return Ok(Notifier::default());
    }
    let folder = root(environment, global);
    let secret = |source: &SecretSource, help| {
        source.read(&folder, &variables()).map_err(|error| CommandError::SecretOfOption { error, help })
    };
    let mut hooks = Vec::new();
    for Receiver { form, url } in &arguments.notify {
        let key = arguments.notify_key.as_ref().map(|key| secret(key, "`--notify-key` names it")).transpose()?;
        hooks.push(Webhook {
            form: *form,
            url: secret(url, "`--notify` names it: set it to the URL of the webhook, or write it into that file")?,
            key,
        });
    }
    Ok(Notifier::start(hooks, &api::other_client(USER_AGENT)?, metrics)?)
}

/// Opens the port of metrics, health and the page, and says where it is.
async fn serve(watcher: &Watcher<'_>) -> Result<(), Failure> {
    let WatchArguments { listen, host, .. } = watcher.arguments;
    let failed = |source| CommandError::Listen { address: *listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr()?;
    watcher.environment.say(&format!("listening: http://{address}/ (/metrics, /healthz, /readyz)"));
    if !address.ip().is_loopback() {
        let text = "warning: whoever reaches this address sees what is managed: nothing there asks for a password";
        watcher.environment.say(text);
    }
    let (board, metrics) = (Arc::clone(&watcher.board), Arc::clone(&watcher.metrics));
    let server = StatusServer { board, metrics, names: host.clone() };
    tokio::spawn(async move {
        if let Err(error) = server.serve(listener).await {
            tracing::error!("metrics, health and the page are not served any more: {error}");
        }
    });
    Ok(())
}

/// What every round is made with.
struct Watcher<'a> {
    environment: &'a Environment,
    global: &'a Global,
    arguments: &'a WatchArguments,
    board: Arc<Board>,
    metrics: Arc<Metrics>,
    notifier: Notifier,
    /// Cancelled when the process is to end.
    stop: CancellationToken,
    /// The journal of the run under way.
    journal: Mutex<Option<PathBuf>>,
}

impl Watcher<'_> {
    /// Makes rounds until a signal ends it.
    async fn run(&self, mut happenings: UnboundedReceiver<Happening>) -> Result<Exit, Failure> {
        let cadence = Cadence { interval: self.arguments.interval, jitter: self.arguments.jitter };
        let mut schedule = Schedule::new(cadence);
        let mut kept = Some(KeptFiles::of(self.board.state().history.rounds()));
        let mut exit = Exit::Done;
        loop {
            match schedule.next(self.board.age()) {
                Move::Leave => return Ok(exit),
                Move::Wait(pause) => {
                    let happening = wait(pause, &mut happenings).await;
                    self.heed(&mut schedule, happening)?;
                }
                Move::Begin(trigger) => {
                    self.board.state().begin(now());
                    self.metrics.set(MetricFamily::RoundRunning, 1.0);
                    let mut making = pin!(round(self, kept.take().unwrap_or_default(), trigger));
                    let ended = loop {
                        let Move::Wait(pause) = schedule.next(self.board.age()) else { break None };
                        tokio::select! {
                            ended = &mut making => break Some(ended),
                            happening = wait(pause, &mut happenings) => self.heed(&mut schedule, happening)?,
                        }
                    };
                    // A round that does not end in time is left as it is: the journal tells what it did.
                    let Some(ended) = ended else { return self.leaves_round() };
                    kept = Some(self.end(&mut schedule, ended));
                    exit = self.exit_after_last_round();
                }
            }
        }
    }

    /// Takes note of what happens. A second signal to end ends at once.
    fn heed(&self, schedule: &mut Schedule, happening: Option<Happening>) -> Result<(), Failure> {
        let Some(happening) = happening else { return Ok(()) };
        if happening == Happening::Stop {
            if self.stop.is_cancelled() {
                return Err(self.breaks_off());
            }
            self.stop.cancel();
            let most = DRAIN.as_secs();
            self.environment
                .say(&format!("ending: what is in flight has {most} s to be finished; once more to end at once"));
        }
        schedule.note(self.board.age(), happening);
        Ok(())
    }

    /// Notes how a round ended and tells of it where that is news.
    fn end(&self, schedule: &mut Schedule, ended: EndedRound) -> KeptFiles {
        let EndedRound { kept, round, took } = ended;
        let outcome = round.outcome;
        self.ends_run();
        schedule.note(self.board.age(), Happening::Ended { contact: outcome.contact(), chance: rand::random() });
        self.metrics.round(outcome, took, epoch_seconds(now()));
        self.metrics.set(MetricFamily::RoundRunning, 0.0);
        self.metrics.set(MetricFamily::FailuresInARow, f64::from(schedule.failures()));
        self.metrics.set(
            MetricFamily::DefinitionsBroken,
            if round.broken.is_some() || outcome == RoundOutcome::Invalid { 1.0 } else { 0.0 },
        );
        let mut state = self.board.state();
        let alert = alert(state.history.last(), &round);
        state.due = schedule.due().map(|due| after(now(), due.saturating_sub(self.board.age())));
        let written = state.end(round, took);
        drop(state);
        if let Err(error) = written {
            self.metrics.count(MetricFamily::HistoryErrors, &[]);
            tracing::warn!("a round was not kept: {error}");
        }
        alert.iter().for_each(|alert| self.tell(alert));
        kept
    }

    fn tell(&self, alert: &Alert) {
        self.notifier.tell(alert, &self.board.state().facts);
        self.environment.say_again(&format!(
            "{} {}",
            alert.round.began.strftime("%Y-%m-%dT%H:%M:%SZ"),
            alert.headline()
        ));
        alert.details().iter().for_each(|line| self.environment.say_again(&format!("  {line}")));
    }

    /// Gives who is told of every request.
    fn meter(&self) -> Arc<dyn Meter> {
        Arc::new(SigningMeter { board: Arc::clone(&self.board), metrics: Arc::clone(&self.metrics) })
    }

    /// Notes which server is watched.
    fn know_target(&self, repository: &Repository) {
        self.board.state().facts.target = Some((repository.target_name().to_owned(), repository.target_url()));
    }

    /// Shows what a comparison found.
    fn show(&self, planned: &Planned, drift: &Drift) -> Result<(), Failure> {
        self.metrics.compared(drift, &planned.plan);
        let options = &planned.heading.options;
        let document = DriftV1::new(planned.heading.target.clone(), options.since.as_deref(), drift).of_part(options);
        let document = document.with(planned.repository.warnings());
        let rows = Arc::from(report::drift_part(&document, MOST_ROWS));
        let plan = if planned.plan.steps.is_empty() {
            None
        } else {
            Some(Arc::from(report::plan_part(&planned.document()?, MOST_ROWS)))
        };
        let waiting = waiting(&planned.plan);
        self.board.state().found = Some(FoundParts { at: now(), drift: rows, plan, waiting });
        Ok(())
    }
}

/// Says what is left undone for now, each reason once with how many steps it holds.
pub(super) fn waiting(plan: &Plan) -> Vec<String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for reason in plan.steps.iter().filter_map(|step| plan.rollout.reason(step.number)) {
        let reason = match reason {
            Withheld::Waits(_) => "they wait for others".to_owned(),
            reason => reason.to_string(),
        };
        *reasons.entry(reason).or_default() += 1;
    }
    let lines = reasons.into_iter().map(|(reason, count)| format!("{}: {reason}", counted(count, "step")));
    lines.take(MOST_REASONS).collect()
}

async fn wait(pause: Option<Duration>, happenings: &mut UnboundedReceiver<Happening>) -> Option<Happening> {
    let timer = async {
        match pause {
            Some(pause) => tokio::time::sleep(pause).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = timer => None,
        Some(happening) = happenings.recv() => Some(happening),
    }
}

fn after(now: Timestamp, pause: Duration) -> Timestamp {
    SignedDuration::try_from(pause).ok().and_then(|pause| now.checked_add(pause).ok()).unwrap_or(now)
}

/// Counts requests, each of which shows that the round is alive.
#[derive(Debug)]
struct SigningMeter {
    board: Arc<Board>,
    metrics: Arc<Metrics>,
}

impl Meter for SigningMeter {
    fn request(&self, operation: Operation, status: Option<u16>, took: Duration, allowed: usize) {
        self.board.sign();
        self.metrics.request(operation, status, took, allowed);
    }

    fn retry(&self) {
        self.metrics.retry();
    }
}
