//! Live values in trees of all forms: the plan is empty afterwards, and nothing is touched but what says something else.

#![expect(clippy::format_push_string, reason = "a tree is made of few pieces")]

mod generated;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use crate::drift::draft::{AcceptanceDraft, Drafting, FileTexts};
use crate::drift::{Accepting, AskedClients, SharedLines, drift};
use crate::fixture::seen;
use crate::manifest::{
    CONFIG_FILE, Emptiness, EnvironmentVariables, LoadedTree, Memory, document_heads, format, load_all,
};
use crate::model::*;
use crate::plan::plan;

const CONFIG: &str = "kind: Config\ntargets: {local: {sandbox: {data: s.db, estate: e.yaml}, vars: {site: London}}}\n";

fn load(files: &FileTexts) -> Result<(Desired, Policy), Vec<crate::diagnostic::Diagnostic>> {
    let environment = EnvironmentVariables::default();
    let LoadedTree { resolved, desired, .. } =
        load_all(&Memory(files), CONFIG_FILE, None, &environment, Emptiness::Refused)?;
    let policy = resolved.policy(&desired, Selection::default());
    Ok((desired, policy))
}

/// Makes the server have what a tree says.
fn in_sync(desired: &Desired, policy: &Policy) -> Live {
    let mut live = Live { outside: Some(0), ..Live::default() };
    for step in plan(desired, &live, policy).steps {
        let name = step.client.clone().expect("a name");
        let id = ClientId::from_server(name.as_str()).expect("an id");
        let content = seen(step.payload().expect("an add").clone());
        let row = LiveClient {
            id: id.clone(),
            scope: step.scope.clone(),
            content,
            labels: Labels::default(),
            detail: Detail::Read,
        };
        live.clients.insert(id, Box::new(row));
    }
    live
}

fn row<'l>(live: &'l mut Live, name: &str) -> &'l mut LiveClient {
    live.clients.get_mut(&ClientId::from_server(name).expect("an id")).expect("a live client")
}

