//! `requests`, durations and URLs.

use std::time::Duration;

use super::{Requests, Verify};
use crate::diagnostic::{Code, quote};
use crate::manifest::keys::Mapping;
use crate::manifest::read::{Reader, plain_text};
use crate::manifest::yaml::Entry;
use crate::model::is_loopback;

pub(super) fn read_requests(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Requests {
    let mut requests = Requests::default();
    let Some(fields) = reader.fields(entry, Mapping::Requests.keys()) else { return requests };
    let number = |reader: &mut Reader<'_>, key, least, most| {
        fields.get(key).and_then(|entry| reader.integer_within(entry, least, most))
    };
    if let Some(parallelism) = number(reader, "parallelism", 1, 1024) {
        requests.parallelism = usize::try_from(parallelism).unwrap_or(usize::MAX);
    }
    if let Some(page_size) = number(reader, "page_size", 1, 100_000) {
        requests.page_size = page_size;
    }
    if let Some(retries) = number(reader, "retries", 0, 100) {
        requests.retries = u32::try_from(retries).unwrap_or(u32::MAX);
    }
    if let Some(timeout) = fields.get("timeout").and_then(|entry| read_duration(reader, entry)) {
        requests.timeout = timeout;
    }
    requests.deadline = fields.get("deadline").and_then(|entry| read_duration(reader, entry));
    if let Some(verify) = fields.get("verify").and_then(|entry| reader.truth(entry)) {
        requests.verify = if verify { Verify::ReadBack } else { Verify::Trust };
    }
    requests
}

fn read_duration(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Duration> {
    let duration = plain_text(&entry.value).and_then(duration);
    if duration.is_none() {
        let message = format!("`{}` is not a duration", entry.key);
        reader.error_with(
            Code::BadDuration,
            entry.value_span(),
            message,
            "write for example `30s`, `5m` or `1500ms`; it is more than 0 and at most 30 days",
        );
    }
    duration
}

/// Reads a whole number with the unit ms, s, m or h, from 1 ms to 30 days.
pub(super) fn duration(text: &str) -> Option<Duration> {
    const LONGEST: u64 = 30 * 24 * 3_600_000;
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let milliseconds = number.checked_mul(factor)?;
    (1..=LONGEST).contains(&milliseconds).then(|| Duration::from_millis(milliseconds))
}

/// Reads the URL of a server: scheme, host, port. Messages never repeat it where it may hold a password.
pub(super) fn read_url(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<String> {
    const SHAPE: &str = "write the scheme and the host, for example `https://ccs.example.com`";
    let text = reader.text(entry)?;
    let span = entry.value_span();
    let Ok(url) = reqwest::Url::parse(text) else {
        reader.error_with(Code::BadUrl, span, "`url` is not a URL", SHAPE);
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        let help = "write the credentials as `auth`, from the environment or a file";
        reader.error_with(Code::SecretAsText, span, "`url` holds credentials", help);
        return None;
    }
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    match (url.scheme(), url.host_str()) {
        ("https" | "http", Some(host)) if bare => {
            if url.scheme() == "http" && !is_loopback(host) {
                let message = format!("{} would be reached without encryption", quote(host));
                reader.error_with(
                    Code::InsecureUrl,
                    span,
                    message,
                    "write `https://`; `http://` is for loopback addresses only",
                );
                return None;
            }
            Some(url.origin().ascii_serialization())
        }
        ("https" | "http", Some(host)) => {
            let origin = url.origin().ascii_serialization();
            let origin = if is_loopback(host) { origin } else { origin.replacen("http://", "https://", 1) };
            let help = format!("write {}; the path /CCS/API/v1 is added", quote(&origin));
            reader.error_with(Code::BadUrl, span, "`url` is more than scheme and host", help);
            None
        }
        _ => {
            reader.error_with(Code::BadUrl, span, "`url` is not a URL with https", SHAPE);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("5m"), Some(Duration::from_mins(5)));
        assert_eq!(duration("1500ms"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("2h"), Some(Duration::from_hours(2)));
        for text in ["", "30", "s", "0s", "-1s", "1.5s", "1 s", "30S", "1d", "99999999999999999999h", "9999999h"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
