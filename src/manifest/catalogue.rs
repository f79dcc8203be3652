//! `keys.yaml`: the catalogue of policy and setting keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::CATALOGUE_FILE;
use super::budget::Mistakes;
use super::digest::Digest;
use super::files::read_text;
use super::keys::{CatalogueKeys, KEYS_KIND, KIND, KnownKeyKeys, VALUE_TYPES, Written};
use super::listing::SourceError;
use super::mask::mask;
use super::read::{TreeReader, first_line, list};
use super::source::Source;
use super::yaml::{Data, Document, Documents, Node, Number, ScalarValue};
use crate::catalogue::{Catalogue, CatalogueEntry, Deprecation, KeyFinding, KeyStrictness, ValueType};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span, sort};
use crate::model::{Field, FieldPattern, Json, Location};
use crate::text::quote;

/// Reads the catalogue, if there is one.
pub(super) fn load_catalogue(
    source: &dyn Source,
    strictness: KeyStrictness,
    found: &mut Mistakes,
) -> Option<Catalogue> {
    // No plan depends on it: it is no part of what a plan is made of.
    if matches!(source.read(CATALOGUE_FILE), Err(SourceError::Missing(_))) {
        return None;
    }
    match read_text(source, CATALOGUE_FILE, &mut Digest::default()) {
        Ok(file) => Some(read_catalogue(&Arc::new(file), strictness, found)),
        Err(diagnostic) => {
            found.push(*diagnostic);
            None
        }
    }
}

/// Reads the catalogue of a repository, if there is one.
///
/// Fails with every mistake of it.
pub(crate) fn catalogue(source: &dyn Source) -> Result<Option<Catalogue>, Vec<Diagnostic>> {
    let mut found = Mistakes::default();
    let catalogue = load_catalogue(source, KeyStrictness::default(), &mut found);
    if found.iter().any(Diagnostic::is_error) { Err(found.into_vec()) } else { Ok(catalogue) }
}

/// Makes warnings of findings at their places in the files of a tree, with sensitive values masked.
pub(crate) fn located(source: &dyn Source, findings: &[KeyFinding], sensitive: &[FieldPattern]) -> Vec<Diagnostic> {
    let mut files: BTreeMap<Arc<str>, Arc<SourceFile>> = BTreeMap::new();
    let mut warnings: Vec<Diagnostic> = findings
        .iter()
        .map(|finding| {
            let Location { file, line, column } = &finding.at;
            let text = |path: &Arc<str>| source.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let file = files
                .entry(Arc::clone(file))
                .or_insert_with_key(|path| Arc::new(SourceFile::new(Arc::clone(path), text(path).unwrap_or_default())));
            finding.warning(Place { file: Arc::clone(file), span: file.span_at(*line, *column) })
        })
        .collect();
    mask(&mut warnings, Some(sensitive));
    sort(&mut warnings);
    warnings
}

/// Reads the text of a catalogue and reports what is wrong with it.
pub(super) fn read_catalogue(file: &Arc<SourceFile>, strictness: KeyStrictness, found: &mut Mistakes) -> Catalogue {
    let (mut reader, mut documents) = (TreeReader::new(file), Documents::new(file));
    let (mut catalogue, mut count) = (Catalogue::new(strictness), 0);
    while let Some(document) = documents.next(&mut reader.found) {
        count += 1;
        let Document::Read(node) = document else { continue };
        if count > 1 {
            let help = "move its keys into the first document";
            reader.error_with(Code::MisplacedKind, first_line(node.span), "keys.yaml holds one document", help);
        } else {
            read_root(&mut reader, &node, &mut catalogue);
        }
    }
    if count == 0 {
        reader.missing(Span::START, KIND, "write `kind: Keys`; `icsync keys --write` fills the file");
    }
    found.absorb(reader.found);
    catalogue
}

fn read_root(reader: &mut TreeReader<'_>, root: &Node<'_>, catalogue: &mut Catalogue) {
    let Some(fields) = reader.node_fields(root, "keys.yaml") else { return };
    match fields.get(KIND).map(|entry| (entry, reader.text(entry))) {
        None => reader.missing(fields.span, KIND, "write `kind: Keys`"),
        Some((_, Some(KEYS_KIND) | None)) => {}
        Some((entry, Some(_))) => {
            let help = "keys.yaml beside icsync.yaml is the catalogue of keys; give other files another name";
            reader.error_with(
                Code::MisplacedKind,
                entry.value_span(),
                "keys.yaml is of another kind than `Keys`",
                help,
            );
            return;
        }
    }
    let CatalogueKeys { policies, settings } = reader.known(fields, "keys.yaml");
    read_field(reader, Field::Policies, policies, catalogue);
    read_field(reader, Field::Settings, settings, catalogue);
}

