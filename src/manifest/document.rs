//! One file of definitions: its documents by kind.

use std::sync::Arc;

use super::content::{OpenContent, Reference, Shared, read_content, read_references};
use super::fleet::{Fleet, read_fleet};
use super::keys::Mapping;
use super::read::{Fields, Reader, nearest};
use super::scope::{check_id, read_name, read_parts};
use super::variables::Variables;
use super::yaml::{Document, Documents, Entry, Node};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::model::{ClientId, ClientName, Partition, Presence, Scope};
use crate::text::quote;

const KINDS: [&str; 3] = ["IntegratorClient", "Profile", "Fleet"];

/// A value that was read, and its place.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// What a file of definitions holds.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) clients: Vec<Client>,
    pub(super) profiles: Vec<Profile>,
    pub(super) fleets: Vec<Fleet>,
    pub(super) found: Vec<Diagnostic>,
    /// How much of the file could be read.
    pub(super) extent: Extent,
}

impl Parsed {
    /// Takes over what another file holds.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self { clients, profiles, fleets, found, extent } = other;
        self.clients.extend(clients);
        self.profiles.extend(profiles);
        self.fleets.extend(fleets);
        self.found.extend(found);
        if extent == Extent::Part {
            self.extent = Extent::Part;
        }
    }
}

/// How much of a file or tree could be read: what was not read may define anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// Some documents could not be read.
    Part,
}

/// A document `kind: IntegratorClient`.
pub(super) struct Client {
    /// `None` after a mistake, as is the scope.
    pub(super) name: Option<Placed<ClientName>>,
    pub(super) scope: Option<Placed<Scope>>,
    /// `None` without a pin or after a mistake.
    pub(super) id: Option<Placed<ClientId>>,
    pub(super) state: Presence,
    pub(super) profiles: Vec<Reference>,
    pub(super) content: OpenContent,
    pub(super) place: Place,
    /// The last line of the document.
    pub(super) until: u32,
}

/// A document `kind: Profile`.
pub(super) struct Profile {
    pub(super) name: Placed<Arc<str>>,
    pub(super) extends: Vec<Reference>,
    pub(super) content: OpenContent,
}

/// Reads all documents of a file.
pub(super) fn read_documents(file: &Arc<SourceFile>, variables: &Variables<'_>, shared: &mut Shared) -> Parsed {
    let mut parsed = Parsed::default();
    let mut reader = Reader::new(file);
    let mut documents = Documents::new(file);
    while let Some(document) = documents.next(&mut reader.found) {
        let read = match document {
            Document::Read(node) => read_document(&mut reader, &node, variables, shared, &mut parsed),
            Document::Broken => None,
        };
        if read.is_none() {
            parsed.extent = Extent::Part;
        }
    }
    parsed.found = reader.found;
    parsed
}

/// Reads a document; `None` if it has mistakes that may hide a profile.
fn read_document(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    variables: &Variables<'_>,
    shared: &mut Shared,
    parsed: &mut Parsed,
) -> Option<()> {
    let fields = reader.node_fields_any(node, "a definition")?;
    let kinds = "write `kind: IntegratorClient`, `kind: Profile` or `kind: Fleet`";
    let kind = reader.required(fields, "kind", kinds)?;
    match reader.text(kind)? {
        "IntegratorClient" => {
            reader.check_keys(fields, "an `IntegratorClient`", Mapping::Client.keys());
            parsed.clients.push(read_client(reader, fields, variables, shared));
        }
        "Profile" => {
            reader.check_keys(fields, "a `Profile`", Mapping::Profile.keys());
            parsed.profiles.push(read_profile(reader, fields, variables, shared)?);
        }
        "Fleet" => parsed.fleets.extend(read_fleet(reader, fields, variables, shared)),
        other => {
            report_kind(reader, kind, other);
            return None;
        }
    }
    Some(())
}

