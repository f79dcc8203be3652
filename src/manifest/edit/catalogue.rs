//! Adds keys to `keys.yaml` and keeps everything that people wrote there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::super::CATALOGUE_FILE;
use super::super::catalogue::read_catalogue;
use super::BYTE_ORDER_MARK;
use super::comments::{Remarked, place};
use super::entry::end_of_line;
use super::outline::{CollectionStyle, Outline, OutlineEntry, Shape};
use crate::catalogue::{Catalogue, CertainKey, KeyStrictness};
use crate::diagnostic::{Code, Diagnostic, SourceFile};
use crate::emitter::{self, YamlNode};
use crate::manifest::budget::Mistakes;
use crate::model::Field;

const HEAD: &str = "# The keys of policies and settings. `icsync keys --write` adds keys and changes nothing that stands here:\n# add `description`, `values` or `deprecated` where you like.\nkind: Keys\n";

/// The fields whose keys the catalogue lists, in the order in which it does.
const CONTENT: [Field; 2] = [Field::Policies, Field::Settings];

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
    let added = CONTENT.into_iter().try_fold(text.to_owned(), |text, field| {
        let new: Vec<&CertainKey> = missing.iter().copied().filter(|one| one.field == field).collect();
        if new.is_empty() { Some(text) } else { CatalogueText::of(&text)?.with(field, &new) }
    });
    let kept = |after: &Catalogue| before.entries().all(|(field, key, entry)| after.get(field, key) == Some(entry));
    let has = |after: &Catalogue| missing.iter().all(|one| after.get(one.field, &one.key).is_some());
    let added = added.filter(|added| comments(added) == comments(text));
    match added.as_deref().map(parse) {
        Some(Ok(after)) if kept(&after) && has(&after) => Ok((added.unwrap_or_default(), missing.len())),
        Some(Err(mistakes)) if written.is_none() => Err(mistakes),
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

/// Gives the comments of a file in the order of the alphabet.
fn comments(text: &str) -> Vec<String> {
    let outline = Outline::of(text).unwrap_or_default();
    let mut comments: Vec<String> =
        outline.comments.into_iter().map(|comment| text[comment].trim_end().to_owned()).collect();
    comments.sort_unstable();
    comments
}

/// The text of the catalogue, and where everything stands in it.
struct CatalogueText<'t> {
    text: &'t str,
    outline: Outline,
}

impl<'t> CatalogueText<'t> {
    fn of(text: &'t str) -> Option<Self> {
        Some(Self { text, outline: Outline::of(text)? })
    }

    /// Gives the text with new keys of a field; `None` where there is no place for them.
    fn with(&self, field: Field, new: &[&CertainKey]) -> Option<String> {
        let root = &self.outline.documents.first()?.root;
        let Shape::Map(CollectionStyle::Block, fields) = &root.shape else { return None };
        let depth = self.column(fields.first()?) / emitter::STEP + 1;
        match root.get(field.name()) {
            None => {
                let lines: String = new.iter().map(|one| lines(one, &emitter::indent(depth))).collect();
                let heading = format!("{}{}:\n", emitter::indent(depth - 1), field.name());
                Some(self.put(BTreeMap::from([(self.text.len(), heading + &lines)])))
            }
            Some(entry) => match &entry.value.shape {
                Shape::Map(CollectionStyle::Block, block) => Some(self.insert(entry, block, new)),
                Shape::Map(CollectionStyle::Flow, parts) => self.unfold(entry, parts, (new, depth)),
                Shape::Scalar { .. } => self.unfold(entry, &[], (new, depth)),
                Shape::Alias | Shape::List(..) => None,
            },
        }
    }

    /// Puts each key behind the last one that comes before it in the alphabet.
    fn insert(&self, field: &OutlineEntry, block: &[OutlineEntry], new: &[&CertainKey]) -> String {
        let column = block.iter().map(|entry| self.column(entry)).min().unwrap_or(emitter::STEP);
        let mut added: BTreeMap<usize, String> = BTreeMap::new();
        for one in new {
            let at = match block.iter().rposition(|entry| *entry.key < *one.key) {
                None => end_of_line(self.text, field.key_range.end),
                // Nothing of the field comes then: what stands below is of the last one, or of all.
                Some(last) if last + 1 == block.len() => self.end_with_comments(&block[last], column),
                Some(before) => self.end_with_comments(&block[before], column + 1),
            };
            added.entry(at).or_default().push_str(&lines(one, &" ".repeat(column)));
        }
        self.put(added)
    }

