//! From a target to a server that answers: the embedded one is started for the run, a real one is logged in to.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::environment::{Environment, variables};
use super::error::CommandError;
use super::failure::Failure;
use super::interrupt;
use super::progress::ProgressDisplay;
use super::repository::Repository;
use super::sandbox_files::{SandboxFiles, check_inside, check_links};
use super::variables::HeardVariable;
use crate::api::{self, Activity, CaFile, Client, Counts, HttpWriter, Meter};
use crate::live::Extent;
use crate::manifest::{CertificateSource, Endpoint, SecretSource, read_configured};
use crate::model::{Auth, Desired, Parallelism, Policy, ServerUrl};
use crate::sandbox::{Running, Sandbox};
use crate::text::visible;

/// How the program names itself to servers.
pub(super) const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// A server that answers, for one run.
#[derive(Debug)]
pub(super) struct ServerConnection {
    client: Client,
    activity: Activity,
    sandbox: Option<Running>,
    stop: CancellationToken,
    target: String,
    page_size: u64,
    parallelism: Parallelism,
    deadline: Option<tokio::time::Instant>,
    began: Instant,
}

/// Where a server is, and what opens it.
struct Server {
    url: ServerUrl,
    ca: Option<CaFile>,
    certificate: Option<SecretString>,
    auth: Auth<SecretString>,
}

/// What a run cost.
#[derive(Debug)]
pub(super) struct Ended {
    counts: Counts,
    seconds: f64,
}

/// What a connection has from the process that makes it.
#[derive(Debug, Clone)]
pub(super) struct Attached {
    /// Cancelled when the run is to end.
    pub(super) stop: CancellationToken,
    /// Who is told of every request.
    pub(super) meter: Option<Arc<dyn Meter>>,
}

/// Starts or reaches the server of a target, for a run that signals end.
pub(super) async fn connect(
    environment: &Environment,
    repository: &Repository,
    parallelism: Option<Parallelism>,
) -> Result<ServerConnection, Failure> {
    let attached = Attached { stop: interrupt::listen(environment), meter: None };
    connect_attached(environment, repository, parallelism, attached).await
}

/// Starts or reaches the server of a target.
pub(super) async fn connect_attached(
    environment: &Environment,
    repository: &Repository,
    parallelism: Option<Parallelism>,
    attached: Attached,
) -> Result<ServerConnection, Failure> {
    let Attached { stop, meter } = attached;
    let began = Instant::now();
    let requests = repository.requests();
    let deadline = requests.deadline.map(|deadline| tokio::time::Instant::now() + deadline);
    let parallelism = parallelism.unwrap_or(requests.parallelism);
    let (server, sandbox) = server(repository).await?;
    let Server { url, ca, certificate, auth } = server;
    let activity = Activity::default();
    let progress =
        ProgressDisplay::start(environment, &activity, &format!("connecting to {}", visible(&url.to_string())));
    let options = api::Options {
        activity: activity.clone(),
        url,
        ca,
        certificate,
        proxies: HeardVariable::proxies().filter_map(|variable| Some((variable.name(), variable.text()?))).collect(),
        auth,
        sensitive: repository.sensitive().to_vec(),
        parallelism,
        timeout: requests.timeout,
        deadline,
        stop: stop.clone(),
        meter,
        retries: requests.retries,
        max_body: requests.max_body,
        user_agent: USER_AGENT.to_owned(),
        seed: rand::random(),
    };
    // What a signal cuts short fails at the same moment, and is not what ends the run.
    let client = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(CommandError::Interrupted.into()),
        client = Client::connect(options) => client?,
    };
    drop(progress);
    for warning in client.warnings() {
        tracing::warn!("{warning}");
    }
    let target = format!("the target is `{}` ({})", repository.target_name(), repository.target_url());
    let page_size = requests.page_size;
    Ok(ServerConnection { client, activity, sandbox, stop, target, page_size, parallelism, deadline, began })
}

/// Starts the embedded server of a target, or finds out where its server is and what opens it.
async fn server(repository: &Repository) -> Result<(Server, Option<Running>), Failure> {
    Ok(match repository.endpoint() {
        Endpoint::Sandbox { data, estate, dialect, faults } => {
            check_inside(repository.root(), data)?;
            check_links(repository.root(), estate, faults.as_deref())?;
            let options = SandboxFiles { data: Some(data), estate, faults: faults.as_deref(), stdin: None };
            let running = Sandbox::spawn(options.read(repository.root(), dialect.iter())?).await?;
            let key =
                running.sandbox().api_key().map(str::to_owned).ok_or_else(|| CommandError::NoApiKey(estate.clone()))?;
            let (url, auth) = (ServerUrl::new(running.url())?, Auth::ApiKey(SecretString::from(key)));
            (Server { url, ca: None, certificate: None, auth }, Some(running))
        }
        Endpoint::Remote { url, ca_file, certificate, auth } => {
            let root = repository.root();
            let ca = ca_file.as_ref().map(|file| read_ca(file, root)).transpose()?;
            let certificate = certificate.as_ref().map(|source| read_certificate(source, root)).transpose()?;
            let auth = auth.try_map(|source| secret(source, root))?;
            (Server { url: url.clone(), ca, certificate, auth }, None)
        }
    })
}

