//! Why a connection did not come about or broke, in words that say what to do.

use std::error::Error;
use std::io;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription as Alert, CertificateError as Bad};

use crate::model::ServerUrl;
use crate::text::excerpt;

/// Explains an error of the HTTP library.
pub(super) fn explain(error: &reqwest::Error, server: &ServerUrl) -> String {
    let known = causes(error).find_map(|cause| {
        let of_transport = if server.is_encrypted() {
            cause.downcast_ref().and_then(of_tls)
        } else {
            cause.downcast_ref().and_then(of_http)
        };
        of_transport.or_else(|| cause.downcast_ref().and_then(of_head))
    });
    known.map_or_else(|| chain(error), |known| excerpt(&known))
}

/// Gives the error of TLS that an error is about.
pub(super) fn tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Writes the causes of an error, from the second on where there are several: the first says only that it failed.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = causes(error).map(ToString::to_string).collect();
    texts.dedup();
    if texts.is_empty() {
        texts.push("the request could not be made".to_owned());
    }
    excerpt(&texts.join(": "))
}

/// Gives the causes of an error, also those that an error of the system hides.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| next(*cause))
}

fn next<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(hidden) => Some(hidden),
        None => cause.source(),
    }
}

/// The library tells the first line of an answer from the rest of its head by its words only.
const NO_HTTP: &str = "invalid HTTP version";

fn of_http(error: &hyper::Error) -> Option<String> {
    let text = "what answers does not speak HTTP: the port may be one of TLS, then `url` begins with `https://`";
    (error.is_parse() && error.to_string().starts_with(NO_HTTP)).then(|| text.to_owned())
}

/// Says what is wrong with the head of an answer in HTTP.
fn of_head(error: &hyper::Error) -> Option<String> {
    let what = match error {
        error if error.is_parse_too_large() => {
            "is too large: it has more than 100 headers, or very long ones".to_owned()
        }
        error if error.is_parse() && error.to_string().contains("content-length") => {
            "has a Content-Length that is no number, or two that differ".to_owned()
        }
        error if error.is_parse() => format!("breaks the rules of HTTP ({error})"),
        _ => return None,
    };
    Some(format!("the head of the answer {what}: ask the operator of the host, or of the proxy before it"))
}

fn of_tls(error: &rustls::Error) -> Option<String> {
    match error {
        rustls::Error::InvalidMessage(_) => Some(
            "what answers does not speak TLS: the port may be one of plain HTTP; look at the port in `url`".to_owned(),
        ),
        rustls::Error::InvalidCertificate(bad) => of_certificate(bad),
        rustls::Error::AlertReceived(alert) => of_alert(*alert),
        _ => None,
    }
}

fn of_certificate(bad: &Bad) -> Option<String> {
    const RENEW: &str = "the host needs a new one, unless the clock of this machine is wrong";
    Some(match bad {
        Bad::ExpiredContext { not_after, .. } => {
            format!("the certificate of the server expired on {}: {RENEW}", date(*not_after))
        }
        Bad::Expired => format!("the certificate of the server has expired: {RENEW}"),
        Bad::NotValidYetContext { not_before, .. } => {
            format!("the certificate of the server is valid from {} on: {RENEW}", date(*not_before))
        }
        Bad::NotValidYet => format!("the certificate of the server is not valid yet: {RENEW}"),
        Bad::NotValidForNameContext { expected, presented } => format!(
            "the certificate of the server is for {} and not for `{}`: write a name of the certificate in `url`",
            presented.iter().map(|name| bare(name)).collect::<Vec<_>>().join(", "),
            expected.to_str()
        ),
        Bad::NotValidForName => "the certificate of the server is for another name than that in `url`".to_owned(),
        Bad::UnknownIssuer | Bad::BadSignature => {
            "the certificate of the server is of an authority that is not trusted here: name the authority's own \
             certificate as `ca_file` of the target"
                .to_owned()
        }
        // The verifier has no variant of its own for it.
        Bad::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the certificate of the server is one of an authority, as self-signed ones often are: the host needs one of \
             its own (`basicConstraints=CA:FALSE`), whose issuer can be named as `ca_file` of the target"
                .to_owned()
        }
        _ => return None,
    })
}

fn of_alert(alert: Alert) -> Option<String> {
    match alert {
        Alert::CertificateRequired => {
            Some("the server asks for a client certificate: name one as `certificate` under `auth`".to_owned())
        }
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied => Some(format!(
            "the server does not accept the client certificate ({alert:?}): see `certificate` under `auth`"
        )),
        _ => None,
    }
}

/// Takes a name out of `DnsName("ccs.example.com")`.
fn bare(name: &str) -> String {
    format!("`{}`", name.split('"').nth(1).unwrap_or(name))
}

fn date(time: UnixTime) -> String {
    let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "a day beyond all calendars".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}