fn read_field(reader: &mut TreeReader<'_>, field: Field, written: Written<'_>, catalogue: &mut Catalogue) {
    let Some(entry) = written.entry.filter(|entry| !entry.value.is_null()) else { return };
    let Some(fields) = reader.map(entry) else { return };
    for entry in fields.entries() {
        let known = if entry.value.is_null() {
            Some(CatalogueEntry::default())
        } else {
            reader.keys(entry).map(|keys| read_key(reader, keys))
        };
        if let Some(known) = known {
            catalogue.add(field, Arc::from(&*entry.key), known);
        }
    }
}

fn read_key(reader: &mut TreeReader<'_>, keys: KnownKeyKeys<'_>) -> CatalogueEntry {
    let KnownKeyKeys { r#type, description, values, deprecated } = keys;
    CatalogueEntry {
        types: read_types(reader, r#type),
        description: description.entry.and_then(|entry| reader.text(entry)).map(str::to_owned),
        values: read_values(reader, values),
        deprecation: read_deprecation(reader, deprecated),
    }
}

fn read_types(reader: &mut TreeReader<'_>, written: Written<'_>) -> BTreeSet<ValueType> {
    let Some(entry) = written.entry else { return BTreeSet::new() };
    let Data::List(items) = &entry.value.data else {
        let null = is_bare_null(&entry.value).then_some(ValueType::Null);
        return null.or_else(|| reader.word(written, &VALUE_TYPES)).into_iter().collect();
    };
    let mut types = BTreeSet::new();
    for item in items {
        if is_bare_null(item) {
            types.insert(ValueType::Null);
            continue;
        }
        let Some(word) = reader.item_text(item, &entry.key) else { continue };
        match VALUE_TYPES.iter().find(|known| known.name == word) {
            Some(known) => drop(types.insert(known.value)),
            None => {
                let names = VALUE_TYPES.map(|known| known.name);
                let message = format!("{} is no JSON type", quote(word));
                reader.error_with(Code::BadWord, item.span, message, format!("the types are {}", list(&names)));
            }
        }
    }
    types
}

/// Tells whether the type `null` stands without quotes, which is the value null to YAML.
fn is_bare_null(node: &Node<'_>) -> bool {
    node.scalar().is_some_and(|scalar| scalar.is_null() && scalar.text == ValueType::Null.name())
}

fn read_values(reader: &mut TreeReader<'_>, written: Written<'_>) -> Vec<Json> {
    let Some(entry) = written.entry else { return Vec::new() };
    let Some(items) = reader.list(entry) else { return Vec::new() };
    items.iter().filter_map(|item| read_value(reader, item)).collect()
}

/// Reads one of the values that a key may have: none of them is a list or a mapping.
fn read_value(reader: &mut TreeReader<'_>, item: &Node<'_>) -> Option<Json> {
    let Some(scalar) = item.scalar() else {
        let help = "write text, numbers, true or false; leave `values` out where lists and mappings are values";
        reader.error_with(
            Code::WrongType,
            item.span,
            format!("`values` lists single values, not {}", item.what()),
            help,
        );
        return None;
    };
    Some(Json::from(match scalar.value() {
        ScalarValue::Null => Value::Null,
        ScalarValue::Bool(truth) => Value::Bool(truth),
        ScalarValue::Number(Number::Json(digits)) => Value::Number(serde_json::Number::from_string_unchecked(digits)),
        ScalarValue::Number(Number::Unclear(reason)) => {
            reader.unclear_number(item, reason);
            return None;
        }
        ScalarValue::Text => Value::String(scalar.text.to_string()),
    }))
}

fn read_deprecation(reader: &mut TreeReader<'_>, written: Written<'_>) -> Deprecation {
    let Some(entry) = written.entry else { return Deprecation::Current };
    match entry.value.scalar().map(super::yaml::Scalar::value) {
        Some(ScalarValue::Bool(true)) => Deprecation::Deprecated,
        Some(ScalarValue::Bool(false)) => Deprecation::Current,
        _ => reader.text(entry).map_or(Deprecation::Current, |text| Deprecation::Because(text.to_owned())),
    }
}
