//! One file of definitions: its documents by kind.

use std::sync::Arc;

use super::budget::Mistakes;
use super::content::{Interner, OpenContent, read_content};
use super::fleet::{Fleet, read_fleet};
use super::keys::{self, CLIENT_KIND, CONFIG_KIND, FLEET_KIND, KEYS_KIND, KIND, PRESENCES, PROFILE_KIND, Written};
use super::lint::lint;
use super::read::{Placed, TreeReader, did_you_mean, first_line, nearest};
use super::reference::{Reference, read_references};
use super::scope::{NAME_HELP, check_id, read_document_name, read_name, read_parts};
use super::variables::Variables;
use super::yaml::{Document, Documents, MapEntry, Node};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::model::{ClientId, ClientName, FilePath, Partition, Presence, Scope};
use crate::text::quote;

const KINDS: [&str; 3] = [CLIENT_KIND, PROFILE_KIND, FLEET_KIND];

/// What a file of definitions holds.
#[derive(Default)]
pub(super) struct Parsed {
    #[expect(clippy::vec_box, reason = "each is moved several times and freed by itself once it is expanded")]
    pub(super) clients: Vec<Box<ClientDocument>>,
    pub(super) profiles: Vec<ProfileDocument>,
    pub(super) fleets: Vec<Fleet>,
    pub(super) found: Mistakes,
    /// Files that hold no document: mistakes where an empty source is one.
    pub(super) empty: Vec<Diagnostic>,
    /// How much of the file could be read.
    pub(super) extent: Completeness,
}

impl Parsed {
    /// Takes over what another file holds.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self { clients, profiles, fleets, found, empty, extent } = other;
        self.empty.extend(empty);
        self.clients.extend(clients);
        self.profiles.extend(profiles);
        self.fleets.extend(fleets);
        self.found.absorb(found);
        if extent == Completeness::Part {
            self.extent = Completeness::Part;
        }
    }
}

/// How much of a file or tree could be read: what was not read may define anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Completeness {
    /// All of it.
    #[default]
    Whole,
    /// Some documents could not be read.
    Part,
}

pub(super) struct ClientDocument {
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

pub(super) struct ProfileDocument {
    pub(super) name: Placed<Arc<str>>,
    pub(super) extends: Vec<Reference>,
    pub(super) content: OpenContent,
}

impl ProfileDocument {
    pub(super) fn name(&self) -> &str {
        &self.name.value
    }

