//! `requests`, durations and URLs.

use std::time::Duration;

use super::Requests;
use crate::diagnostic::Code;
use crate::manifest::keys;
use crate::manifest::read::{TreeReader, plain_text};
use crate::manifest::yaml::MapEntry;
use crate::model::{Parallelism, ServerUrl, ServerUrlError, Verify};
use crate::text::quote;

pub(super) fn read_requests(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Requests {
    let mut requests = Requests::default();
    let Some(keys) = reader.keys(entry) else { return requests };
    let keys::RequestsKeys { parallelism, page_size, timeout, deadline, retries, max_body, verify, settle } = keys;
    if parallelism.entry.is_none_or(|entry| plain_text(&entry.value) != Some(Parallelism::AUTO))
        && let Some(number) = reader.number(parallelism)
    {
        requests.parallelism = Parallelism::Fixed(u16::try_from(number).unwrap_or(Parallelism::MOST));
    }
    if let Some(page_size) = reader.number(page_size) {
        requests.page_size = page_size;
    }
    if let Some(retries) = reader.number(retries) {
        requests.retries = u32::try_from(retries).unwrap_or(u32::MAX);
    }
    if let Some(max_body) = reader.number(max_body) {
        requests.max_body = usize::try_from(max_body).unwrap_or(usize::MAX);
    }
    if let Some(timeout) = timeout.entry.and_then(|entry| read_duration(reader, entry)) {
        requests.timeout = timeout;
    }
    requests.deadline = deadline.entry.and_then(|entry| read_duration(reader, entry));
    if let Some(settle) = settle.entry.and_then(|entry| read_duration(reader, entry)) {
        requests.settle = settle;
    }
    if let Some(verify) = verify.entry.and_then(|entry| reader.truth(entry)) {
        requests.verify = if verify { Verify::ReadBack } else { Verify::Trust };
    }
    requests
}

fn read_duration(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Duration> {
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
pub(crate) fn duration(text: &str) -> Option<Duration> {
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

/// Reads the URL of a server. Messages never repeat it where it may hold a password.
pub(super) fn read_url(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<ServerUrl> {
    let error = match ServerUrl::new(reader.text(entry)?) {
        Ok(url) => return Some(url),
        Err(error) => error,
    };
    let (code, help) = match &error {
        ServerUrlError::Credentials => {
            (Code::SecretAsText, "write the credentials as `auth`, from the environment or a file".to_owned())
        }
        ServerUrlError::NotEncrypted(_) => {
            (Code::InsecureUrl, "write `https://`; `http://` is for loopback addresses only".to_owned())
        }
        ServerUrlError::TooMuch(bare) => {
            (Code::BadUrl, format!("write {}; the path /CCS/API/v1 is added", quote(bare)))
        }
        ServerUrlError::NoUrl | ServerUrlError::Scheme => (Code::BadUrl, ServerUrlError::HELP.to_owned()),
    };
    reader.error_with(code, entry.value_span(), error.to_string(), help);
    None
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
