//! The configuration in words, for comparing two revisions: whatever decides what a run does besides the definitions.

use std::collections::BTreeMap;

use super::{CertificateSource, DefinitionFiles, Endpoint, GlobRole, Requests, ResolvedConfig, SecretSource};
use crate::model::{Auth, FieldPattern, Limit, Limits, Verify};
use crate::text::listed;

/// What a rule says that says nothing.
pub(crate) const NO_RULE: &str = "(none)";

/// The rule that names the target and its server.
pub(crate) const TARGET_RULE: &str = "target";

/// The rule that says what becomes of unmanaged clients.
pub(crate) const PRUNE_RULE: &str = "prune";

/// What else than definitions decides a run, by the key of the configuration.
pub(crate) type ConfigWording = BTreeMap<&'static str, String>;

impl ResolvedConfig {
    /// Gives its rules. Variables are none: they show in the definitions that use them.
    pub(crate) fn rules(&self) -> ConfigWording {
        let Self {
            target,
            default_target,
            endpoint,
            manage,
            prune,
            limits,
            rollout,
            windows,
            protect,
            sensitive,
            sensitive_places: _,
            protect_places: _,
            exceptions,
            keys,
            requests,
            definitions: DefinitionFiles { globs, elsewhere: _, named: _, prune: _ },
            written_vars: _,
            vars: _,
            config_path: _,
            digest: _,
        } = self;
        let manage = manage.as_ref().map_or_else(|| "(what the definitions name)".to_owned(), list);
        let server = self.server();
        let globs = globs.iter().map(|one| match one.role {
            GlobRole::Read => one.glob.clone(),
            GlobRole::LeaveOut => format!("!{}", one.glob),
        });
        let mut rules = BTreeMap::from([
            ("default_target", default_target.as_deref().unwrap_or(NO_RULE).to_owned()),
            ("definitions", list(globs)),
            ("exceptions", list(exceptions)),
            ("keys", keys.name().to_owned()),
            ("manage", manage),
            ("protect", list(protect)),
            (PRUNE_RULE, prune.name().to_owned()),
            ("rollout", rollout.to_string()),
            ("sensitive", list(sensitive.iter().map(FieldPattern::as_str))),
            (TARGET_RULE, format!("{target} ({server})")),
            ("windows", list(&windows.0)),
        ]);
        rules.extend(of_limits(limits));
        rules.extend(of_requests(requests));
        rules.extend(of_endpoint(endpoint));
        rules
    }
}

impl ResolvedConfig {
    /// Names the server of the target.
    pub(crate) fn server(&self) -> String {
        match &self.endpoint {
            Endpoint::Sandbox { data, .. } => format!("sandbox {data}"),
            Endpoint::Remote { url, .. } => url.to_string(),
        }
    }
}

fn list(words: impl IntoIterator<Item = impl ToString>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    if words.is_empty() { NO_RULE.to_owned() } else { listed(words) }
}

fn of_limits(limits: &Limits) -> ConfigWording {
    let Limits { delete, change, vanished, max_deletes: _, max_changes: _, max_vanished: _ } = limits;
    let words = |limit: &Limit| {
        let count = limit.count.map(|count| format!("count {count}"));
        let percent = limit.percent.map(|percent| format!("percent {percent}"));
        list(count.into_iter().chain(percent))
    };
    BTreeMap::from([
        ("limits.change", words(change)),
        ("limits.delete", words(delete)),
        ("limits.vanished", words(vanished)),
    ])
}

fn of_requests(requests: &Requests) -> ConfigWording {
    let Requests { parallelism, page_size, timeout, deadline, retries, max_body, verify, settle } = requests;
    BTreeMap::from([
        ("requests.deadline", deadline.map_or_else(|| NO_RULE.to_owned(), |deadline| format!("{deadline:?}"))),
        ("requests.max_body", max_body.to_string()),
        ("requests.page_size", page_size.to_string()),
        ("requests.parallelism", parallelism.to_string()),
        ("requests.retries", retries.to_string()),
        ("requests.settle", format!("{settle:?}")),
        ("requests.timeout", format!("{timeout:?}")),
        ("requests.verify", (*verify == Verify::ReadBack).to_string()),
    ])
}

/// Says how a server is reached: where secrets come from, never one of them.
fn of_endpoint(endpoint: &Endpoint) -> ConfigWording {
    let or_nothing = |path: &Option<String>| path.clone().unwrap_or_else(|| NO_RULE.to_owned());
    match endpoint {
        Endpoint::Sandbox { data: _, estate, dialect, faults } => {
            let dialect = dialect.iter().map(|(name, value)| format!("{name}: {value}"));
            BTreeMap::from([
                ("sandbox.dialect", list(dialect)),
                ("sandbox.estate", estate.clone()),
                ("sandbox.faults", or_nothing(faults)),
            ])
        }
        Endpoint::Remote { url: _, ca_file, certificate, auth } => {
            let certificate = certificate.as_ref().map(|CertificateSource { chain, key }| {
                let key = key.as_ref().map(|key| format!("key {}", of_secret(key)));
                list([of_secret(chain)].into_iter().chain(key))
            });
            BTreeMap::from([
                ("auth", of_auth(auth)),
                ("auth.certificate", or_nothing(&certificate)),
                ("ca_file", or_nothing(ca_file)),
            ])
        }
    }
}

fn of_auth(auth: &Auth<SecretSource>) -> String {
    match auth {
        Auth::ApiKey(key) => format!("api_key {}", of_secret(key)),
        Auth::Login { username, password, locale } => {
            format!("login {}, {}, {}", of_secret(username), of_secret(password), locale.name())
        }
        Auth::Session(session) => format!("session {}", of_secret(session)),
    }
}

fn of_secret(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(name) => format!("env {name}"),
        SecretSource::File(path) => format!("file {path}"),
    }
}
