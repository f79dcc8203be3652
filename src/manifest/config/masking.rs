//! What may be a secret in `icsync.yaml`, so that no diagnostic shows it.

use std::sync::Arc;

use super::target::env_name;
use crate::diagnostic::{Diagnostic, SourceFile, Span};
use crate::manifest::yaml::{Data, Node};
use crate::redact::{behind_secret_name, looks_secret};

/// Finds what may be a secret: scalars below `auth` other than the words of its form.
pub(super) fn secrets(roots: &[Node<'_>]) -> Vec<Span> {
    let mut spans = Vec::new();
    for root in roots {
        find_secrets(root, Inside::Elsewhere, &mut spans);
    }
    spans
}

/// Words that announce a secret.
const WORDS: [&str; 10] =
    ["api_key", "apikey", "authorization", "credential", "password", "username", "session", "token", "secret", "url"];

fn announces(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    WORDS.iter().any(|word| key.contains(word)) || looks_secret(&key)
}

/// Finds what may be a secret in a file that is not YAML: whatever stands after a word that announces one.
pub(super) fn suspects(file: &SourceFile) -> Vec<Span> {
    let mut spans = Vec::new();
    for number in 1.. {
        let Some((start, line)) = file.line(number) else { break };
        let lower = line.to_ascii_lowercase();
        let first = WORDS.iter().filter_map(|word| Some(lower.find(word)? + word.len()));
        let first = first.chain(behind_secret_name(line)).min();
        if let Some(value) = first {
            spans.push(file.span(start + value, start + line.len()));
        }
    }
    spans
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Auth,
    Url,
    Elsewhere,
}

fn find_secrets(node: &Node<'_>, inside: Inside, spans: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(scalar) => match inside {
            Inside::Auth => spans.push(node.span),
            Inside::Url if scalar.text.contains(['@', '?']) => spans.push(node.span),
            Inside::Url | Inside::Elsewhere => {}
        },
        Data::List(items) => items.iter().for_each(|item| find_secrets(item, inside, spans)),
        Data::Map(entries) => {
            for entry in entries {
                let below = match (&*entry.key, inside) {
                    ("file" | "locale", Inside::Auth) => Inside::Elsewhere,
                    ("env", Inside::Auth) if env_name(&entry.value).is_some() => Inside::Elsewhere,
                    ("auth", _) => Inside::Auth,
                    ("url", _) => Inside::Url,
                    // A secret may stand where nobody expects one.
                    (key, Inside::Elsewhere) if announces(key) => Inside::Auth,
                    _ => inside,
                };
                find_secrets(&entry.value, below, spans);
            }
        }
    }
}

/// Makes all diagnostics point into a copy of the file without secrets.
pub(super) fn mask(mut found: Vec<Diagnostic>, file: &Arc<SourceFile>, secrets: &[Span]) -> Vec<Diagnostic> {
    if secrets.is_empty() || found.is_empty() {
        return found;
    }
    let masked = Arc::new(file.masked(secrets));
    for place in found.iter_mut().flat_map(Diagnostic::places_mut) {
        place.file = Arc::clone(&masked);
    }
    found
}
