//! Adds keys to `keys.yaml` and keeps everything that people wrote there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::CATALOGUE_FILE;
use super::super::catalogue::read_catalogue;
use super::super::yaml::{Data, Document, Documents, MapEntry};
use crate::catalogue::{Catalogue, CertainKey, KeyStrictness};
use crate::diagnostic::{Code, Diagnostic, SourceFile};
use crate::emitter::{self, YamlNode};
use crate::manifest::budget::Mistakes;
use crate::model::Field;

const HEAD: &str = "# The keys of policies and settings. `icsync keys --write` adds keys and changes nothing that stands here:\n# add `description`, `values` or `deprecated` where you like.\nkind: Keys\n";

/// Gives the text of the catalogue with the keys that it lacks, and how many those are.
///
/// Fails with the mistakes of the text.
pub(crate) fn add_keys(written: Option<&str>, keys: &[CertainKey]) -> Result<(String, usize), Vec<Diagnostic>> {
    let text = written.unwrap_or(HEAD);
    let before = parse(text)?;
    let missing: Vec<&CertainKey> = keys.iter().filter(|one| before.get(one.field, &one.key).is_none()).collect();
    if missing.is_empty() {
        return Ok((text.to_owned(), 0));
    }
    let added = inserted(text, &missing);
    let kept = |after: &Catalogue| before.entries().all(|(field, key, entry)| after.get(field, key) == Some(entry));
    let has = |after: &Catalogue| missing.iter().all(|one| after.get(one.field, &one.key).is_some());
    match parse(&added) {
        Ok(after) if kept(&after) && has(&after) => Ok((added, missing.len())),
        Err(mistakes) if written.is_none() => Err(mistakes),
        _ => {
            let message = "no key can be added to keys.yaml without changing what stands there";
            let help = "write `policies:` and `settings:` as blocks: each key on a line of its own";
            Err(vec![Diagnostic::error(Code::Syntax, message).help(help)])
        }
    }
}

fn parse(text: &str) -> Result<Catalogue, Vec<Diagnostic>> {
    let (file, mut found) = (Arc::new(SourceFile::new(CATALOGUE_FILE, text.to_owned())), Mistakes::default());
    let catalogue = read_catalogue(&file, KeyStrictness::Warn, &mut found);
    if found.iter().any(Diagnostic::is_error) { Err(found.into_vec()) } else { Ok(catalogue) }
}

/// Text in place of a stretch of the file.
type Edits = BTreeMap<(usize, usize), String>;

fn inserted(text: &str, missing: &[&CertainKey]) -> String {
    let file = Arc::new(SourceFile::new(CATALOGUE_FILE, text.to_owned()));
    let mut documents = Documents::new(&file);
    let Some(Document::Read(root)) = documents.next(&mut Mistakes::default()) else { return text.to_owned() };
    let Data::Map(entries) = &root.data else { return text.to_owned() };
    let mut edits = Edits::new();
    for field in [Field::Policies, Field::Settings] {
        let new: Vec<&CertainKey> = missing.iter().copied().filter(|one| one.field == field).collect();
        match entries.iter().find(|entry| entry.key == field.name()) {
            _ if new.is_empty() => {}
            Some(entry) => insert(text, entry, &new, &mut edits),
            None => {
                let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
                let lines: String = new.iter().map(|one| lines(one, "  ")).collect();
                edits.entry((text.len(), text.len())).or_insert(end.to_owned()).extend([field.name(), ":\n", &lines]);
            }
        }
    }
    edits.into_iter().rev().fold(text.to_owned(), |mut text, ((from, to), new)| {
        text.replace_range(from..to, &new);
        text
    })
}

/// Puts each key behind the last one that comes before it in the alphabet.
fn insert(text: &str, field: &MapEntry<'_>, new: &[&CertainKey], edits: &mut Edits) {
    let block = match &field.value.data {
        Data::Map(entries) if !entries.is_empty() && !text[field.value.span.start as usize..].starts_with('{') => {
            entries
        }
        _ => return rewrite(text, field, new, edits),
    };
    let indent = " ".repeat(block.iter().map(|entry| entry.key_span.column as usize - 1).min().unwrap_or(2));
    for one in new {
        let before = block.iter().filter(|entry| *entry.key < *one.key).max_by_key(|entry| entry.key_span.start);
        let behind = before.map_or(field.key_span.end, |entry| entry.value.span.end.max(entry.key_span.end));
        let (at, lead) = next_line(text, behind as usize);
        edits.entry((at, at)).or_insert_with(|| lead.to_owned()).push_str(&lines(one, &indent));
    }
}

/// Makes a block of what stands between braces, or of nothing.
fn rewrite(text: &str, field: &MapEntry<'_>, new: &[&CertainKey], edits: &mut Edits) {
    let colon = text[field.key_span.end as usize..]
        .find(':')
        .map_or(field.key_span.end as usize, |at| field.key_span.end as usize + at + 1);
    let span = field.value.span;
    let end = if span.start == span.end { colon } else { span.end as usize };
    let mut block = BTreeMap::new();
    if let Data::Map(entries) = &field.value.data {
        for entry in entries {
            let (key, value) = (entry.key_span, entry.value.span);
            let part = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default();
            let line = format!("  {}: {}\n", part(key.start, key.end), part(value.start, value.end));
            block.insert(entry.key.to_string(), line);
        }
    }
    block.extend(new.iter().map(|one| (one.key.to_string(), lines(one, "  "))));
    let lines: String = block.into_values().collect();
    edits.insert((colon, end), format!("\n{}", lines.trim_end_matches('\n')));
}