    /// Makes a block of what stands between braces, or of nothing. What is remarked behind them stays behind the name of the
    /// field; `None` where a comment stands inside a part.
    fn unfold(
        &self,
        field: &OutlineEntry,
        entries: &[OutlineEntry],
        (new, depth): (&[&CertainKey], usize),
    ) -> Option<String> {
        let range = field.value.range.clone();
        let is_within = |part: &Range<usize>| !self.outline.comments_in(part.clone()).is_empty();
        let mut parts: Vec<Remarked> = entries.iter().map(|entry| self.part(entry, depth)).collect::<Option<_>>()?;
        if parts.iter().any(|part| is_within(&part.range)) {
            return None;
        }
        let inside = self.outline.comments_in(range.clone()).iter().cloned();
        let tail = place(self.text, inside, parts.iter_mut().collect());
        let written = parts.into_iter().map(|part| part.write(depth));
        let mut block: Vec<(&str, String)> = entries.iter().map(|entry| &*entry.key).zip(written).collect();
        for one in new {
            let at = block.iter().rposition(|(key, _)| **key < *one.key).map_or(0, |before| before + 1);
            block.insert(at, (&one.key, lines(one, &emitter::indent(depth))));
        }
        let tail = tail.into_iter().map(|comment| format!("{}{comment}\n", emitter::indent(depth)));
        let lines: String = block.into_iter().map(|(_, lines)| lines).chain(tail).collect();
        let at = match entries {
            [] => self.end_with_comments(field, self.column(field) + 1),
            _ => end_of_line(self.text, range.end),
        };
        let mut text = self.put(BTreeMap::from([(at, lines)]));
        text.replace_range(self.text[..range.start].trim_end_matches(' ').len()..range.end, "");
        Some(text)
    }

    /// Gives an entry between braces as a line of its own; `None` if something stands before its value.
    fn part(&self, entry: &OutlineEntry, depth: usize) -> Option<Remarked> {
        let OutlineEntry { key: _, key_range, value } = entry;
        let (key, written) = (self.text.get(key_range.clone())?, self.text.get(value.range.clone())?);
        let end = if written.is_empty() { key_range.end } else { value.range.end };
        let gap = self.text.get(key_range.end..value.range.start.max(key_range.end))?.trim();
        (written.is_empty() || gap == ":").then_some(())?;
        let line = format!("{}{key}: {}", emitter::indent(depth), written.replace("\r\n", "\n"));
        Some(Remarked::new(key_range.start..end, format!("{}\n", line.trim_end())))
    }

    /// Gives where the lines of an entry end, with the comments below it that are indented so far at least.
    fn end_with_comments(&self, entry: &OutlineEntry, column: usize) -> usize {
        let mut at = end_of_line(self.text, entry.value.end().max(entry.key_range.end));
        let mut end = at;
        for line in self.text[at..].split_inclusive('\n') {
            at += line.len();
            let content = line.trim_start_matches(' ');
            match content.trim().chars().next() {
                None => {}
                Some('#') if line.len() - content.len() >= column => end = at,
                Some(_) => break,
            }
        }
        end
    }

    /// Gives how far the line of a key is indented.
    fn column(&self, entry: &OutlineEntry) -> usize {
        let before = &self.text[..entry.key_range.start];
        let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
        line.chars().filter(|one| *one != BYTE_ORDER_MARK).take_while(|one| *one == ' ').count()
    }

    /// Puts lines where others begin or where the text ends, with the line breaks of the text.
    fn put(&self, lines: BTreeMap<usize, String>) -> String {
        let ending = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        lines.into_iter().rev().fold(self.text.to_owned(), |mut text, (at, lines)| {
            let lead = if at == 0 || text[..at].ends_with('\n') { "" } else { ending };
            text.insert_str(at, &format!("{lead}{}", lines.replace('\n', ending)));
            text
        })
    }
}

