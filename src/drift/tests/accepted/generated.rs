//! Trees and drift that nobody thought of.

use proptest::prelude::*;

use super::*;

/// Throws for the forms of a tree, the same for a seed in every version of every library: seeds of mistakes are kept.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).expect("a small number")
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.throw(all.len())]
    }
}

const KEYS: [&str; 6] = ["\"ui::a\"", "'ui::b'", "c", "\"ui::d\"", "e-e", "\"ui::$${f}\""];
const SCALARS: [&str; 10] =
    ["true", "1", "1.50", "\"text\"", "'it''s'", "plain words", "null", "\"yes\"", "\"$${x}\"", "\"in ${var.site}\""];
const COLLECTIONS: [&str; 3] = ["[1, \"two\"]", "{\"n\": 1, \"m\": {\"k\": \"v\"}}", "[]"];

/// Whether all values are scalars of one line.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Values {
    Scalars,
    All,
}

fn entries(dice: &mut Dice, values: Values) -> String {
    let keys: Vec<&str> = KEYS.into_iter().filter(|_| dice.throw(2) == 0).collect();
    let value = |dice: &mut Dice| {
        let collection = values == Values::All && dice.throw(4) == 0;
        if collection { *dice.pick(&COLLECTIONS) } else { *dice.pick(&SCALARS) }
    };
    if keys.is_empty() || dice.throw(3) == 0 {
        let pairs: Vec<String> = keys.iter().map(|key| format!("{key}: {}", value(dice))).collect();
        return format!(" {{{}}}{}\n", pairs.join(", "), *dice.pick(&["", "  # of it all"]));
    }
    let indent = " ".repeat(*dice.pick(&[2, 2, 3, 4]));
    let mut text = "\n".to_owned();
    for (number, key) in keys.into_iter().enumerate() {
        if dice.throw(3) == 0 {
            text += &format!("{indent}# about {number}\n");
        }
        text += &match (values, dice.throw(6)) {
            (Values::All, 0) => format!("{indent}{key}: |\n{indent}  one\n{indent}  two\n"),
            (Values::All, 1) => format!("{indent}{key}:\n{indent}  - 1\n{indent}  - \"two\"  # second\n"),
            _ => format!("{indent}{key}: {}{}\n", value(dice), *dice.pick(&["", "  # why"])),
        };
    }
    text
}

fn content(dice: &mut Dice, values: Values) -> Vec<String> {
    let mut parts = Vec::new();
    if dice.throw(3) > 0 {
        parts
            .push(format!("description: {}\n", *dice.pick(&["Desk", "\"Desk ${var.site}\"", "'a b'  # said", "\"\""])));
    }
    match dice.throw(4) {
        0 if values == Values::All => {
            parts.push("policies: &shared {\"p\": 1, \"ui::a\": &one 1}\n".to_owned());
            parts.push("settings:\n  <<: *shared\n  \"q\": *one\n".to_owned());
            return parts;
        }
        1 => {}
        _ => parts.push(format!("policies:{}", entries(dice, values))),
    }
    if dice.throw(5) > 0 {
        parts.push(format!("settings:{}", entries(dice, values)));
    }
    parts
}

fn any_tree(dice: &mut Dice, values: Values) -> FileTexts {
    let mut files = tree("clients/profiles.yaml", "");
    let mut profiles = String::new();
    for name in ["base", "extra"] {
        profiles +=
            &format!("---\n# what {name} is for\nkind: Profile\nname: {name}\nsettings:{}", entries(dice, values));
    }
    files.insert("clients/profiles.yaml".to_owned(), profiles);
    let mut clients = String::new();
    for number in 1..=3 {
        let mut parts = content(dice, values);
        parts.push(format!("profiles: {}\n", *dice.pick(&["[]", "[base]", "[base, extra]", "[extra]"])));
        if parts.len() > 1 && !parts.iter().any(|part| part.contains("shared")) {
            let turn = dice.throw(parts.len());
            parts.rotate_left(turn);
        }
        clients += &format!(
            "---\n# client {number}\nkind: IntegratorClient\nname: c{number}\nscope: {{telsys: 417, device: \"0{number}\"}}\n{}",
            parts.concat()
        );
    }
    files.insert("clients/desks.yaml".to_owned(), clients);
    if dice.throw(2) == 0 {
        let settings = entries(dice, Values::Scalars).replace('\n', "\n  ");
        let fleet = format!(
            "kind: Fleet\nname: f\nscope: {{telsys: 417, partition: 1}}\ndevices: [\"11\", \"12\"]\ntemplate:\n  description: \"Desk ${{device}}\"\n  settings:{}\n",
            settings.trim_end_matches(' ')
        );
        files.insert("clients/fleet.yaml".to_owned(), fleet);
    }
    files
}

