//! The clients that cover a scope, and each key at every level, as text.

use std::collections::BTreeMap;
use std::io;

use super::table::{Column, table};
use crate::document::{
    CoveredKeyV1, CoveredValueV1, CoveringClientV1, CoveringSideV1, CoveringV1, PositionV1, TargetV1,
};
use crate::redact::Shown;
use crate::text::{bounded, counted, told_apart, visible, within};

/// What stands where a client does not hold a key.
const NOTHING: &str = "–";
/// What stands where nobody knows whether a live client holds it.
const UNKNOWN: &str = "?";
/// How much of a value is shown.
const MOST_VALUE: usize = 40;

/// Writes a line for each client, then a line for each field and key with a column for each client.
pub(crate) fn text(out: &mut impl io::Write, document: &CoveringV1, width: Option<usize>) -> io::Result<()> {
    let CoveringV1 { format_version: _, scope, target, clients, keys, precedence, uncertain, listed_everywhere } =
        document;
    let place = match target {
        Some(TargetV1 { name, url }) => format!("git and {} ({})", visible(name), visible(url)),
        None => "git alone; --target NAME reads the live clients too".to_owned(),
    };
    let mut say = |line: String| within(&line, width, 2).iter().try_for_each(|line| writeln!(out, "{line}"));
    say(format!("covering {} · {place}", visible(&scope.to_string())))?;
    say(String::new())?;
    if clients.is_empty() {
        say("No client covers it.".to_owned())?;
    } else {
        let rows: Vec<[String; 5]> = clients.iter().map(line).collect();
        let columns = [Column::Kept, Column::Kept, Column::Kept, Column::Padded, Column::Last];
        table(&rows, columns, width).into_iter().try_for_each(&mut say)?;
        say(String::new())?;
        levels(clients, keys, width).into_iter().try_for_each(&mut say)?;
        say(String::new())?;
        say(format!("{NOTHING} not there · {UNKNOWN} not known · the most general level comes first"))?;
        say(precedence.to_string())?;
    }
    if *uncertain > 0 {
        let clients = counted(usize::try_from(*uncertain).unwrap_or(usize::MAX), "live client");
        say(format!("{clients} may cover it too: the server hides the scope, or the row could not be read"))?;
    }
    if target.is_some() && !listed_everywhere {
        say("live clients for every telephony server are not among these: the server refuses to list them".to_owned())?;
    }
    Ok(())
}

fn line(client: &CoveringClientV1) -> [String; 5] {
    let CoveringClientV1 { number, side, client, scope, id, source, unreadable: _, outside } = client;
    let (side, place) = match (side, source) {
        (CoveringSideV1::Defined, Some(PositionV1 { file, line, column: _ })) => {
            ("git", format!("{}:{line}", visible(file)))
        }
        (CoveringSideV1::Defined, None) => ("git", String::new()),
        (CoveringSideV1::Live, _) => {
            let id = id.as_ref().map(|id| visible(id.as_str()).into_owned()).unwrap_or_default();
            ("live", if *outside { format!("{id} · outside of `manage`, not read in detail") } else { id })
        }
    };
    let name = client.as_ref().map_or_else(|| "(not in git)".to_owned(), ToString::to_string);
    [number.to_string(), visible(&scope.to_string()).into_owned(), side.to_owned(), name, place]
}

/// Writes a line for each field and key, below a line with the numbers of the clients.
fn levels(clients: &[CoveringClientV1], keys: &[CoveredKeyV1], width: Option<usize>) -> Vec<String> {
    let numbers = clients.iter().map(|client| client.number.to_string());
    let mut rows: Vec<Vec<String>> = vec![std::iter::once(String::new()).chain(numbers).collect()];
    let mut last = None;
    for of_field in keys.chunk_by(|one, next| one.field == next.field) {
        let names: Vec<&str> = of_field.iter().map(|key| key.key.as_deref().unwrap_or_default()).collect();
        for (CoveredKeyV1 { field, key, values }, name) in of_field.iter().zip(told_apart(&names)) {
            let title = match key {
                Some(_) => format!("  {}", bounded(&name, 100)),
                None => visible(field).into_owned(),
            };
            if key.is_some() && last != Some(field) {
                let empty = clients.iter().map(|_| String::new());
                rows.push(std::iter::once(visible(field).into_owned()).chain(empty).collect());
            }
            last = Some(field);
            rows.push(std::iter::once(title).chain(cells(clients, field, values)).collect());
        }
    }
    table(&rows, vec![Column::Padded; clients.len() + 1], width)
}

/// Writes what each client holds of a key. Values of two that look alike are told apart.
fn cells(clients: &[CoveringClientV1], field: &str, values: &[CoveredValueV1]) -> Vec<String> {
    let held: BTreeMap<u64, &Shown> = values.iter().map(|value| (value.client, &value.value)).collect();
    let texts: Vec<Option<String>> = clients
        .iter()
        .map(|client| match held.get(&client.number) {
            Some(Shown::Plain(value)) => Some(value.canonical()),
            Some(Shown::Sensitive(_)) | None => None,
        })
        .collect();
    let mut told = told_apart(&texts.iter().flatten().map(String::as_str).collect::<Vec<_>>()).into_iter();
    let cell = |(client, text): (&CoveringClientV1, &Option<String>)| match held.get(&client.number) {
        Some(Shown::Sensitive(_)) => "(sensitive)".to_owned(),
        Some(Shown::Plain(_)) => {
            let told = text.as_ref().and_then(|_| told.next()).unwrap_or_default();
            bounded(&told, MOST_VALUE).into_owned()
        }
        None if client.unreadable.iter().any(|unreadable| unreadable == field) => UNKNOWN.to_owned(),
        None => NOTHING.to_owned(),
    };
    clients.iter().zip(&texts).map(cell).collect()
}
