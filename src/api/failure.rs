//! What a failed attempt came to, and how the many forms of the API's error body are read.

use std::time::Duration;

use serde_json::Value;

use super::error::ErrorCode;

/// An error body beyond this is not looked into.
const LARGEST: usize = 1 << 20;

/// An attempt that did not succeed.
#[derive(Debug)]
pub(super) struct AttemptFailure {
    /// What it came to, for the retry table.
    pub(super) outcome: AttemptOutcome,
    /// What happened, for a person; bounded and without control characters.
    pub(super) message: String,
    /// How long the server asks to wait.
    pub(super) retry_after: Option<Duration>,
}

/// What an attempt came to, as far as the decision about it needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptOutcome {
    /// No connection: the request was never sent.
    Unsent,
    /// No answer in time, or the connection broke: the request may have been carried out.
    Lost,
    /// The run's deadline came first. `Unsent` when nothing was sent.
    Late(Reached),
    /// An answer that is not the success of the operation.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The code in the body.
        code: Option<ErrorCode>,
        /// The form of the body.
        body: Body,
    },
}

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// It stayed here.
    Client,
    /// It may have reached the server.
    Server,
}

/// The form of a body that does not tell of success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// It says that the operation failed: a code, or a Result other than Success.
    Words,
    /// A web page.
    Html,
    /// Nothing, or nothing that makes sense.
    Senseless,
}

/// What the head of an answer says about its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFormat {
    /// `text/html`.
    Html,
    /// Anything else, or nothing.
    Other,
}

/// What a body says about a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) code: Option<ErrorCode>,
    pub(super) body: Body,
    /// The server's words, as they were meant and as long as they are; may be empty.
    pub(super) words: String,
}

/// Reads an error body in any of the forms that the API may have: nobody knows which one it is.
pub(super) fn read(body: &[u8], format: BodyFormat) -> Said {
    let text = String::from_utf8_lossy(&body[..body.len().min(LARGEST)]);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        return Said { code: ErrorCode::in_text(text), body: Body::Html, words: title(text) };
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => read_json(&value),
        Err(_) if format == BodyFormat::Html && !text.is_empty() => {
            Said { code: ErrorCode::in_text(text), body: Body::Html, words: text.to_owned() }
        }
        Err(_) => plain(text),
    }
}

fn plain(text: &str) -> Said {
    let code = ErrorCode::in_text(text);
    let body = if code.is_some() { Body::Words } else { Body::Senseless };
    Said { code, body, words: text.to_owned() }
}

fn read_json(value: &Value) -> Said {
    let Value::Object(map) = value else {
        return plain(value.as_str().unwrap_or(&value.to_string()));
    };
    let inner = member(map, &["error"]).and_then(Value::as_object);
    let find = |names: &[&str]| member(map, names).or_else(|| inner.and_then(|inner| member(inner, names)));
    let result = member(map, &["Result"]).map(as_text).filter(|result| !is_success(result));
    let text = find(&["ErrorMessage", "Message", "Description"]).or_else(|| member(map, &["error"])).map(as_text);
    let text = text.unwrap_or_default();
    let code = find(&["ErrorCode", "Code"]).and_then(|code| ErrorCode::in_text(&as_text(code)));
    let code = code.or_else(|| ErrorCode::in_text(&text)).or_else(|| ErrorCode::in_text(result.as_deref()?));
    let body = if code.is_some() || result.is_some() { Body::Words } else { Body::Senseless };
    Said { code, body, words: if text.is_empty() { result.unwrap_or_default() } else { text } }
}

/// Tells whether a `Result` tells of success.
pub(super) fn is_success(result: &str) -> bool {
    result.eq_ignore_ascii_case("Success")
}

fn member<'a>(map: &'a serde_json::Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    let find = |name: &&str| map.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null());
    names.iter().find_map(find).map(|(_, value)| value)
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) | Value::Array(_) => String::new(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Finds the title of a web page, which is the only part of it that is worth showing.
fn title(page: &str) -> String {
    let title = page.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let title = title.map(|(title, _)| title.trim()).filter(|title| !title.is_empty());
    title.map_or_else(|| "a web page".to_owned(), |title| format!("a web page, `{title}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> Option<u32> {
        read(body.as_bytes(), BodyFormat::Other).code.map(|code| code.0)
    }

    #[test]
    fn a_code_is_found_in_every_form_of_error_body() {
        for body in [
            r#"{"Result":"Failure","ErrorCode":30005,"ErrorMessage":"x"}"#,
            r#"{"Result":"Failure","ErrorCode":"30005"}"#,
            r#"{"Code":30005}"#,
            r#"{"error":{"code":"30005","message":"x"}}"#,
            r#"{"error":"INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE"}"#,
            r#"{"error":{"message":"INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE"}}"#,
            r#"{"Message":"An Integrator Client with the same scope already exists."}"#,
            r#"{"Result":"EXISTS_FOR_SCOPE"}"#,
            r#""INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE""#,
            "INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE\n",
            "30005",
            "\u{feff}{\"ErrorCode\":30005}",
            "<html><body>INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE</body></html>",
        ] {
            assert_eq!(code(body), Some(30005), "{body}");
        }
    }

    #[test]
    fn the_code_wins_over_the_words() {
        assert_eq!(code(r#"{"ErrorCode":30003,"Message":"INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE"}"#), Some(30003));
        assert_eq!(code(r#"{"Code":404,"Message":"INTEGRATOR_CLIENT_NOT_FOUND"}"#), Some(30003));
    }

    #[test]
    fn bodies_without_sense_are_told_from_words_and_pages() {
        assert_eq!(read(b"", BodyFormat::Other).body, Body::Senseless);
        assert_eq!(read(br#"{"Result":"Success","Data"#, BodyFormat::Other).body, Body::Senseless);
        assert_eq!(read(br#"{"Result":"Failure"}"#, BodyFormat::Other).body, Body::Words);
        assert_eq!(read(br#"{"Result":"Success"}"#, BodyFormat::Other).body, Body::Senseless);
        assert_eq!(
            read(br#"{"Message":"who are you"}"#, BodyFormat::Other),
            Said { code: None, body: Body::Senseless, words: "who are you".to_owned() }
        );
        assert_eq!(read(b" <!DOCTYPE html><title>Sign\nin</title>", BodyFormat::Other).words, "a web page, `Sign\nin`");
        assert_eq!(read(b"Please sign in", BodyFormat::Html).body, Body::Html);
        assert_eq!(read(b"", BodyFormat::Html).body, Body::Senseless);
        assert_eq!(read(&[0xff, 0xfe, 0x00], BodyFormat::Other).body, Body::Senseless);
    }

    #[test]
    fn hostile_depth_does_not_overflow() {
        let deep = "[".repeat(500_000);
        assert_eq!(read(deep.as_bytes(), BodyFormat::Other).body, Body::Senseless);
    }
}