/// Writes the lines of a key.
fn lines(key: &CertainKey, indent: &str) -> String {
    let CertainKey { field: _, key, types, doubtful: _ } = key;
    // In quotes where it is no text without them: `null`.
    let mut types: Vec<YamlNode> = types.iter().map(|one| YamlNode::Phrase(one.name().to_owned())).collect();
    let known = match types.len() {
        0 => YamlNode::plain("{}"),
        1 => YamlNode::Block(types.pop().map(|one| ("type".to_owned(), one)).into_iter().collect()),
        _ => YamlNode::Block(vec![("type".to_owned(), YamlNode::List(types))]),
    };
    let mut lines = String::new();
    emitter::write_entries(&[(emitter::string(key), known)], 0, &mut lines);
    lines.split_inclusive('\n').flat_map(|line| [indent, line]).collect()
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
        CertainKey {
            field,
            key: Arc::from(key),
            types: BTreeSet::from([ValueType::Boolean]),
            doubtful: BTreeSet::new(),
        }
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
                "kind: Keys\nsettings: # x\n  a: { type: null }\n  \"b\":\n    type: boolean\n  c: {}\n",
            ),
        ] {
            let text = text.replace("type: null", "type: number");
            assert_eq!(added(Some(&text), &["b"]), after.replace("type: null", "type: number"));
        }
    }

    #[test]
    fn comments_between_braces_go_with_the_keys_that_they_are_about() {
        let text = "kind: Keys\nsettings: {  # first\n  # about a\n  a: {type: number},  # the a\n  c: {type: string}\n  # last\n}  # end\n# more\n";
        assert_eq!(
            added(Some(text), &["b"]),
            "kind: Keys\nsettings:  # end\n  # first\n  # about a\n  a: {type: number}  # the a\n  \"b\":\n    type: boolean\n  c: {type: string}\n  # last\n# more\n"
        );
        let deep = text.replace("{type: number}", "{  # of a\n    type: number}");
        let found = add_keys(Some(&deep), &[key(Field::Settings, "b")]).expect_err("a comment inside a part");
        assert!(found[0].help.as_ref().is_some_and(|help| help.contains("blocks")), "{found:?}");
    }

    #[test]
    fn a_comment_stays_above_the_key_that_it_is_about() {
        let text = "kind: Keys\nsettings:\n  a:\n    description: |\n      two\n    # of a\n\n  # note for z\n  z:\n# for policies\npolicies:\n";
        let b = "  \"b\":\n    type: boolean\n";
        assert_eq!(added(Some(text), &["b"]), text.replace("    # of a\n", &format!("    # of a\n{b}")));
        assert_eq!(added(Some(text), &["zz"]), text.replace("  z:\n", "  z:\n  \"zz\":\n    type: boolean\n"));
        assert_eq!(
            added(Some("kind: Keys\nsettings:\n  # none yet\n# for policies\npolicies:\n"), &["b"]),
            format!("kind: Keys\nsettings:\n  # none yet\n{b}# for policies\npolicies:\n")
        );
    }

    #[test]
    fn a_comment_behind_the_name_of_a_field_stays_there() {
        for (settings, line) in [
            ("settings: {a: {}}  # ask Kim", "settings:  # ask Kim\n  a: {}"),
            ("settings: {}  # p", "settings:  # p"),
            ("settings:  # nothing yet", "settings:  # nothing yet"),
            ("settings: ~ # nothing yet", "settings: # nothing yet"),
        ] {
            let text = format!("kind: Keys\n{settings}\npolicies: {{}}\n");
            let after = format!("kind: Keys\n{line}\n  \"b\":\n    type: boolean\npolicies: {{}}\n");
            assert_eq!(added(Some(&text), &["b"]), after);
        }
    }

    #[test]
    fn keys_of_both_fields_go_to_their_own_and_take_the_line_breaks_of_the_file() {
        let keys = [key(Field::Policies, "x"), key(Field::Settings, "b")];
        let text = "kind: Keys\nsettings:\n  a: {}";
        let after =
            "kind: Keys\nsettings:\n  a: {}\n  \"b\":\n    type: boolean\npolicies:\n  \"x\":\n    type: boolean\n";
        let settings_first = add_keys(Some(&text.replace('\n', "\r\n")), &keys).expect("a catalogue").0;
        assert_eq!(settings_first, after.replace('\n', "\r\n"));
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
                doubtful: BTreeSet::new(),
            };
            let keys: Vec<CertainKey> = keys.iter().map(certain).collect();
            prop_assert_eq!(add_keys(None, &keys).expect("a catalogue").1, keys.len());
        }
    }
}
