//! `exceptions`: who, what, until when and why; which of them are over, and which leave nothing alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::ResolvedConfig;
use super::rules::{first_items, read_placed_patterns};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::manifest::keys;
use crate::manifest::read::{Placed, TreeReader};
use crate::manifest::scope::read_name;
use crate::manifest::yaml::{MapEntry, Node};
use crate::model::{
    ClientName, DeclaredEntries, Definition, Desired, Exception, Field, FieldPattern, LastDay, Live, LiveClient,
    Selection, Selector,
};
use crate::text::quote;

const WHOLE: &str = "write for example `{ client: sunshine-reception, fields: [\"settings.interface::*\"], until: 2027-01-31, \
                     reason: \"trial of the new panel\" }`";

/// How many exceptions there may be.
const MOST_EXCEPTIONS: usize = 10_000;
/// How many of them may select clients by an expression: each of these is held against each client.
const MOST_SELECTING: usize = 1_000;

/// An exception, and where its parts stand.
#[derive(Debug, Clone)]
pub(super) struct PlacedException {
    clients: ExceptedClients,
    pub(super) exception: Arc<Exception>,
    clients_at: Place,
    fields_at: Vec<Place>,
    until_at: Place,
}

/// Which clients an exception is about.
#[derive(Debug, Clone)]
enum ExceptedClients {
    Named(ClientName),
    /// Those that an expression as of `--select` fits.
    Selected(Selector),
}

pub(super) fn read_exceptions(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Vec<PlacedException> {
    let items = reader.list(entry).unwrap_or_default();
    let items = first_items(reader, entry, items, MOST_EXCEPTIONS);
    let exceptions: Vec<PlacedException> = items.iter().filter_map(|item| read_exception(reader, item)).collect();
    if let Some(beyond) = exceptions.iter().filter(|one| one.is_selecting()).nth(MOST_SELECTING) {
        let message = format!("more than {MOST_SELECTING} exceptions select clients by an expression");
        let help = "let one expression select more of them, or name the clients";
        let error = Diagnostic::error(Code::TooManyDocuments, message).at(beyond.clients_at.clone(), "");
        reader.found.push(error.help(help));
    }
    exceptions
}

fn read_exception(reader: &mut TreeReader<'_>, item: &Node<'_>) -> Option<PlacedException> {
    let keys::ExceptionKeys { client, fields, until, reason } = reader.node_keys(item, "an entry of `exceptions`")?;
    let clients = reader.required(client, WHOLE).and_then(|entry| read_clients(reader, entry));
    let fields = reader.required(fields, WHOLE).and_then(|entry| read_fields(reader, entry));
    let until = reader.required(until, WHOLE).and_then(|entry| read_day(reader, entry));
    let reason = reader.required(reason, WHOLE).and_then(|entry| read_reason(reader, entry));
    let (clients, fields, until, reason) = (clients?, fields?, until?, reason?);
    let (fields, fields_at) = fields.into_iter().unzip();
    let exception = Arc::new(Exception { fields, until: until.value, reason });
    let (clients, clients_at) = (clients.value, clients.place);
    Some(PlacedException { clients, exception, clients_at, fields_at, until_at: until.place })
}

/// Reads a name, or an expression as of `--select`: no name holds a `=`.
fn read_clients(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Placed<ExceptedClients>> {
    let text = reader.text(entry)?;
    let clients = if text.contains('=') {
        match Selector::new(text) {
            Ok(selector) => ExceptedClients::Selected(selector),
            Err(reason) => {
                let message = format!("{} does not say which clients are meant: {reason}", quote(text));
                let help = "write the name of a client, or an expression as of `--select` such as `profile=base`";
                reader.error_with(Code::BadException, entry.value_span(), message, help);
                return None;
            }
        }
    } else {
        ExceptedClients::Named(ClientName::new(read_name(reader, entry)?)?)
    };
    Some(reader.placed(clients, entry.value_span()))
}

fn read_fields(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Vec<(FieldPattern, Place)>> {
    let items = reader.list(entry)?.len();
    if items == 0 {
        let help = "name what is left alone, such as `description` or `settings.interface::*`; or remove the entry";
        reader.error_with(Code::BadException, entry.value_span(), "the exception names no field", help);
    }
    let fields = read_placed_patterns(reader, entry);
    (items > 0 && fields.len() == items).then_some(fields)
}

fn read_day(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Placed<LastDay>> {
    let text = reader.text(entry)?;
    let Ok(day) = text.parse::<LastDay>() else {
        let message = format!("{} is not a day", quote(text));
        let help = "write the last day on which the exception holds, in UTC, such as `2027-01-31`";
        reader.error_with(Code::BadException, entry.value_span(), message, help);
        return None;
    };
    Some(reader.placed(day, entry.value_span()))
}

fn read_reason(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<String> {
    let text = reader.text(entry)?.trim();
    if text.is_empty() {
        let help = "say why the difference is known and wanted: whoever reads it on the last day has to decide";
        reader.error_with(Code::BadException, entry.value_span(), "the exception has no reason", help);
        return None;
    }
    Some(text.to_owned())
}

impl ExceptedClients {
    /// Gives the definitions that are meant.
    fn of<'d>(&self, clients: &'d BTreeMap<ClientName, Arc<Definition>>) -> impl Iterator<Item = &'d Arc<Definition>> {
        let (named, selector) = match self {
            Self::Named(name) => (clients.get(name), None),
            Self::Selected(selector) => (None, Some(selector)),
        };
        let selected = selector.into_iter().flat_map(|one| clients.values().filter(|client| one.fits(client)));
        named.into_iter().chain(selected)
    }
}

impl fmt::Display for ExceptedClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => name.fmt(f),
            Self::Selected(selector) => f.write_str(selector.as_str()),
        }
    }
}

