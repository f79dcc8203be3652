//! One entry of `targets`: the endpoint, how to log in, and what the target says differently.

use std::collections::BTreeMap;

use super::network::read_url;
use super::read::{WrittenVars, read_vars};
use super::rules::{Rules, read_rules};
use super::{Auth, CertificateSource, Endpoint, SecretSource};
use crate::diagnostic::Code;
use crate::manifest::keys::Mapping;
use crate::manifest::read::{Fields, Reader, plain_text};
use crate::manifest::yaml::{Entry, Node};

/// An entry of `targets`.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: String,
    /// `None` after a mistake.
    pub(super) endpoint: Option<Endpoint>,
    pub(super) vars: WrittenVars,
    pub(super) rules: Rules,
}

pub(super) fn read_target(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Target {
    let mut target =
        Target { name: entry.key.to_string(), endpoint: None, vars: WrittenVars::new(), rules: Rules::default() };
    let Some(fields) = reader.fields(entry, Mapping::Target.keys()) else { return target };
    read_rules(reader, fields, &mut target.rules);
    if let Some(vars) = fields.get("vars") {
        target.vars = read_vars(reader, vars);
    }
    target.endpoint = match (fields.get("sandbox"), fields.get("url")) {
        (Some(sandbox), None) => read_sandbox(reader, fields, sandbox),
        (None, Some(url)) => read_remote(reader, fields, url),
        (both, _) => {
            let count = if both.is_some() { "both `sandbox` and `url`" } else { "neither `sandbox` nor `url`" };
            let message = format!("the target `{}` has {count}", entry.key.escape_debug());
            let help = "write `sandbox: { data, estate }` for the embedded server, or `url` and `auth` for a real one";
            reader.error_with(Code::TargetChoice, entry.key_span, message, help);
            None
        }
    };
    target
}

fn read_sandbox(reader: &mut Reader<'_>, target: Fields<'_>, entry: &Entry<'_>) -> Option<Endpoint> {
    for key in ["ca_file", "auth"] {
        if let Some(entry) = target.get(key) {
            let message = format!("`{key}` is for targets with a `url`");
            reader.error_with(Code::TargetChoice, entry.key_span, message, "remove it: the sandbox makes its own key");
        }
    }
    let fields = reader.fields(entry, Mapping::Sandbox.keys())?;
    let help = "write for example `sandbox: { data: .icsync/sandbox.db, estate: estate.yaml }`";
    let data = reader.required(fields, "data", help).and_then(|entry| read_path(reader, entry));
    let estate = reader.required(fields, "estate", help).and_then(|entry| read_path(reader, entry));
    let faults = fields.get("faults").and_then(|entry| read_path(reader, entry));
    let dialect = fields.get("dialect").and_then(|entry| read_dialect(reader, entry)).unwrap_or_default();
    Some(Endpoint::Sandbox { data: data?, estate: estate?, dialect, faults })
}

/// Reads switches by name. Which names and values there are is the sandbox's business.
fn read_dialect(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<BTreeMap<String, String>> {
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

fn read_path(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<String> {
    let text = reader.text(entry)?;
    if text.is_empty() {
        reader.error(Code::WrongType, entry.value_span(), format!("`{}` must be a path, but it is empty", entry.key));
        return None;
    }
    Some(text.to_owned())
}

fn read_remote(reader: &mut Reader<'_>, target: Fields<'_>, url: &Entry<'_>) -> Option<Endpoint> {
    let url = read_url(reader, url);
    let ca_file = target.get("ca_file").and_then(|entry| read_path(reader, entry));
    let help = "write for example `auth: { api_key: { env: CCS_API_KEY } }`";
    let auth = reader.required(target, "auth", help).and_then(|entry| read_auth(reader, entry));
    let (auth, certificate) = auth?;
    Some(Endpoint::Remote { url: url?, ca_file, certificate, auth })
}

fn read_auth(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<(Auth, Option<CertificateSource>)> {
    let fields = reader.fields(entry, Mapping::Auth.keys())?;
    let way = read_way(reader, entry, fields);
    match fields.get("certificate") {
        Some(certificate) => Some((way?, Some(read_certificate(reader, certificate)?))),
        None => Some((way?, None)),
    }
}

/// Reads `env` or `file` of the certificate, and the same of its key.
fn read_certificate(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<CertificateSource> {
    let fields = secret_fields(reader, entry, Mapping::Certificate)?;
    let chain = read_source(reader, entry, fields);
    let key = match fields.get("key") {
        Some(key) => Some(read_secret(reader, key)?),
        None => None,
    };
    Some(CertificateSource { chain: chain?, key })
}

fn read_way(reader: &mut Reader<'_>, entry: &Entry<'_>, fields: Fields<'_>) -> Option<Auth> {
    let ways = [fields.get("api_key"), fields.get("login"), fields.get("session")];
    match ways {
        [Some(key), None, None] => read_secret(reader, key).map(Auth::ApiKey),
        [None, Some(login), None] => read_login(reader, login),
        [None, None, Some(session)] => read_secret(reader, session).map(Auth::Session),
        ways => {
            let count = ways.iter().flatten().count();
            let message = format!("`auth` has {count} of `api_key`, `login` and `session`, and takes exactly one");
            reader.error(Code::AuthChoice, entry.key_span, message);
            for (way, name) in ways.into_iter().zip(["api_key", "login", "session"]) {
                match way {
                    Some(entry) if name == "login" => drop(read_login(reader, entry)),
                    Some(entry) => drop(read_secret(reader, entry)),
                    None => {}
                }
            }
            None
        }
    }
}

fn read_login(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Auth> {
    let fields = reader.fields(entry, Mapping::Login.keys())?;
    let help = "write `login: { username: { env: CCS_USER }, password: { env: CCS_PASSWORD } }`";
    let username = reader.required(fields, "username", help).and_then(|entry| read_secret(reader, entry));
    let password = reader.required(fields, "password", help).and_then(|entry| read_secret(reader, entry));
    let locale = match fields.get("locale") {
        Some(entry) => reader.word(entry, &[("en_GB", "en_GB"), ("en_US", "en_US")])?,
        None => "en_GB",
    };
    Some(Auth::Login { username: username?, password: password?, locale: locale.to_owned() })
}

/// Reads where a secret comes from. What stands there instead is never repeated.
fn read_secret(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<SecretSource> {
    let fields = secret_fields(reader, entry, Mapping::Secret)?;
    read_source(reader, entry, fields)
}

fn secret_fields<'n>(reader: &mut Reader<'_>, entry: &'n Entry<'n>, mapping: Mapping) -> Option<Fields<'n>> {
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
    reader.fields(entry, mapping.keys())
}

fn read_source(reader: &mut Reader<'_>, entry: &Entry<'_>, fields: Fields<'_>) -> Option<SecretSource> {
    let key = entry.key.escape_debug();
    match (fields.get("env"), fields.get("file")) {
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
