//! A table by customer: a telephony server, and what happens to its clients.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::view::{Mark, Report, ReportKind};
use super::short;

/// The most rows: those of most clients.
const MOST: usize = 40;
/// The columns of a plan, whether or not there is something in them.
const OF_A_PLAN: [&str; 5] = ["add", "change", "replace", "delete", "blocked"];

/// Writes the table; nothing where no client is told of.
pub(super) fn table(report: &Report<'_>) -> String {
    let mut columns: Vec<&str> = if report.kind == ReportKind::Plan { OF_A_PLAN.to_vec() } else { Vec::new() };
    let mut rows: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let told = report.entries.iter().chain(&report.remarks);
    for entry in told.filter(|entry| entry.mark != Mark::Notice && !entry.place.telsys.is_empty()) {
        if !columns.contains(&entry.state) {
            columns.push(entry.state);
        }
        *rows.entry(&entry.place.telsys).or_default().entry(entry.state).or_default() += 1;
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut rows: Vec<(&str, BTreeMap<&str, usize>)> = rows.into_iter().collect();
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.values().sum::<usize>()));
    let mut text = format!("| customer | {} |\n| :-- |{}\n", columns.join(" | "), " --: |".repeat(columns.len()));
    for (telsys, counts) in rows.iter().take(MOST) {
        row(&mut text, &name(report, telsys), &columns, counts);
    }
    if let Some(more) = rows.get(MOST..).filter(|more| !more.is_empty()) {
        row(&mut text, &format!("{} more", more.len()), &columns, &sum(more));
    }
    if rows.len() > 1 {
        row(&mut text, "all", &columns, &sum(&rows));
    }
    text + "\n"
}

/// Names a telephony server as people do: by its customer, if the server says who that is.
pub(super) fn name(report: &Report<'_>, telsys: &str) -> String {
    match report.customers.get(telsys) {
        Some(label) => format!("{} ({})", short(&crate::text::bounded(label, 60)), short(telsys)),
        None => format!("telephony server {}", short(telsys)),
    }
}

fn row(text: &mut String, customer: &str, columns: &[&str], counts: &BTreeMap<&str, usize>) {
    let _ = write!(text, "| {customer} |");
    for column in columns {
        let _ = write!(text, " {} |", counts.get(column).copied().unwrap_or_default());
    }
    text.push('\n');
}

fn sum<'a>(rows: &[(&str, BTreeMap<&'a str, usize>)]) -> BTreeMap<&'a str, usize> {
    let mut sums = BTreeMap::new();
    for (column, number) in rows.iter().flat_map(|(_, counts)| counts) {
        *sums.entry(*column).or_default() += number;
    }
    sums
}
