//! Values of the command line that have a form of their own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::model::Selector;
use crate::report::{Format, UnknownFormat};

/// `FORMAT` or `FORMAT=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Output {
    /// The format.
    pub format: Format,
    /// The file; `None` for stdout.
    pub file: Option<PathBuf>,
}

/// Tells whether a file of the command line stands for stdin or stdout: `-`. `./-` is a file of that name.
pub(in crate::cli) fn is_stream(file: &Path) -> bool {
    file.as_os_str() == "-"
}

impl Output {
    /// Tells whether a command line that could not be read asks for JSON on stdout.
    pub(in crate::cli) fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
        let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
        let is_json = |word: &str| word.strip_suffix("=-").unwrap_or(word) == "json";
        let apart = |pair: &[String]| matches!(&*pair[0], "-o" | "--output") && is_json(&pair[1]);
        let joined = |word: &String| {
            let value = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o="));
            value.or_else(|| word.strip_prefix("-o")).is_some_and(is_json)
        };
        words.windows(2).any(apart) || words.iter().any(joined)
    }
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').map_or((text, None), |(format, file)| (format, Some(file)));
        if file == Some("") {
            return Err("there is no file after `=`".to_owned());
        }
        let format = format.parse().map_err(|error: UnknownFormat| error.to_string())?;
        Ok(Self { format, file: file.map(PathBuf::from).filter(|file| !is_stream(file)) })
    }
}

/// A `--select` or `--exclude` expression and its text.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Selected {
    /// What it selects.
    pub selector: Selector,
    /// As it was written.
    pub text: String,
}

pub(super) fn parse_selector(text: &str) -> Result<Selected, String> {
    Selector::new(text).map(|selector| Selected { selector, text: text.to_owned() })
}

/// Takes what `plan -o json` gives as `steps_digest`.
pub(super) fn parse_steps_digest(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    let right = digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if right { Ok(text.to_owned()) } else { Err("a digest of steps is `sha256:` and 64 hexadecimal digits".to_owned()) }
}
