//! What YAML, spreadsheets and other programs make of files, named for what it is.

use super::*;

fn client(rest: &str) -> String {
    format!("kind: IntegratorClient\nname: a\nscope: {{ telsys: 417 }}\n{rest}")
}

fn found(rest: &str) -> Vec<Diagnostic> {
    Tree::of(&client(rest)).found()
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|one| one.code.as_str()).collect()
}

#[test]
fn words_that_others_read_as_booleans_are_warned_of_in_policies_and_settings_only() {
    for word in ["yes", "No", "ON", "off"] {
        for rest in [format!("settings: {{ \"a::b\": {word} }}\n"), format!("policies:\n  a:\n    - {{ b: {word} }}\n")]
        {
            let found = found(&rest);
            assert_eq!(codes(&found), ["IC0803"], "{rest}");
            assert!(!found[0].is_error() && found[0].help.as_deref().is_some_and(|help| help.contains("write `")));
        }
        assert_eq!(codes(&found(&format!("settings: {{ \"a::b\": \"{word}\" }}\n"))), [""; 0]);
        assert_eq!(codes(&found(&format!("description: {word}\n"))), [""; 0]);
    }
}

#[test]
fn what_nobody_sees_at_the_ends_of_a_text_is_named() {
    for (text, name) in [
        ("\"Reception\\u00a0\"", "U+00A0"),
        ("\"\\u200bReception\"", "U+200B"),
        ("\"Reception \"", "a blank"),
        ("\"\\tReception\"", "a tab"),
        ("'Reception\u{a0}'", "U+00A0"),
        ("Reception\u{202c}", "U+202C"),
    ] {
        let found = found(&format!("description: {text}\n"));
        assert_eq!(codes(&found), ["IC0804"], "{text}");
        assert!(found[0].message.contains(name), "{}", found[0].message);
    }
    assert_eq!(codes(&found("settings: { \"a::b\\u00a0\": 1 }\n")), ["IC0804"]);
    for whole in ["\"a b\"", "|\n  two\n  lines\n", ">\n  folded\n", "\"\""] {
        assert_eq!(codes(&found(&format!("description: {whole}\n"))), [""; 0], "{whole}");
    }
}

#[test]
fn a_key_that_is_glued_to_its_value_is_parted_in_the_help() {
    for (rest, apart) in [
        ("settings: { a::b:true }\n", "`a::b: true`"),
        ("settings: { a::b:12 }\n", "`a::b: 12`"),
        ("settings: { x:y }\n", "`x: y`"),
        ("owns: { settings:listed }\n", "`settings: listed`"),
    ] {
        let help = found(rest).iter().find_map(|one| one.help.clone()).unwrap_or_default();
        assert!(help.contains(apart), "{rest}: {help}");
    }
    assert!(!found("settings: { a::b: }\n")[0].help.as_deref().unwrap_or_default().contains("between brackets"));
}

#[test]
fn what_other_programs_leave_is_named_and_hides_no_mistake_of_other_files() {
    let conflict = client("<<<<<<< HEAD\ndescription: a\n=======\ndescription: b\n>>>>>>> other\n");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".to_owned();
    let marks = format!("\u{feff}{}---\n\u{feff}{}", client(""), client("").replace("name: a", "name: b"));
    for (text, at, words) in [
        (conflict, "clients/a.yaml:4:1 IC0009", "a merge was not finished"),
        (pointer, "clients/a.yaml:1:1 IC0009", "Git LFS"),
        (marks, "clients/a.yaml:5:1 IC0009", "U+FEFF"),
    ] {
        let tree = Tree::of(&text).with("clients/b.yaml", "kind: IntegratorClient\nname: b\nscope: { telsys: x }\n");
        assert_eq!(tree.mistakes().first().map(String::as_str), Some(at));
        assert!(tree.found()[0].message.contains(words));
        assert!(tree.mistakes().iter().any(|one| one.starts_with("clients/b.yaml:3")), "{:?}", tree.mistakes());
    }
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(client("").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let tree = Tree::of("").with("clients/a.yaml", wide);
    assert!(tree.found().iter().any(|one| one.message.contains("UTF-16")), "{:?}", tree.mistakes());
    assert_eq!(Tree::of(&format!("\u{feff}{}", client(""))).mistakes(), [""; 0], "a mark at the beginning is allowed");
}

#[test]
fn an_empty_file_is_a_mistake_and_one_of_comments_a_warning() {
    for (text, words) in [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("# kind: IntegratorClient\n", "all of it is comments"),
        ("---\n", "is empty"),
    ] {
        let tree = Tree::of(&client("")).with("clients/b.yaml", text);
        assert_eq!(tree.mistakes(), ["clients/b.yaml:1:1 IC0010"], "{text:?}");
        let found = &tree.found()[0];
        assert!(found.message.contains(words) && found.is_error() == (words == "is empty"), "{}", found.message);
    }
}

#[test]
fn a_reference_without_a_name_is_a_mistake_whatever_it_begins_with() {
    for reference in ["${}", "${ }", "${env.}", "${var.}", "${env. }"] {
        let found = found(&format!("description: \"x {reference}\"\n"));
        assert_eq!(found.len(), 1, "{reference}: {found:?}");
        assert_eq!(found[0].message, "a reference has no name", "{reference}");
    }
}

#[test]
fn the_words_of_the_program_are_shown_whatever_a_sensitive_value_is() {
    let config = format!("{CONFIG}sensitive: [\"settings.crm::password\"]\n");
    let said = |value: &str| {
        let text = client(&format!("settings: {{crm::password: {value}}}\n"));
        Tree::of(&text).with(CONFIG_FILE, config.as_str()).rendered()
    };
    let colon = said("a: b");
    assert!(colon.contains("text with `: `, ` #` or a special first character"), "{colon}");
    assert!(!colon.contains("a: b") && !colon.contains("`***`"), "{colon}");
}
