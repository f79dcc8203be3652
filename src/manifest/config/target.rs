//! One entry of `targets`: the endpoint, how to log in, and what the target says differently.

use std::collections::BTreeMap;

use super::network::read_url;
use super::rules::{Rules, read_rules};
use super::vars::{WrittenVars, read_vars};
use super::{CertificateSource, Endpoint, SecretSource};
use crate::diagnostic::Code;
use crate::manifest::keys::{self, Keys, LOCALES, Written};
use crate::manifest::read::{TreeReader, plain_text};
use crate::manifest::yaml::{MapEntry, Node};
use crate::model::Auth;

/// An entry of `targets`.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: String,
    /// `None` after a mistake.
    pub(super) endpoint: Option<Endpoint>,
    pub(super) vars: WrittenVars,
    pub(super) rules: Rules,
}

pub(super) fn read_target(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Target {
    let name = entry.key.to_string();
    let Some(keys) = reader.keys::<keys::TargetKeys<'_>>(entry) else {
        return Target { name, endpoint: None, vars: WrittenVars::new(), rules: Rules::default() };
    };
    let rules = read_rules(reader, &keys);
    let vars = keys.vars.entry.map_or_else(WrittenVars::new, |vars| read_vars(reader, vars));
    let endpoint = match (keys.sandbox.entry, keys.url.entry) {
        (Some(sandbox), None) => read_sandbox(reader, &keys, sandbox),
        (None, Some(url)) => read_remote(reader, &keys, url),
        (both, _) => {
            let count = if both.is_some() { "both `sandbox` and `url`" } else { "neither `sandbox` nor `url`" };
            let message = format!("the target `{}` has {count}", entry.key.escape_debug());
            let help = "write `sandbox: { data, estate }` for the embedded server, or `url` and `auth` for a real one";
            reader.error_with(Code::TargetChoice, entry.key_span, message, help);
            None
        }
    };
    Target { name, endpoint, vars, rules }
}

fn read_sandbox(reader: &mut TreeReader<'_>, target: &keys::TargetKeys<'_>, entry: &MapEntry<'_>) -> Option<Endpoint> {
    for entry in [target.ca_file, target.auth].into_iter().filter_map(|written| written.entry) {
        let message = format!("`{}` is for targets with a `url`", entry.key);
        reader.error_with(Code::TargetChoice, entry.key_span, message, "remove it: the sandbox makes its own key");
    }
    let keys::SandboxKeys { data, estate, dialect, faults } = reader.keys(entry)?;
    let help = "write for example `sandbox: { data: .icsync/sandbox.db, estate: estate.yaml }`";
    let data = reader.required(data, help).and_then(|entry| read_path(reader, entry));
    let estate = reader.required(estate, help).and_then(|entry| read_path(reader, entry));
    let faults = faults.entry.and_then(|entry| read_path(reader, entry));
    let dialect = dialect.entry.and_then(|entry| read_dialect(reader, entry)).unwrap_or_default();
    Some(Endpoint::Sandbox { data: data?, estate: estate?, dialect, faults })
}