impl fmt::Display for PlacedException {
    /// Writes it on one line, as two revisions are compared by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exception { fields, until, reason } = &*self.exception;
        let fields: Vec<&str> = fields.iter().map(FieldPattern::as_str).collect();
        write!(f, "{}: {} until {until} ({reason})", self.clients, fields.join(" and "))
    }
}

impl PlacedException {
    /// Tells whether it leaves alone what another one does, and as long.
    pub(super) fn leaves_alone_what(&self, other: &Self) -> bool {
        let (own, its) = (&*self.exception, &*other.exception);
        self.clients.to_string() == other.clients.to_string()
            && own.until >= its.until
            && its.fields.iter().all(|field| own.fields.iter().any(|now| now.includes(field)))
    }

    fn is_selecting(&self) -> bool {
        matches!(self.clients, ExceptedClients::Selected(_))
    }

    /// Says that the day is over, and why there was an exception.
    fn ended(&self) -> Diagnostic {
        let (clients, Exception { fields: _, until, reason }) = (&self.clients, &*self.exception);
        let message = format!("the exception for `{clients}` ended on {until}; its reason was {}", quote(reason));
        let help = "remove the exception: then the next apply writes what git says, and `icsync drift --accept NAME` takes \
                    over what is to stay; or move `until` if the reason still holds";
        Diagnostic::error(Code::EndedException, message).at(self.until_at.clone(), "").help(help)
    }
}

fn idle_at(place: &Place, message: String, help: &'static str) -> Diagnostic {
    Diagnostic::warning(Code::IdleException, message).at(place.clone(), "").help(help)
}

/// Lets each definition know its exceptions, and warns of those that are about no definition.
pub(super) fn attach(
    exceptions: &[PlacedException],
    clients: &mut BTreeMap<ClientName, Arc<Definition>>,
) -> Vec<Diagnostic> {
    let mut idle = Vec::new();
    let mut by_client: BTreeMap<ClientName, Vec<Arc<Exception>>> = BTreeMap::new();
    for one in exceptions {
        let meant: Vec<&Arc<Definition>> = one.clients.of(clients).collect();
        for definition in &meant {
            by_client.entry(definition.name.clone()).or_default().push(Arc::clone(&one.exception));
        }
        if meant.is_empty() {
            let message = format!("the exception is about no client: no definition fits `{}`", one.clients);
            let help = "compare it with `icsync list`; remove it if the client is gone";
            idle.push(idle_at(&one.clients_at, message, help));
        }
    }
    for (name, exceptions) in by_client {
        clients.entry(name).and_modify(|definition| Arc::make_mut(definition).exceptions = exceptions.into());
    }
    idle
}