impl ServerConnection {
    /// Gives what reads.
    pub(super) fn reader(&self) -> &Client {
        &self.client
    }

    /// Gives what is told of the work.
    pub(super) fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Gives what writes; only `apply` asks for it.
    pub(super) fn writer(&self) -> HttpWriter {
        self.client.writer()
    }

    /// Gives how many rows a list page is asked for.
    pub(super) fn page_size(&self) -> u64 {
        self.page_size
    }

    /// Says what is read for a plan: the boundary, and pinned clients wherever they are.
    pub(super) fn extent<'a>(&self, desired: &'a Desired, policy: &'a Policy) -> Extent<'a> {
        let Policy { boundary, selection, .. } = policy;
        Extent { boundary, shard: selection.shard, pins: desired.pins(selection.shard), page_size: self.page_size }
    }

    /// Gives how many steps are carried out at the same time.
    pub(super) fn steps_at_once(&self) -> usize {
        let requests = self.parallelism.first();
        match self.parallelism {
            // Writes stay few until somebody asks for more.
            Parallelism::Auto => requests,
            // Where somebody asks for many, a few more than there may be requests, which the client holds back: while the disk
            // takes the intents of some, others keep the network busy.
            Parallelism::Fixed(_) => requests + requests.saturating_sub(Parallelism::Auto.first()) / 4,
        }
    }

    /// Gives when the run has to be over.
    pub(super) fn deadline(&self) -> Option<tokio::time::Instant> {
        self.deadline
    }

    /// Gives the token that the first signal cancels.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Reads until done or interrupted: reading can stop anywhere.
    pub(super) async fn interruptible<T>(
        &self,
        reading: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(CommandError::Interrupted.into()),
            result = reading => result.map_err(|failure| failure.caused_by(&self.target)),
        }
    }

    /// Logs out and stops the embedded server.
    pub(super) async fn close(self, environment: &Environment) -> Ended {
        let Self { client, sandbox, began, .. } = self;
        client.close().await;
        if let Some(sandbox) = sandbox
            && let Err(error) = sandbox.shutdown().await
        {
            environment.say(&format!("warning: the sandbox did not stop cleanly: {error}"));
        }
        Ended { counts: client.counts(), seconds: began.elapsed().as_secs_f64() }
    }
}

impl Ended {
    /// Says what a run read and wrote, and what that took.
    pub(super) fn summary(&self, rows: usize) -> String {
        let Self { counts, seconds } = self;
        let Counts { list, info, add, change, delete, session: _, logins, retries } = counts;
        let plural = |count: u64, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        let writes = [(*add, "add"), (*change, "change"), (*delete, "delete")];
        let writes: Vec<_> =
            writes.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| plural(count, word)).collect();
        let lists = plural(*list, "list");
        let mut parts = vec![format!("{} read with {lists} and {}", plural(rows as u64, "row"), infos(*info))];
        parts.extend((!writes.is_empty()).then(|| format!("{} sent", writes.join(", "))));
        parts.extend((*logins > 0).then(|| plural(*logins, "login")));
        parts.extend(
            (*retries > 0).then(|| if *retries == 1 { "1 retry".to_owned() } else { format!("{retries} retries") }),
        );
        format!("{} in {seconds:.2} s", parts.join(", "))
    }
}

fn infos(count: u64) -> String {
    if count == 1 { "1 info request".to_owned() } else { format!("{count} info requests") }
}

fn read_ca(file: &str, root: &Path) -> Result<CaFile, Failure> {
    let path = root.join(file);
    let pem = read_configured(&path).map_err(|source| CommandError::CaFile { path, source })?;
    Ok(CaFile { file: file.to_owned(), pem })
}

fn read_certificate(source: &CertificateSource, root: &Path) -> Result<SecretString, Failure> {
    let CertificateSource { chain, key } = source;
    let parts = std::iter::once(chain).chain(key).map(|part| part.read_lines(root, &variables()));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let text = parts.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>().join("\n");
    // Copied and then wiped: what is made smaller in place may leave a part of itself behind.
    let text = Zeroizing::new(text);
    Ok(SecretString::from(text.as_str()))
}

/// Reads a secret. What it is never leaves its type.
fn secret(source: &SecretSource, root: &Path) -> Result<SecretString, Failure> {
    Ok(source.read(root, &variables())?)
}