/// Reads switches by name. Which names and values there are is the sandbox's business.
fn read_dialect(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<BTreeMap<String, String>> {
    let fields = reader.map(entry)?;
    let mut dialect = BTreeMap::new();
    for entry in fields.entries() {
        match entry.value.scalar() {
            // `login_conflict: true` and `max_limit: 25` are words here, whatever YAML makes of them.
            Some(scalar) if !entry.value.is_null() => {
                dialect.insert(entry.key.to_string(), scalar.text.to_string());
            }
            _ => reader.wrong_type(entry, "a word"),
        }
    }
    Some(dialect)
}

fn read_path(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<String> {
    let text = reader.text(entry)?;
    if text.is_empty() {
        reader.error(Code::WrongType, entry.value_span(), format!("`{}` must be a path, but it is empty", entry.key));
        return None;
    }
    Some(text.to_owned())
}

fn read_remote(reader: &mut TreeReader<'_>, target: &keys::TargetKeys<'_>, url: &MapEntry<'_>) -> Option<Endpoint> {
    let url = read_url(reader, url);
    let ca_file = target.ca_file.entry.and_then(|entry| read_path(reader, entry));
    let help = "write for example `auth: { api_key: { env: CCS_API_KEY } }`";
    let auth = reader.required(target.auth, help).and_then(|entry| read_auth(reader, entry));
    let (auth, certificate) = auth?;
    Some(Endpoint::Remote { url: url?, ca_file, certificate, auth })
}

fn read_auth(
    reader: &mut TreeReader<'_>,
    entry: &MapEntry<'_>,
) -> Option<(Auth<SecretSource>, Option<CertificateSource>)> {
    let keys::AuthKeys { api_key, login, session, certificate } = reader.keys(entry)?;
    let count = [api_key, login, session].iter().filter(|way| way.entry.is_some()).count();
    if count != 1 {
        let message = format!("`auth` has {count} of `api_key`, `login` and `session`, and takes exactly one");
        reader.error(Code::AuthChoice, entry.key_span, message);
    }
    let api_key = api_key.entry.and_then(|entry| read_secret(reader, entry)).map(Auth::ApiKey);
    let login = login.entry.and_then(|entry| read_login(reader, entry));
    let session = session.entry.and_then(|entry| read_secret(reader, entry)).map(Auth::Session);
    let certificate = match certificate.entry {
        Some(entry) => Some(read_certificate(reader, entry)?),
        None => None,
    };
    Some((api_key.or(login).or(session)?, certificate))
}

/// Reads `env` or `file` of the certificate, and the same of its key.
fn read_certificate(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<CertificateSource> {
    let keys::CertificateKeys { env, file, key } = secret_keys(reader, entry)?;
    let chain = read_source(reader, entry, (env, file));
    let key = match key.entry {
        Some(key) => Some(read_secret(reader, key)?),
        None => None,
    };
    Some(CertificateSource { chain: chain?, key })
}

fn read_login(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Auth<SecretSource>> {
    let keys::LoginKeys { username, password, locale } = reader.keys(entry)?;
    let help = "write `login: { username: { env: CCS_USER }, password: { env: CCS_PASSWORD } }`";
    let username = reader.required(username, help).and_then(|entry| read_secret(reader, entry));
    let password = reader.required(password, help).and_then(|entry| read_secret(reader, entry));
    let locale = reader.word(locale, &LOCALES).unwrap_or_default();
    Some(Auth::Login { username: username?, password: password?, locale })
}

/// Reads where a secret comes from. What stands there instead is never repeated.
fn read_secret(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<SecretSource> {
    let keys::SecretKeys { env, file } = secret_keys(reader, entry)?;
    read_source(reader, entry, (env, file))
}

fn secret_keys<'n, K: Keys<'n>>(reader: &mut TreeReader<'_>, entry: &'n MapEntry<'n>) -> Option<K> {
    let key = entry.key.escape_debug();
    if entry.value.scalar().is_some() {
        let help = format!("write `{key}: {{ env: NAME }}` or `{key}: {{ file: PATH }}`");
        reader.error_with(
            Code::SecretAsText,
            entry.value_span(),
            format!("`{key}` is a secret and never text in this file"),
            help,
        );
        return None;
    }
    reader.keys(entry)
}

/// Reads the one of `env` and `file` that stands in a mapping.
fn read_source(
    reader: &mut TreeReader<'_>,
    entry: &MapEntry<'_>,
    (env, file): (Written<'_>, Written<'_>),
) -> Option<SecretSource> {
    let key = entry.key.escape_debug();
    match (env.entry, file.entry) {
        (Some(env), None) => {
            let name = env_name(&env.value);
            if name.is_none() {
                let message = "`env` is the name of a variable of the environment: letters, digits and `_`";
                reader.error_with(
                    Code::SecretSource,
                    env.value_span(),
                    message,
                    "write for example `env: CCS_API_KEY`",
                );
            }
            name.map(|name| SecretSource::Env(name.to_owned()))
        }
        (None, Some(file)) => read_path(reader, file).map(SecretSource::File),
        _ => {
            let help = format!("write `{key}: {{ env: NAME }}` or `{key}: {{ file: PATH }}`");
            reader.error_with(
                Code::SecretSource,
                entry.key_span,
                format!("`{key}` is exactly one of `env` and `file`"),
                help,
            );
            None
        }
    }
}

/// Gives the name of a variable of the environment, if the value is one.
pub(super) fn env_name<'n>(node: &'n Node<'n>) -> Option<&'n str> {
    let name = plain_text(node)?;
    let first = name.bytes().next()?;
    let valid = !first.is_ascii_digit() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    valid.then_some(name)
}
