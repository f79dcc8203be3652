//! The clients that cover a scope, and each key at every level, as text.

use std::io;

use super::table::{Column, table};
use crate::document::{
    CoveredKeyV1, CoveredValueV1, CoveringClientV1, CoveringSideV1, CoveringV1, PositionV1, TargetV1,
};
use crate::redact::Shown;
use crate::text::{bounded, counted, visible};

/// What stands where a client does not hold a key.
const NOTHING: &str = "–";
/// What stands where nobody knows whether a live client holds it.
const UNKNOWN: &str = "?";
/// How much of a value is shown.
const MOST_VALUE: usize = 40;

/// Writes a line for each client, then a line for each field and key with a column for each client.
pub(crate) fn text(out: &mut impl io::Write, document: &CoveringV1) -> io::Result<()> {
    let CoveringV1 { format_version: _, scope, target, clients, keys, precedence, uncertain, listed_everywhere } =
        document;
    let place = match target {
        Some(TargetV1 { name, url }) => format!("git and {} ({})", visible(name), visible(url)),
        None => "git alone; --target NAME reads the live clients too".to_owned(),
    };
    writeln!(out, "covering {} · {place}\n", visible(&scope.to_string()))?;
    if clients.is_empty() {
        writeln!(out, "No client covers it.")?;
    } else {
        let rows: Vec<[String; 5]> = clients.iter().map(line).collect();
        let columns = [Column::Padded, Column::Padded, Column::Padded, Column::Padded, Column::Last];
        table(&rows, columns).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        writeln!(out)?;
        levels(clients, keys).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        writeln!(out, "\n{NOTHING} not there · {UNKNOWN} not known · the most general level comes first")?;
        writeln!(out, "{precedence}")?;
    }
    if *uncertain > 0 {
        let clients = counted(usize::try_from(*uncertain).unwrap_or(usize::MAX), "live client");
        writeln!(out, "{clients} may cover it too: the server hides the scope, or the row could not be read")?;
    }
    if target.is_some() && !listed_everywhere {
        writeln!(out, "live clients for every telephony server are not among these: the server refuses to list them")?;
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
fn levels(clients: &[CoveringClientV1], keys: &[CoveredKeyV1]) -> Vec<String> {
    let numbers = clients.iter().map(|client| client.number.to_string());
    let mut rows: Vec<Vec<String>> = vec![std::iter::once(String::new()).chain(numbers).collect()];
    let mut last = None;
    for CoveredKeyV1 { field, key, values } in keys {
        let title = match key {
            Some(key) => format!("  {}", bounded(key, 100)),
            None => visible(field).into_owned(),
        };
        if key.is_some() && last != Some(field) {
            let empty = clients.iter().map(|_| String::new());
            rows.push(std::iter::once(visible(field).into_owned()).chain(empty).collect());
        }
        last = Some(field);
        rows.push(std::iter::once(title).chain(clients.iter().map(|client| cell(client, field, values))).collect());
    }
    table(&rows, vec![Column::Padded; clients.len() + 1])
}

fn cell(client: &CoveringClientV1, field: &str, values: &[CoveredValueV1]) -> String {
    match values.iter().find(|value| value.client == client.number) {
        Some(CoveredValueV1 { value: Shown::Plain(value), .. }) => bounded(&value.canonical(), MOST_VALUE).into_owned(),
        Some(CoveredValueV1 { value: Shown::Sensitive(_), .. }) => "(sensitive)".to_owned(),
        None if client.unreadable.iter().any(|unreadable| unreadable == field) => UNKNOWN.to_owned(),
        None => NOTHING.to_owned(),
    }
}
