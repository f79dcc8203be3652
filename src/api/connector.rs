//! The HTTP library set up: proxies, authorities that are trusted, the client's own certificate.

use std::sync::Once;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use secrecy::{ExposeSecret as _, SecretString};

use super::cause::{chain, tls};
use super::credentials::Credentials;
use super::proxy::{Proxy, Route, route};
use super::{CaFile, ConnectError, Options};
use crate::model::ServerUrl;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What makes connections, and by which proxy.
pub(super) struct Connector {
    pub(super) http: reqwest::Client,
    /// The proxy in words, without user and password.
    pub(super) proxy: Option<String>,
}

impl Connector {
    /// Sets the HTTP library up; no connection is made yet.
    pub(super) fn new(options: &Options, server: &ServerUrl, credentials: &Credentials) -> Result<Self, ConnectError> {
        let builder = begin(&options.user_agent)
            .connect_timeout(CONNECT_TIMEOUT.min(options.timeout))
            .pool_max_idle_per_host(options.parallelism.most())
            .tcp_nodelay(true);
        let (builder, proxy) = match route(&options.proxies, server)? {
            Route::System => (builder, None),
            Route::Direct => (builder.no_proxy(), None),
            Route::Proxy(proxy) => (builder.proxy(through(&proxy, credentials)?), Some(proxy.to_string())),
        };
        let http =
            trust(builder, options, server)?.build().map_err(|error| unbuildable(&error, options.ca.as_ref()))?;
        Ok(Self { http, proxy })
    }
}

/// Makes what sends to others than the API; it never follows a redirect and repeats nothing by itself.
pub(crate) fn other_client(user_agent: &str) -> Result<reqwest::Client, ConnectError> {
    let builder = begin(user_agent).connect_timeout(CONNECT_TIMEOUT);
    builder.build().map_err(|error| unbuildable(&error, None))
}

fn begin(user_agent: &str) -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error says that the program that embeds this library has chosen another provider, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .user_agent(user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
}

fn through(proxy: &Proxy, credentials: &Credentials) -> Result<reqwest::Proxy, ConnectError> {
    let Proxy { url, login, variable } = proxy;
    let made = reqwest::Proxy::all(url.clone()).map_err(|_| ConnectError::Proxy(variable))?;
    let Some((user, password)) = login else { return Ok(made) };
    credentials.learn(password);
    credentials.learn(&BASE64.encode(format!("{user}:{password}")));
    Ok(made.basic_auth(user, password))
}

fn trust(
    builder: reqwest::ClientBuilder,
    options: &Options,
    server: &ServerUrl,
) -> Result<reqwest::ClientBuilder, ConnectError> {
    let builder = match &options.certificate {
        Some(pem) => builder.identity(identity(pem)?),
        None => builder,
    };
    Ok(match &options.ca {
        // No certificate is ever looked at, so the platform's roots need not be read.
        _ if !server.is_encrypted() => builder.tls_certs_only([]),
        None => builder.https_only(true),
        Some(ca) => builder.https_only(true).tls_certs_merge(certificates(ca)?),
    })
}

fn certificates(ca: &CaFile) -> Result<Vec<reqwest::Certificate>, ConnectError> {
    let CaFile { file, pem } = ca;
    let unusable = |reason: String| ConnectError::CaFile { file: file.clone(), reason };
    let found = reqwest::Certificate::from_pem_bundle(pem).map_err(|error| unusable(chain(&error)))?;
    if found.is_empty() {
        let text = String::from_utf8_lossy(pem);
        let reason = if text.contains("-----BEGIN ") {
            "there is no certificate in it"
        } else {
            "it is not in PEM form, which begins with `-----BEGIN CERTIFICATE-----`"
        };
        return Err(unusable(reason.to_owned()));
    }
    Ok(found)
}

fn identity(pem: &SecretString) -> Result<reqwest::Identity, ConnectError> {
    let text = pem.expose_secret();
    let unusable = |reason: &str| ConnectError::Certificate(reason.to_owned());
    match () {
        () if text.contains("ENCRYPTED") => Err(unusable("its key is encrypted: write it without a passphrase")),
        () if !text.contains("-----BEGIN CERTIFICATE-----") => Err(unusable("there is no certificate in PEM form")),
        () if !text.contains("PRIVATE KEY-----") => Err(unusable("there is no key with it: name its file as `key`")),
        () => reqwest::Identity::from_pem(text.as_bytes()).map_err(|error| unusable(&chain(&error))),
    }
}

fn unbuildable(error: &reqwest::Error, ca: Option<&CaFile>) -> ConnectError {
    match (tls(error), ca) {
        (Some(rustls::Error::InconsistentKeys(_)), _) => {
            ConnectError::Certificate("its key belongs to another certificate".to_owned())
        }
        (Some(rustls::Error::General(text)), _) if text.contains("No CA certificates") => ConnectError::NoAuthorities,
        (Some(rustls::Error::InvalidCertificate(_)), Some(ca)) => {
            ConnectError::CaFile { file: ca.file.clone(), reason: chain(error) }
        }
        _ => ConnectError::Client(chain(error)),
    }
}