/// Gives where the line ends that a byte stands in, and what has to come before a new one there.
fn next_line(text: &str, byte: usize) -> (usize, &'static str) {
    if byte > 0 && text[..byte].ends_with('\n') {
        return (byte, "");
    }
    text[byte..].find('\n').map_or((text.len(), "\n"), |at| (byte + at + 1, ""))
}

fn lines(key: &CertainKey, indent: &str) -> String {
    let CertainKey { field: _, key, types } = key;
    // In quotes where it is no text without them: `null`.
    let mut types: Vec<YamlNode> = types.iter().map(|one| YamlNode::Phrase(one.name().to_owned())).collect();
    let known = match types.len() {
        0 => YamlNode::plain("{}"),
        1 => YamlNode::Block(types.pop().map(|one| ("type".to_owned(), one)).into_iter().collect()),
        _ => YamlNode::Block(vec![("type".to_owned(), YamlNode::List(types))]),
    };
    let mut lines = String::new();
    emitter::write_entries(&[(emitter::string(key), known)], 0, &mut lines);
    lines.split_inclusive('\n').map(|line| format!("{indent}{line}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::ValueType;

    const TYPES: [ValueType; 6] = [
        ValueType::Boolean,
        ValueType::Number,
        ValueType::String,
        ValueType::Array,
        ValueType::Object,
        ValueType::Null,
    ];

    fn key(field: Field, key: &str) -> CertainKey {
        CertainKey { field, key: Arc::from(key), types: BTreeSet::from([ValueType::Boolean]) }
    }

    fn added(text: Option<&str>, keys: &[&str]) -> String {
        let keys: Vec<_> = keys.iter().map(|one| key(Field::Settings, one)).collect();
        add_keys(text, &keys).expect("a catalogue").0
    }

    #[test]
    fn a_new_catalogue_lists_every_key() {
        let keys = [key(Field::Policies, "core::a"), key(Field::Settings, "ui::b")];
        let (text, count) = add_keys(None, &keys).expect("a catalogue");
        assert_eq!(count, 2);
        assert_eq!(
            text.strip_prefix(HEAD),
            Some("policies:\n  \"core::a\":\n    type: boolean\nsettings:\n  \"ui::b\":\n    type: boolean\n")
        );
        assert_eq!(add_keys(Some(&text), &keys).expect("a catalogue"), (text, 0));
    }

    #[test]
    fn what_people_wrote_stays() {
        let text = "kind: Keys\nsettings: # ours\n    # about b\n    ui::b: { type: string, values: [x, y] } # b\n    'ui::d':\n        description: |\n            two\n            lines\n    # the end\npolicies: {}\n";
        assert_eq!(
            added(Some(text), &["ui::a", "ui::b", "ui::c", "ui::e"]),
            "kind: Keys\nsettings: # ours\n    \"ui::a\":\n      type: boolean\n    # about b\n    ui::b: { type: string, values: [x, y] } # b\n    \"ui::c\":\n      type: boolean\n    'ui::d':\n        description: |\n            two\n            lines\n    # the end\n    \"ui::e\":\n      type: boolean\npolicies: {}\n"
        );
    }

    #[test]
    fn nothing_and_braces_become_a_block() {
        for (text, after) in [
            ("kind: Keys\nsettings: {}\n", "kind: Keys\nsettings:\n  \"b\":\n    type: boolean\n"),
            ("kind: Keys\nsettings:\n", "kind: Keys\nsettings:\n  \"b\":\n    type: boolean\n"),
            ("kind: Keys", "kind: Keys\nsettings:\n  \"b\":\n    type: boolean\n"),
            (
                "kind: Keys\nsettings: { a: { type: null }, c: {} } # x\n",
                "kind: Keys\nsettings:\n  a: { type: null }\n  \"b\":\n    type: boolean\n  c: {} # x\n",
            ),
        ] {
            let text = text.replace("type: null", "type: number");
            assert_eq!(added(Some(&text), &["b"]), after.replace("type: null", "type: number"));
        }
    }

    #[test]
    fn the_type_null_is_written_in_quotes_and_read_without_them_too() {
        let typed = |key: &str, types: &[ValueType]| CertainKey {
            types: types.iter().copied().collect(),
            ..self::key(Field::Settings, key)
        };
        let keys = [typed("a", &[ValueType::Null]), typed("b", &[ValueType::String, ValueType::Null])];
        let (text, _) = add_keys(None, &keys).expect("a catalogue");
        assert_eq!(
            text.strip_prefix(HEAD),
            Some("settings:\n  \"a\":\n    type: \"null\"\n  \"b\":\n    type: [string, \"null\"]\n")
        );
        let bare = parse(&text.replace("\"null\"", "null")).expect("a catalogue");
        assert!(bare.entries().eq(parse(&text).expect("a catalogue").entries()));
        for nothing in ["type:", "type: ~", "type: [~]"] {
            assert!(parse(&format!("kind: Keys\nsettings:\n  a:\n    {nothing}\n")).is_err(), "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn where_there_is_no_catalogue_every_key_can_be_written(
            keys in prop::collection::btree_map(
                (prop::sample::select(vec![Field::Policies, Field::Settings]), prop_oneof![any::<String>(), ".{0,3}", "x{1030}"]),
                prop::sample::subsequence(TYPES.to_vec(), 0..=TYPES.len()),
                1..4,
            )
        ) {
            let certain = |((field, key), types): (&(Field, String), &Vec<ValueType>)| CertainKey {
                field: *field,
                key: Arc::from(key.as_str()),
                types: types.iter().copied().collect(),
            };
            let keys: Vec<CertainKey> = keys.iter().map(certain).collect();
            prop_assert_eq!(add_keys(None, &keys).expect("a catalogue").1, keys.len());
        }
    }
}
