//! The command line of `watch`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::ShapeArguments;
use crate::drift::Ignored;
use crate::manifest::{SecretSource, duration};
use crate::watch::NoticeForm;

/// A server that is asked more often has nothing else to do.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArguments {
    /// What shapes the plan.
    #[command(flatten)]
    pub shape: ShapeArguments,
    /// From one round to the next: 30s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_duration)]
    pub interval: Duration,
    /// Make the interval longer by up to this much, by chance, so that many processes do not ask at the same time
    #[arg(long, value_name = "PERCENT", default_value = "10%", value_parser = parse_percent)]
    pub jitter: u8,
    /// Apply what differs, under the same limits as `apply`; without it nothing is ever written
    #[arg(long)]
    pub apply: bool,
    /// Fetch this branch, which is checked out, before each round, and take it over if that loses nothing
    #[arg(long, value_name = "BRANCH", conflicts_with = "since")]
    pub follow: Option<String>,
    /// Call it in sync in spite of these: drifted, pending, conflict, missing, `not_compared`, blocked, unmanaged; repeatable
    #[arg(long, value_name = "STATE", value_delimiter = ',', default_value = "unmanaged")]
    pub ignore: Vec<Ignored>,
    /// Where metrics, health and the status page are served; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// A name by which others ask for them, besides addresses and localhost; repeatable
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Tell a webhook when things change: json, slack or teams, and where its URL is, `env:NAME` or `file:PATH`; repeatable
    #[arg(long, value_name = "FORM=SOURCE", value_parser = parse_receiver)]
    pub notify: Vec<Receiver>,
    /// Sign what webhooks get with a key: the HMAC-SHA256 of the body stands in `X-Icsync-Signature-256`
    #[arg(long, value_name = "SOURCE", value_parser = parse_source, requires = "notify")]
    pub notify_key: Option<SecretSource>,
    /// Keep the journals of runs here [default: .icsync/runs]
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}

/// A webhook, as the command line names it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Receiver {
    pub form: NoticeForm,
    /// Where its address is: that lets whoever knows it write there.
    pub url: SecretSource,
}

fn parse_receiver(text: &str) -> Result<Receiver, String> {
    let (form, source) = text.split_once('=').ok_or("write for example `slack=env:SLACK_URL`")?;
    Ok(Receiver { form: form.parse()?, url: parse_source(source)? })
}

fn parse_source(text: &str) -> Result<SecretSource, String> {
    match text.split_once(':') {
        Some(("env", name)) if !name.is_empty() => Ok(SecretSource::Env(name.to_owned())),
        Some(("file", path)) if !path.is_empty() => Ok(SecretSource::File(path.to_owned())),
        _ => {
            Err("write `env:NAME` or `file:PATH`: it is a secret, and other processes see the command line".to_owned())
        }
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let interval = duration(text).filter(|interval| *interval >= SHORTEST_INTERVAL);
    interval.ok_or_else(|| "write for example `30s`, `5m` or `1h`; it is from 100 ms to 30 days".to_owned())
}

fn parse_percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok().filter(|percent| *percent <= 100);
    number.ok_or_else(|| "write for example `10%`; it is at most 100%".to_owned())
}