    pub(super) fn file(&self) -> &FilePath {
        self.name.place.file.path()
    }
}

/// Reads all documents of a file.
pub(super) fn read_documents(
    file: &Arc<SourceFile>,
    variables: &Variables<'_>,
    shared: &mut Interner,
    catalogue: Option<&Catalogue>,
) -> Parsed {
    let mut parsed = Parsed::default();
    let budget = &Arc::clone(shared.budget());
    let pointed_at = Arc::new(SourceFile::named(file.path().clone()));
    let found = Mistakes::within(budget);
    let mut reader = TreeReader { pointed_at, found, catalogue, ..TreeReader::new(file) };
    let mut documents = Documents::within(budget, file);
    let mut is_empty = true;
    while let Some(document) = documents.next(&mut reader.found) {
        is_empty = false;
        let read = match document {
            Document::Read(node) => {
                lint(&mut reader, &node);
                read_document(&mut reader, &node, variables, shared, &mut parsed)
            }
            Document::Broken => None,
        };
        if read.is_none() {
            parsed.extent = Completeness::Part;
        }
        if budget.is_enough() {
            parsed.extent = Completeness::Part;
            break;
        }
    }
    if is_empty && reader.found.is_empty() {
        parsed.empty.push(defines_nothing(file));
    }
    if !reader.found.is_empty() {
        if budget.keep(file.text().len()) {
            reader.pointed_at.fill_from(file);
        } else {
            reader.pointed_at.fill(String::new);
        }
    }
    parsed.found = reader.found;
    parsed
}

/// Says that a file holds no document: a write that was cut off leaves an empty one, and what it defined looks unwanted.
/// Who comments everything out may mean it.
fn defines_nothing(file: &Arc<SourceFile>) -> Diagnostic {
    let diagnostic = if file.text().lines().any(|line| line.trim_start().starts_with('#')) {
        Diagnostic::warning(Code::EmptyFile, "the file defines nothing: all of it is comments")
    } else {
        Diagnostic::error(Code::EmptyFile, "the file is empty and defines nothing")
    };
    let help = "remove the file if what it defined is not wanted any more; `state: absent` says so of one client";
    diagnostic.at(Place { file: Arc::clone(file), span: Span::START }, "").help(help)
}

/// Reads a document; `None` if it has mistakes that may hide a profile.
fn read_document(
    reader: &mut TreeReader<'_>,
    node: &Node<'_>,
    variables: &Variables<'_>,
    shared: &mut Interner,
    parsed: &mut Parsed,
) -> Option<()> {
    let fields = reader.node_fields(node, "a definition")?;
    let Some(kind) = fields.get(KIND) else {
        reader.missing(fields.span, KIND, "write `kind: IntegratorClient`, `kind: Profile` or `kind: Fleet`");
        return None;
    };
    match reader.text(kind)? {
        CLIENT_KIND => {
            let keys = reader.known(fields, "an `IntegratorClient`");
            reader.afford(first_line(fields.span), |budget| budget.define(1))?;
            parsed.clients.push(Box::new(read_client(reader, &keys, variables, shared)));
        }
        PROFILE_KIND => {
            let keys = reader.known(fields, "a `Profile`");
            parsed.profiles.push(read_profile(reader, &keys, variables, shared)?);
        }
        FLEET_KIND => {
            let keys = reader.known(fields, "a `Fleet`");
            parsed.fleets.extend(read_fleet(reader, &keys, variables, shared));
        }
        other => {
            report_kind(reader, kind, other);
            return None;
        }
    }
    Some(())
}

fn report_kind(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>, kind: &str) {
    if kind == KEYS_KIND {
        let message = "a `Keys` does not stand among the definitions";
        let help = "the catalogue of keys is keys.yaml beside icsync.yaml; move it there";
        reader.error_with(Code::MisplacedKind, entry.value_span(), message, help);
        return;
    }
    if kind == CONFIG_KIND {
        let message = "a `Config` does not stand among the definitions";
        let help = "the configuration is icsync.yaml; keep it out of the `definitions` patterns";
        reader.error_with(Code::MisplacedKind, entry.value_span(), message, help);
        return;
    }
    let help = match nearest(kind, &KINDS) {
        Some(near) => did_you_mean(near),
        None => "the kinds are `IntegratorClient`, `Profile` and `Fleet`".to_owned(),
    };
    reader.error_with(Code::UnknownKind, entry.value_span(), format!("the kind {} is not known", quote(kind)), help);
}

fn read_client(
    reader: &mut TreeReader<'_>,
    keys: &keys::ClientKeys<'_>,
    variables: &Variables<'_>,
    shared: &mut Interner,
) -> ClientDocument {
    let name = reader.required(keys.name, NAME_HELP).and_then(|entry| {
        let value = ClientName::new(read_name(reader, entry)?)?;
        Some(reader.placed(value, entry.value_span()))
    });
    let id = keys.id.entry.and_then(|entry| read_pin(reader, entry, variables));
    let scope = read_scope(reader, keys.scope, keys.id, variables);
    let state = reader.word(keys.state, &PRESENCES).unwrap_or_default();
    let profiles = read_references(reader, keys.profiles);
    let content = read_content(reader, keys, variables, shared);
    let place = reader.place(first_line(keys.name.mapping));
    let until = reader.last_line(keys.name.mapping);
    ClientDocument { name, scope, id, state, profiles, content, place, until }
}

fn read_pin(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>, variables: &Variables<'_>) -> Option<Placed<ClientId>> {
    let written = reader.text(entry)?;
    let text = variables.template(reader, written, entry.value.span)?.fixed(&mut reader.found)?;
    let value = check_id(reader, entry, written, &text)?;
    Some(reader.placed(value, entry.value_span()))
}

/// Reads the scope of a client. Partition -3 is allowed with an id only: rows that show it are told apart by nothing else.
fn read_scope(
    reader: &mut TreeReader<'_>,
    scope: Written<'_>,
    id: Written<'_>,
    variables: &Variables<'_>,
) -> Option<Placed<Scope>> {
    let help = "write for example `scope: { telsys: 417, partition: 1, device: \"01234567120\" }`";
    let entry = reader.required(scope, help)?;
    let keys: keys::ScopeKeys<'_> = reader.keys(entry)?;
    let parts = read_parts(reader, &keys, Some(variables))?;
    if parts.partition == Some(Partition::Unresolved) && id.entry.is_none() {
        let message = "partition -3 means that the scope is not known, so only an `id` tells which client is meant";
        let help = "add the `id` of the row, or write the true partition";
        reader.error_with(Code::Unresolved, entry.value_span(), message, help);
        return None;
    }
    Some(reader.placed(parts.scope(), entry.value_span()))
}

fn read_profile(
    reader: &mut TreeReader<'_>,
    keys: &keys::ProfileKeys<'_>,
    variables: &Variables<'_>,
    shared: &mut Interner,
) -> Option<ProfileDocument> {
    let name = read_document_name(reader, keys.name);
    let extends = read_references(reader, keys.extends);
    let content = read_content(reader, keys, variables, shared);
    Some(ProfileDocument { name: name?, extends, content })
}