/// Sets a key of the settings, or removes it.
fn set(row: &mut LiveClient, field: Field, key: &str, value: Option<Value>) {
    let entries = match field {
        Field::Policies => &mut row.content.policies,
        _ => &mut row.content.settings,
    };
    let known: Vec<(std::sync::Arc<str>, Json)> = entries
        .known()
        .map(|entries| entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
        .unwrap_or_default();
    let kept = known.into_iter().filter(|(other, _)| **other != *key);
    let all: Entries = kept.chain(value.map(|value| (key.into(), Json::from(value)))).collect();
    *entries = Observed::Known(all.into());
}

/// Accepts in a tree, and makes sure of the law.
fn accept(files: &FileTexts, live: &Live, asked: &AskedClients, shared: SharedLines) -> AcceptanceDraft {
    let (desired, policy) = load(files).unwrap_or_else(|found| panic!("{found:?}\n{files:?}"));
    let found = drift(&desired, None, live, &policy);
    let heads = files.iter().map(|(path, text)| (path.clone(), document_heads(text))).collect();
    let accepting = Accepting { desired: &desired, live, policy: &policy, drift: &found, heads: &heads, asked, shared };
    let edited = |edited: &FileTexts| {
        let mut all = files.clone();
        all.extend(edited.clone());
        load(&all)
    };
    let drafting = Drafting { accepting: &accepting, texts: files, load: &edited, uncommitted: &BTreeSet::new };
    let draft = drafting.draft().expect("a draft");
    let mut all = files.clone();
    all.extend(draft.edited.clone());
    let (after, policy) = load(&all).expect("a valid tree");
    let steps: Vec<_> = plan(&after, live, &policy).steps.into_iter().filter_map(|step| step.client).collect();
    for client in draft.acceptance.accepted.keys() {
        assert!(!steps.contains(client), "{client}: {:?}", draft.edited);
    }
    for left in draft.acceptance.left.values() {
        assert!(!left.reason.is_empty() && !left.help.is_empty());
    }
    draft
}

fn tree(path: &str, text: &str) -> FileTexts {
    BTreeMap::from([(CONFIG_FILE.to_owned(), CONFIG.to_owned()), (path.to_owned(), text.to_owned())])
}

/// Accepts what `drifted` does to the live client `one`, and gives the lines that differ.
fn edited(text: &str, drifted: impl Fn(&mut LiveClient)) -> String {
    let files = tree("clients/a.yaml", text);
    let (desired, policy) = load(&files).unwrap_or_else(|found| panic!("{found:?}"));
    let mut live = in_sync(&desired, &policy);
    drifted(row(&mut live, "one"));
    let draft = accept(&files, &live, &AskedClients::All, SharedLines::Kept);
    let left: Vec<String> = draft.acceptance.left.values().map(|left| format!("left: {}", left.reason)).collect();
    let after = draft.edited.get("clients/a.yaml").map_or(text, |after| after);
    let diff = TextDiff::from_lines(text, after);
    let lines = diff.iter_all_changes().filter_map(|change| match change.tag() {
        ChangeTag::Equal => None,
        ChangeTag::Delete => Some(format!("-{}", change.value().trim_end())),
        ChangeTag::Insert => Some(format!("+{}", change.value().trim_end())),
    });
    left.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

const HEAD: &str = "kind: IntegratorClient\nname: one\nscope: {telsys: 417, partition: 1, device: \"01\"}\n";

fn settings(text: &str, drifted: &[(&str, Option<Value>)]) -> String {
    edited(&format!("{HEAD}{text}"), |row| {
        for (key, value) in drifted {
            set(row, Field::Settings, key, value.clone());
        }
    })
}

#[test]
fn values_change_in_place_and_comments_stay() {
    let text = "settings:\n  # about a\n  \"a\": 1  # why\n  'b': 'it''s'\n  c: plain\n  \"d\": {\"x\": 1, \"y\": 2}\n";
    let drifted = [
        ("a", Some(json!(2))),
        ("b", Some(json!("was"))),
        ("c", Some(json!("yes"))),
        ("d", Some(json!({"x": 1, "y": 3}))),
    ];
    insta::assert_snapshot!(settings(text, &drifted), @r#"
    -  "a": 1  # why
    -  'b': 'it''s'
    -  c: plain
    -  "d": {"x": 1, "y": 2}
    +  "a": 2  # why
    +  'b': 'was'
    +  c: "yes"
    +  "d": {"x": 1, "y": 3}
    "#);
}

#[test]
fn keys_come_and_go_where_they_belong() {
    let text = "settings:\n  \"a\": 1\n  # about c\n  \"c\": 3\nowns: {policies: listed}\n";
    let drifted = [("b", Some(json!("0123"))), ("c", None), ("d", Some(json!("${HOME} $${x}")))];
    insta::assert_snapshot!(settings(text, &drifted), @r#"
    +  "b": "0123"
    -  "c": 3
    +  "d": "$${HOME} $$${x}"
    "#);
    insta::assert_snapshot!(settings("settings:\n  # only\n  \"a\": 1  # one\n", &[("a", None)]), @r#"
    -settings:
    +settings: {}
    -  "a": 1  # one
    "#);
    insta::assert_snapshot!(settings("settings: {\"a\": 1, \"b\": 2}\n", &[("a", None), ("b", None), ("c", Some(json!(null)))]), @r#"
    -settings: {"a": 1, "b": 2}
    +settings: {"c": null}
    "#);
    insta::assert_snapshot!(settings("settings: {}\n", &[("x", Some(json!([1, "two"])))]), @r#"
    -settings: {}
    +settings: {"x": [1, "two"]}
    "#);
}

#[test]
fn flow_mappings_with_lines_of_their_own_keep_them() {
    let text = "settings: {\n  \"a\": 1,  # one\n  \"b\": 2  # two\n}\n";
    insta::assert_snapshot!(settings(text, &[("a", None), ("b", Some(json!(3)))]), @r#"
    -  "a": 1,  # one
    -  "b": 2  # two
    +  "b": 3  # two
    "#);
    insta::assert_snapshot!(settings(text, &[("b", None)]), @r#"-  "b": 2  # two"#);
    insta::assert_snapshot!(settings(text, &[("aa", Some(json!(true)))]), @r#"+  "aa": true,"#);
}

#[test]
fn a_comment_in_a_flow_mapping_goes_with_its_key_and_not_over_to_a_new_one() {
    let renamed = [("b", None), ("c", Some(json!(2)))];
    let text = "settings: {\n  \"a\": 1,  # one\n  \"b\": 2,  # two\n}\n";
    insta::assert_snapshot!(settings(text, &renamed), @r#"
    -  "b": 2,  # two
    +  "c": 2,
    "#);
    let text = "settings: {\n  \"a\": 1,  # one\n  \"b\": 2  # two\n}\n";
    insta::assert_snapshot!(settings(text, &renamed), @r#"
    -  "b": 2  # two
    +  "c": 2
    "#);
    insta::assert_snapshot!(settings(text, &renamed[1..]), @r#"
    -  "b": 2  # two
    +  "b": 2,  # two
    +  "c": 2
    "#);
}

#[test]
fn blocks_and_lists_change_where_they_differ() {
    let text =
        "settings:\n  \"t\": |\n      one\n      two\n  \"l\":\n    - a  # first\n    - b\n    - c\n  \"z\": 1\n";
    insta::assert_snapshot!(settings(text, &[("t", Some(json!("one\nzwei\n"))), ("l", Some(json!(["a", "x", "c"])))]), @r#"
    -      two
    +      zwei
    -    - b
    +    - "x"
    "#);
    insta::assert_snapshot!(settings(text, &[("t", Some(json!("one"))), ("l", Some(json!(["a", "b", "c", "d"])))]), @r#"
    -  "t": |
    -      one
    -      two
    +  "t": "one"
    +    - "d"
    "#);
    insta::assert_snapshot!(settings(text, &[("t", None), ("l", Some(json!([])))]), @r#"
    -  "t": |
    -      one
    -      two
    -  "l":
    -    - a  # first
    -    - b
    -    - c
    +  "l": []
    "#);
    insta::assert_snapshot!(settings(text, &[("z", Some(json!("one\ntwo\n")))]), @r#"
    -  "z": 1
    +  "z": |
    +    one
    +    two
    "#);
}

#[test]
fn what_aliases_and_merge_keys_give_is_said_by_an_own_line() {
    let text = "policies: &shared {\"a\": 1, \"b\": &two 2}\nsettings:\n  <<: *shared\n  \"c\": *two\n";
    insta::assert_snapshot!(settings(text, &[("a", Some(json!(9)))]), @r#"+  "a": 9"#);
    insta::assert_snapshot!(settings(text, &[("c", Some(json!(9)))]), @r#"
    -  "c": *two
    +  "c": 9
    "#);
    insta::assert_snapshot!(settings(text, &[("a", None)]), @r#"left: clients/a.yaml: an alias or a merge key (`<<`) gives it, so that there is no line to remove"#);
    let policies = edited(&format!("{HEAD}{text}"), |row| set(row, Field::Policies, "b", Some(json!(3))));
    insta::assert_snapshot!(policies, @r#"
    -policies: &shared {"a": 1, "b": &two 2}
    +policies: &shared {"a": 1, "b": &two 3}
    -  "c": *two
    +  "b": 2
    +  "c": 2
    "#);
    insta::assert_snapshot!(settings("policies: &all {\"a\": 1}\nsettings: *all\n", &[("b", Some(json!(1)))]), @r#"
    -settings: *all
    +settings: {<<: *all, "b": 1}
    "#);
}

#[test]
fn texts_are_written_as_they_are_read_back() {
    for description in
        ["yes", "12", "a: b", "${var.site}", "", " lead", "#x", "line\nline", "\u{202e}hidden", "~", "it's \"it\""]
    {
        for written in [
            "description: plain\n",
            "description: 'x'  # c\n",
            "description: \"Desk ${var.site}\"\n",
            "description: >-\n  a\n  b\n",
            "",
        ] {
            let text = format!("{HEAD}{written}settings: {{}}\n");
            let change = |row: &mut LiveClient| row.content.description = Observed::Known(description.into());
            let lines = edited(&text, change);
            assert!(!lines.contains("left:"), "{description:?} {written:?} {lines}");
        }
    }
}

#[test]
fn a_json_file_stays_json_and_line_breaks_stay() {
    let json = "{\n  \"kind\": \"IntegratorClient\",\n  \"name\": \"one\",\n  \"scope\": {\"telsys\": 417, \"device\": \"01\"},\n  \"settings\": {\"a\": 1}\n}\n";
    let drifted = |row: &mut LiveClient| {
        set(row, Field::Settings, "b", Some(json!("x")));
        set(row, Field::Settings, "a", Some(json!("y")));
    };
    insta::assert_snapshot!(edited(json, drifted), @r#"
    -  "settings": {"a": 1}
    +  "settings": {"a": "y", "b": "x"}
    "#);
    let windows = format!("{HEAD}settings:\n  \"a\": 1\n").replace('\n', "\r\n");
    let files = tree("clients/a.yaml", &windows);
    let (desired, policy) = load(&files).expect("a tree");
    let mut live = in_sync(&desired, &policy);
    drifted(row(&mut live, "one"));
    let after = &accept(&files, &live, &AskedClients::All, SharedLines::Kept).edited["clients/a.yaml"];
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

const SHARED: &str = "kind: Profile\nname: base\nsettings:\n  \"a\": 1\n  \"b\": 2\n---\nkind: IntegratorClient\nname: one\nscope: {telsys: 417, device: \"01\"}\nprofiles: [base]\n---\nkind: IntegratorClient\nname: two\nscope: {telsys: 417, device: \"02\"}\nprofiles: [base]\n---\nkind: Fleet\nname: desk\nscope: {telsys: 417, partition: 1}\ndevices: [\"11\", \"12\"]\ntemplate: {description: \"Desk ${device}\", settings: {\"f\": 1}}\n";

fn shared(drifted: impl Fn(&mut Live), lines: SharedLines) -> (String, AcceptanceDraft) {
    let files = tree("clients/a.yaml", SHARED);
    let (desired, policy) = load(&files).expect("a tree");
    let mut live = in_sync(&desired, &policy);
    drifted(&mut live);
    let draft = accept(&files, &live, &AskedClients::All, lines);
    (draft.edited.get("clients/a.yaml").cloned().unwrap_or_else(|| SHARED.to_owned()), draft)
}

#[test]
fn a_line_of_a_profile_is_written_once_where_all_drifted_alike() {
    let both = |live: &mut Live| {
        for name in ["one", "two"] {
            set(row(live, name), Field::Settings, "a", Some(json!(5)));
            set(row(live, name), Field::Settings, "b", None);
        }
    };
    let (text, draft) = shared(both, SharedLines::Written);
    assert_eq!(text, SHARED.replace("  \"a\": 1\n  \"b\": 2\n", "  \"a\": 5\n"));
    assert!(draft.acceptance.left.is_empty());
    let (text, draft) = shared(both, SharedLines::Kept);
    assert_eq!((text.as_str(), draft.acceptance.left.len(), draft.acceptance.alike.len()), (SHARED, 2, 2));
    let left = &draft.acceptance.left.values().next().expect("a client").reason;
    assert!(left.contains("`settings.b` comes from profile `base` (clients/a.yaml:5)"), "{left}");
    let (text, _) = shared(|live| set(row(live, "one"), Field::Settings, "a", Some(json!(5))), SharedLines::Written);
    assert!(
        text.contains("name: one\nscope: {telsys: 417, device: \"01\"}\nprofiles: [base]\nsettings: {\"a\": 5}\n---"),
        "{text}"
    );
}

#[test]
fn a_client_of_a_fleet_is_left_unless_all_drifted_alike() {
    let (text, draft) =
        shared(|live| set(row(live, "desk-11"), Field::Settings, "f", Some(json!(2))), SharedLines::Written);
    assert_eq!(text, SHARED);
    let left = &draft.acceptance.left.values().next().expect("a client").reason;
    assert!(left.contains("fleet `desk` (clients/a.yaml:17)") && left.contains("(clients/a.yaml:20)"), "{left}");
    let all = |live: &mut Live| {
        ["desk-11", "desk-12"].iter().for_each(|name| set(row(live, name), Field::Settings, "f", Some(json!(2))));
    };
    let (text, draft) = shared(all, SharedLines::Written);
    assert_eq!(text, SHARED.replace("\"f\": 1", "\"f\": 2"));
    assert!(draft.acceptance.left.is_empty());
}

#[test]
fn a_key_that_all_clients_of_a_fleet_have_now_goes_into_its_template() {
    let all = |live: &mut Live| {
        ["desk-11", "desk-12"].iter().for_each(|name| set(row(live, name), Field::Settings, "n", Some(json!(3))));
    };
    let (text, draft) = shared(all, SharedLines::Written);
    assert_eq!(text, SHARED.replace("\"f\": 1", "\"f\": 1, \"n\": 3"));
    assert!(draft.acceptance.left.is_empty());
    let (text, draft) = shared(all, SharedLines::Kept);
    assert_eq!((text.as_str(), draft.acceptance.left.len(), draft.acceptance.alike.len()), (SHARED, 2, 1));
    let help = |draft: &AcceptanceDraft| draft.acceptance.left.values().next().expect("a client").help.clone();
    assert!(help(&draft).contains("`--into-profile`"), "{}", help(&draft));
    let (text, draft) =
        shared(|live| set(row(live, "desk-11"), Field::Settings, "n", Some(json!(3))), SharedLines::Written);
    assert_eq!((text.as_str(), draft.acceptance.left.len()), (SHARED, 1));
    assert!(!help(&draft).contains("`--into-profile`"), "it was asked for: {}", help(&draft));
}

#[test]
fn a_shared_line_is_not_written_for_a_client_that_is_left() {
    let drifted = |live: &mut Live| {
        for name in ["desk-11", "desk-12"] {
            set(row(live, name), Field::Settings, "f", Some(json!(2)));
        }
        set(row(live, "desk-11"), Field::Settings, "g", Some(json!(1)));
        set(row(live, "one"), Field::Settings, "a", Some(json!(5)));
    };
    let (text, draft) = shared(drifted, SharedLines::Written);
    assert!(text.contains("\"f\": 1") && text.contains("settings: {\"a\": 5}"), "{text}");
    assert_eq!((draft.acceptance.accepted.len(), draft.acceptance.left.len()), (1, 2));
}

#[test]
fn a_client_that_is_gone_or_too_many_is_accepted_by_name() {
    let files = tree("clients/a.yaml", &format!("{HEAD}description: a\n"));
    let (desired, policy) = load(&files).expect("a tree");
    let none = Live { outside: Some(0), ..Live::default() };
    assert_eq!(accept(&files, &none, &AskedClients::All, SharedLines::Kept).acceptance.left.len(), 1);
    let named = AskedClients::Named([ClientName::new("one").expect("a name")].into());
    let gone = accept(&files, &none, &named, SharedLines::Kept).edited["clients/a.yaml"].clone();
    assert_eq!(gone, format!("{HEAD}description: a\nstate: absent\n"));
    let back = tree("clients/a.yaml", &gone);
    let mut live = in_sync(&desired, &policy);
    row(&mut live, "one").content.description = Observed::Known("b".into());
    let there = accept(&back, &live, &named, SharedLines::Kept).edited["clients/a.yaml"].clone();
    assert_eq!(there, format!("{HEAD}description: b\n"));
}