fn report_kind(reader: &mut Reader<'_>, entry: &Entry<'_>, kind: &str) {
    if kind == "Config" {
        let message = "a `Config` does not stand among the definitions";
        let help = "the configuration is icsync.yaml; keep it out of the `definitions` patterns";
        reader.error_with(Code::MisplacedKind, entry.value_span(), message, help);
        return;
    }
    let help = match nearest(kind, &KINDS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the kinds are `IntegratorClient`, `Profile` and `Fleet`".to_owned(),
    };
    reader.error_with(Code::UnknownKind, entry.value_span(), format!("the kind {} is not known", quote(kind)), help);
}

fn read_client(reader: &mut Reader<'_>, fields: Fields<'_>, variables: &Variables<'_>, shared: &mut Shared) -> Client {
    let name = reader.required(fields, "name", "write a name of `a` to `z`, `0` to `9` and `-`");
    let name = name.and_then(|entry| {
        let value = ClientName::new(read_name(reader, entry)?)?;
        Some(Placed { value, place: reader.place(entry.value_span()) })
    });
    let id = fields.get("id").and_then(|entry| read_pin(reader, entry, variables));
    let scope = read_scope(reader, fields, variables);
    let state = fields.get("state").and_then(|entry| read_state(reader, entry)).unwrap_or_default();
    let profiles = read_references(reader, fields.get("profiles"));
    let content = read_content(reader, fields, variables, shared);
    let place = reader.place(Span { end: fields.span.start, ..fields.span });
    let until = last_line(reader, fields);
    Client { name, scope, id, state, profiles, content, place, until }
}

/// Gives the last line of a document.
pub(super) fn last_line(reader: &Reader<'_>, fields: Fields<'_>) -> u32 {
    let end = fields.span.end.saturating_sub(1).max(fields.span.start) as usize;
    reader.file.span(end, end).line
}

fn read_pin(reader: &mut Reader<'_>, entry: &Entry<'_>, variables: &Variables<'_>) -> Option<Placed<ClientId>> {
    let written = reader.text(entry)?;
    let text = variables.template(reader, written, entry.value.span)?.fixed(&mut reader.found)?;
    let value = check_id(reader, entry, written, &text)?;
    Some(Placed { value, place: reader.place(entry.value_span()) })
}

pub(super) fn read_state(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Presence> {
    reader.word(entry, &[("present", Presence::Present), ("absent", Presence::Absent)])
}

/// Reads the scope of a client. Partition -3 is allowed with an id only: rows that show it are told apart by nothing else.
fn read_scope(reader: &mut Reader<'_>, fields: Fields<'_>, variables: &Variables<'_>) -> Option<Placed<Scope>> {
    let help = "write for example `scope: { telsys: 417, partition: 1, device: \"01234567120\" }`";
    let entry = reader.required(fields, "scope", help)?;
    let parts =
        reader.fields(entry, Mapping::Scope.keys()).and_then(|fields| read_parts(reader, fields, Some(variables)))?;
    if parts.partition == Some(Partition::Unresolved) && fields.get("id").is_none() {
        let message = "partition -3 means that the scope is not known, so only an `id` tells which client is meant";
        reader.error_with(
            Code::Unresolved,
            entry.value_span(),
            message,
            "add the `id` of the row, or write the true partition",
        );
        return None;
    }
    Some(Placed { value: parts.scope(), place: reader.place(entry.value_span()) })
}

fn read_profile(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
    variables: &Variables<'_>,
    shared: &mut Shared,
) -> Option<Profile> {
    let name = reader.required(fields, "name", "write a name of `a` to `z`, `0` to `9` and `-`");
    let name = name.and_then(|entry| {
        Some(Placed { value: Arc::from(read_name(reader, entry)?), place: reader.place(entry.value_span()) })
    });
    let extends = read_references(reader, fields.get("extends"));
    let content = read_content(reader, fields, variables, shared);
    Some(Profile { name: name?, extends, content })
}