fn any_value(dice: &mut Dice, values: Values) -> Value {
    let text = *dice.pick(&["text", "yes", "a: b", "${HOME}", "$${x}", "0123", "", " lead", "#x", "it's", "\"q\""]);
    match dice.throw(if values == Values::All { 9 } else { 6 }) {
        0 => json!(true),
        1 => json!(7),
        2 => json!(null),
        6 => json!([1, "two", text]),
        7 => json!({"n": 2, "m": {"k": "v", "${l}": text}}),
        8 => json!("one\ntwo\nthree\n"),
        _ => json!(text),
    }
}

fn any_drift(dice: &mut Dice, live: &mut Live, values: Values) {
    for row in live.clients.values_mut() {
        for _ in 0..dice.throw(4) {
            let field = *dice.pick(&[Field::Settings, Field::Settings, Field::Policies]);
            let key = *dice.pick(&["ui::a", "ui::b", "c", "ui::d", "e-e", "ui::${f}", "new", "p"]);
            let value = (dice.throw(4) > 0).then(|| any_value(dice, values));
            set(row, field, key, value);
        }
        if dice.throw(4) == 0 {
            let text = (*dice.pick(&["moved", "yes", "${x}", ""])).to_owned();
            row.content.description = Observed::Known(text.into());
        }
    }
}

/// Counts the lines that go and those that come.
fn lines_changed(before: &str, after: &str) -> (usize, usize) {
    let diff = TextDiff::from_lines(before, after);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    (count(ChangeTag::Delete), count(ChangeTag::Insert))
}

/// Counts the values that are written into a file, and the fields that it did not have in a document.
fn written(draft: &AcceptanceDraft, file: &str) -> usize {
    let edits = draft.acceptance.accepted.values().flatten().filter(|edit| **edit.file == *file);
    edits.map(|one| (one.line, one.edit.path.clone())).collect::<BTreeSet<_>>().len()
}

fn comments(text: &str) -> usize {
    text.matches("# ").count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_to_do_for_whatever_is_accepted(seed: u64, values in prop_oneof![Just(Values::Scalars), Just(Values::All)], into: bool, laid: bool) {
        let mut dice = Dice(seed);
        let mut files = any_tree(&mut dice, values);
        if laid {
            for (path, text) in &mut files {
                *text = format(path, text).expect("YAML");
            }
        }
        let (desired, policy) = load(&files).unwrap_or_else(|found| panic!("{found:?}\n{files:#?}"));
        let mut live = in_sync(&desired, &policy);
        any_drift(&mut dice, &mut live, values);
        let shared = if into { SharedLines::Written } else { SharedLines::Kept };
        let draft = accept(&files, &live, &AskedClients::All, shared);
        for (path, after) in &draft.edited {
            let before = &files[path];
            let count = written(&draft, path);
            prop_assert!(comments(before) <= comments(after) + count, "{before}\n→\n{after}");
            if laid {
                prop_assert_eq!(&format(path, after).expect("YAML"), after);
            } else if values == Values::Scalars {
                let (gone, come) = lines_changed(before, after);
                // A mapping that loses its last line is `{}` beside its key.
                let emptied = after.matches("{}").count().saturating_sub(before.matches("{}").count());
                prop_assert!(gone <= count + emptied && come <= 2 * count, "{gone} {come} {count}\n{before}\n→\n{after}");
            }
        }
        if values == Values::Scalars {
            for (client, left) in &draft.acceptance.left {
                let known = client.as_str().starts_with("f-") || left.reason.contains("comes from profile") || left.reason.contains("would still change");
                prop_assert!(known, "{client}: {}", left.reason);
            }
        }
    }
}