impl ResolvedConfig {
    /// Gives a mistake for each exception whose last day is over.
    pub(crate) fn ended_exceptions(&self, now: Timestamp) -> Vec<Diagnostic> {
        let ended = self.exceptions.iter().filter(|one| one.exception.until.is_over(now));
        ended.map(PlacedException::ended).collect()
    }

    /// Warns of patterns of exceptions that leave nothing alone: nothing that git says of the clients, here or for other targets,
    /// and nothing that they have where git says all. Where clients were left out by a selection, or could not be read, nobody knows.
    pub(crate) fn idle_exceptions(
        &self,
        desired: &Desired,
        (live, selection): (&Live, &Selection),
        others: &[&Desired],
    ) -> Vec<Diagnostic> {
        let mut idle = Vec::new();
        for one in &self.exceptions {
            let meant: Vec<&Definition> = one.clients.of(&desired.clients).map(Arc::as_ref).collect();
            let elsewhere: Vec<&Definition> =
                others.iter().flat_map(|other| one.clients.of(&other.clients)).map(Arc::as_ref).collect();
            let is_met = |pattern: &FieldPattern| {
                meant.iter().chain(&elsewhere).any(|one| says(one, pattern))
                    || meant.iter().any(|one| !selection.covers(one) && !keyed(one, pattern).is_empty())
                    || meant.iter().any(|one| may_remove(one, pattern, live))
            };
            let patterns = one.exception.fields.iter().zip(&one.fields_at).filter(|_| !meant.is_empty());
            for (pattern, place) in patterns.filter(|(pattern, _)| !is_met(pattern)) {
                let message = format!(
                    "{} of the exception for `{}` matches nothing that git manages of it",
                    quote(pattern.as_str()),
                    one.clients
                );
                let help = "compare it with `icsync show --effective NAME`; remove it if it is not needed any more";
                idle.push(idle_at(place, message, help));
            }
        }
        idle
    }
}

/// Tells whether a pattern covers something that git says of a client.
fn says(definition: &Definition, pattern: &FieldPattern) -> bool {
    let declared = |field| {
        let entries = definition.spec.entries().filter(move |(one, _)| *one == field);
        entries.flat_map(|(_, entries)| entries.iter().flat_map(DeclaredEntries::keys))
    };
    definition
        .spec
        .managed()
        .into_iter()
        .any(|field| pattern.covers_field(field) || declared(field).any(|key| pattern.covers_key(field, key)))
}

/// Gives the fields of which git manages keys that a pattern may cover.
fn keyed(definition: &Definition, pattern: &FieldPattern) -> Vec<Field> {
    let managed = definition.spec.managed().into_iter();
    managed.filter(|field| field.has_keys() && pattern.touches(*field)).collect()
}

/// Tells whether a pattern covers something that git would remove from a client, or may, where that could not be read.
fn may_remove(definition: &Definition, pattern: &FieldPattern, live: &Live) -> bool {
    let has = |row: &LiveClient, field| !row.knows(field) || has_key(row, field, pattern);
    keyed(definition, pattern).into_iter().any(|field| rows(definition, live).any(|row| has(row, field)))
}

/// Gives the live clients that a definition may mean.
fn rows<'l>(definition: &Definition, live: &'l Live) -> impl Iterator<Item = &'l LiveClient> {
    let (id, scope) = (definition.id.as_ref().map(|id| id.value.clone()), definition.scope.clone());
    live.clients.values().map(Box::as_ref).filter(move |row| id.as_ref() == Some(&row.id) || row.scope == scope)
}

fn has_key(row: &LiveClient, field: Field, pattern: &FieldPattern) -> bool {
    let entries = row.content.entries().filter(|(one, _)| *one == field);
    let mut keys = entries.flat_map(|(_, entries)| entries.known().into_iter().flat_map(|entries| entries.keys()));
    keys.any(|key| pattern.covers_key(field, key))
}
