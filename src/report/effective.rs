//! One client after expansion as a definition, each value with the line that says it.

use std::io;

use crate::document::{EffectiveExceptionV1, EffectiveV1, EffectiveValueV1, PositionV1};
use crate::emitter;
use crate::redact::Shown;
use crate::text::visible;

/// How far to the right places are written at most.
const MOST_WIDTH: usize = 80;

/// Writes a client as a definition that needs no profile, fleet or variable; a comment after each value says where it was
/// written.
pub(crate) fn text(out: &mut impl io::Write, effective: &EffectiveV1) -> io::Result<()> {
    let lines = lines(effective);
    let widths = lines.iter().filter(|(_, at)| at.is_some()).map(|(line, _)| line.chars().count());
    let width = widths.filter(|width| *width <= MOST_WIDTH).max().unwrap_or_default();
    for (line, at) in &lines {
        let line = visible(line);
        match at {
            Some(PositionV1 { file, line: at, column: _ }) => writeln!(out, "{line:width$}  # {}:{at}", visible(file))?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

type EffectiveLine<'a> = (String, Option<&'a PositionV1>);

fn lines(effective: &EffectiveV1) -> Vec<EffectiveLine<'_>> {
    let EffectiveV1 {
        format_version: _,
        client,
        scope,
        scope_source,
        id,
        id_source,
        state,
        source,
        managed,
        values,
        owns,
        ignore,
        exceptions,
        profiles: _,
    } = effective;
    let device = format!("telsys: {}, partition: {}", scope.telsys.number(), scope.partition.number());
    let device = format!("{device}, device: {}", emitter::literal(scope.device.as_str()));
    let mut lines = vec![
        ("kind: IntegratorClient".to_owned(), Some(source)),
        (format!("name: {client}"), None),
        (format!("scope: {{{device}}}"), Some(scope_source)),
    ];
    lines.extend(id.iter().map(|id| (format!("id: {}", emitter::string(id.as_str())), id_source.as_ref())));
    for field in managed {
        lines.extend(of_field(field, values));
    }
    let listed: Vec<String> = owns
        .iter()
        .filter(|(_, ownership)| *ownership == "listed")
        .map(|(field, _)| format!("{field}: listed"))
        .collect();
    if !listed.is_empty() {
        lines.push((format!("owns: {{{}}}", listed.join(", ")), None));
    }
    if !ignore.is_empty() {
        let patterns: Vec<_> = ignore.iter().map(|pattern| emitter::string(pattern)).collect();
        lines.push((format!("ignore: [{}]", patterns.join(", ")), None));
    }
    for EffectiveExceptionV1 { fields, until, reason } in exceptions {
        lines.push((format!("# until {until} left alone: {}: {reason}", fields.join(", ")), None));
    }
    if state == "absent" {
        lines.push(("state: absent".to_owned(), None));
    }
    lines
}

/// Writes a managed field: its text, its keys, or that it has none.
fn of_field<'a>(field: &str, values: &'a [EffectiveValueV1]) -> Vec<EffectiveLine<'a>> {
    let mut lines = vec![(format!("{field}: {{}}"), None)];
    for EffectiveValueV1 { field: _, key, value, source } in values.iter().filter(|one| one.field == field) {
        let value = self::value(value);
        match key {
            None => lines[0] = (format!("{field}: {value}"), Some(source)),
            Some(key) => {
                lines[0].0 = format!("{field}:");
                lines.push((format!("  {}: {value}", emitter::literal(key)), Some(source)));
            }
        }
    }
    lines
}

fn value(shown: &Shown) -> String {
    match shown {
        Shown::Plain(json) => emitter::value(json),
        Shown::Sensitive(_) => emitter::string("(sensitive)"),
    }
}
