//! Sends notices: signed, again where that helps, each within its time, and never on the time of a round.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use url::{Host, Url};

use super::alert::Alert;
use super::board::WatchFacts;
use super::error::WatchError;
use super::families::MetricFamily;
use super::metrics::{Metrics, NoticeOutcome};
use super::notice::NoticeForm;
use crate::model::{hex, hmac};
use hmac::Mac as _;

/// So many notices wait for one receiver.
const MOST_WAITING: usize = 16;
/// One attempt takes at most this.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The pauses before the second and each further attempt.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(15), Duration::from_mins(1)];
/// The header that shows who has sent a notice: `sha256=` and the HMAC of the body.
const SIGNATURE: &str = "X-Icsync-Signature-256";

/// A receiver.
#[derive(Debug)]
pub(crate) struct Webhook {
    pub(crate) form: NoticeForm,
    /// Its address, which lets whoever has it write there.
    pub(crate) url: SecretString,
    /// Signs what is sent.
    pub(crate) key: Option<SecretString>,
}

/// Takes what is to be told, and tells it in its own time.
#[derive(Debug, Default)]
pub(crate) struct Notifier {
    lines: Vec<(NoticeForm, Sender<Value>)>,
    tasks: JoinSet<()>,
    metrics: Arc<Metrics>,
}

impl Notifier {
    /// Begins to wait for notices.
    pub(crate) fn start(
        hooks: Vec<Webhook>,
        client: &reqwest::Client,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, WatchError> {
        let mut notifier = Self { metrics: Arc::clone(metrics), ..Self::default() };
        for hook in hooks {
            let url = address(&hook)?;
            let (sender, receiver) = channel(MOST_WAITING);
            notifier.lines.push((hook.form, sender));
            let sending = HookSender { client: client.clone(), url, hook, metrics: Arc::clone(metrics) };
            notifier.tasks.spawn(sending.run(receiver));
        }
        Ok(notifier)
    }

    /// Hands over what is to be told. A receiver for whom too much waits misses it.
    pub(crate) fn tell(&self, alert: &Alert, facts: &WatchFacts) {
        for (form, line) in &self.lines {
            if line.try_send(form.write(alert, facts)).is_err() {
                self.metrics.count(MetricFamily::Notices, &[NoticeOutcome::Dropped.name()]);
                tracing::warn!("too many notices wait for the {} webhook: one is dropped", form.name());
            }
        }
    }

    /// Waits a little for what is under way.
    pub(crate) async fn finish(self, patience: Duration) {
        let Self { lines, mut tasks, metrics: _ } = self;
        drop(lines);
        let _ = tokio::time::timeout(patience, async { while tasks.join_next().await.is_some() {} }).await;
    }
}

fn address(hook: &Webhook) -> Result<Url, WatchError> {
    let url = Url::parse(hook.url.expose_secret()).map_err(|_| WatchError::NoUrl(hook.form))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(WatchError::NoUrl(hook.form)),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        "http" => Err(WatchError::NotEncrypted(hook.form)),
        _ => Err(WatchError::NoUrl(hook.form)),
    }
}

/// What sends to one receiver.
struct HookSender {
    client: reqwest::Client,
    url: Url,
    hook: Webhook,
    metrics: Arc<Metrics>,
}

/// Whether another attempt may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    Some,
    None,
}

impl HookSender {
    async fn run(self, mut notices: Receiver<Value>) {
        while let Some(notice) = notices.recv().await {
            let outcome = self.send(&notice.to_string()).await;
            self.metrics.count(MetricFamily::Notices, &[outcome.name()]);
        }
    }

    async fn send(&self, body: &str) -> NoticeOutcome {
        let mut pauses = PAUSES.iter();
        loop {
            let Err((reason, chance)) = self.attempt(body).await else { return NoticeOutcome::Sent };
            match pauses.next() {
                Some(pause) if chance == Chance::Some => tokio::time::sleep(*pause).await,
                Some(_) | None => {
                    tracing::warn!("the {} webhook was not told: {reason}", self.hook.form.name());
                    return NoticeOutcome::Failed;
                }
            }
        }
    }

    async fn attempt(&self, body: &str) -> Result<(), (String, Chance)> {
        let mut request = self.client.post(self.url.clone()).timeout(TIMEOUT).body(body.to_owned());
        request = request.header("Content-Type", "application/json");
        if let Some(key) = &self.hook.key {
            request = request.header(SIGNATURE, signature(key, body));
        }
        // The address is a secret, and errors of the library would show it.
        let answer = request.send().await.map_err(|error| (error.without_url().to_string(), Chance::Some))?;
        let status = answer.status();
        match status.as_u16() {
            200..=299 => Ok(()),
            408 | 429 | 500..=599 => Err((format!("it answered {status}"), Chance::Some)),
            _ => Err((format!("it answered {status}"), Chance::None)),
        }
    }
}

fn signature(key: &SecretString, body: &str) -> String {
    format!("sha256={}", hex(&hmac(key.expose_secret().as_bytes(), body).finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(url: &str) -> Webhook {
        Webhook { form: NoticeForm::Json, url: url.into(), key: None }
    }

    #[test]
    fn addresses_are_encrypted_or_of_this_machine() {
        for good in ["https://hooks.example.com/a?b=c", "http://127.0.0.1:9/x", "http://[::1]/", "http://localhost/"] {
            assert!(address(&hook(good)).is_ok(), "{good}");
        }
        for bad in ["http://hooks.example.com/token", "ftp://127.0.0.1/", "hooks.example.com/token", "", "data:x"] {
            let error = address(&hook(bad)).expect_err(bad);
            assert!(!error.to_string().contains("token"), "{error}");
        }
    }

    #[test]
    fn the_signature_is_the_hmac_of_the_body() {
        // RFC 4231, section 4.3.
        assert_eq!(
            signature(&"Jefe".into(), "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
