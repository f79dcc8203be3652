//! What the pages of the manual list and the code holds: each list is made here anew and compared with the page.
//!
//! `MANUAL=write cargo test --lib facts` writes the lists into the pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use serde_json::{Map, Value};

use super::explain::titles;
use super::manual_page::{files, variables};
use crate::cli::args::Arguments;
use crate::cli::exit::Exit;
use crate::manual::TOPICS;
use crate::plan::GUARD_RULES;
use crate::report::Format;
use crate::sandbox::Dialect;
use crate::schema::{Subject, schema};

/// The line that begins a list, up to its name.
const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// Makes a list by its name.
fn made(name: &str) -> Option<String> {
    Some(match name {
        "exit codes" => table(
            ["exit", "word", "means"],
            Exit::ALL.map(|one| [one.number().to_string(), code(one.name()), one.meaning().to_owned()]),
        ),
        "variables" => list(variables(&Arguments::command()).into_iter().map(|(name, meaning)| {
            let names: Vec<String> = name.split(", ").map(code).collect();
            format!("{}: {meaning}.", names.join(", "))
        })),
        "files" => list(files().into_iter().map(|(path, meaning)| format!("`{path}`: {meaning}."))),
        "codes" => table(
            ["code", "what is wrong"],
            titles().filter(|(code, _)| code.starts_with("IC")).map(|(one, title)| [code(&one), title.to_owned()]),
        ),
        "codes of the API" => table(
            ["code", "what it is"],
            titles().filter(|(code, _)| !code.starts_with("IC")).map(|(one, title)| [one, title.to_owned()]),
        ),
        "guard rules" => {
            table(["rule", "refuses"], GUARD_RULES.map(|(rule, meaning)| [code(rule), meaning.to_owned()]))
        }
        "documents" => documents(),
        "keys of the configuration" => keys("config"),
        "keys of definitions" => keys("definition"),
        "keys of the catalogue" => keys("keys"),
        "keys of the estate" => keys("estate"),
        "keys of faults" => keys("faults"),
        "fields of a plan" => fields(&read("plan")),
        "fields of a step" => fields(&definition(&read("plan"), "Step")),
        _ => return None,
    })
}

fn read(name: &str) -> Value {
    let subject = Subject::ALL.into_iter().find(|subject| subject.name() == name).expect("a schema");
    serde_json::from_str(&schema(subject, None)).expect("JSON")
}

fn definition(schema: &Value, name: &str) -> Value {
    schema["$defs"][name].clone()
}

fn code(word: &str) -> String {
    format!("`{word}`")
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().fold(String::new(), |text, item| text + "- " + &item + "\n")
}

fn table<const COLUMNS: usize>(head: [&str; COLUMNS], rows: impl IntoIterator<Item = [String; COLUMNS]>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(COLUMNS));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
    text
}

fn documents() -> String {
    let rows = Subject::ALL.map(|subject| {
        let read = read(subject.name());
        let title = read["title"].as_str().unwrap_or("icsync plan").to_owned();
        [code(&format!("icsync schema {}", subject.name())), title, sentence(&read)]
    });
    table(["command", "describes", "which is"], rows)
}

/// Lists the fields of a document, one level deep.
fn fields(schema: &Value) -> String {
    let properties = schema["properties"].as_object().expect("fields");
    list(properties.iter().map(|(name, one)| format!("`{name}`: {}", sentence(one))))
}

/// Lists every mapping that people write, and every form that has a name, with its keys.
fn keys(name: &str) -> String {
    let schema = read(name);
    let mut text = String::new();
    if schema["properties"].as_object().is_some_and(|properties| properties.len() > 1) {
        mapping("At the top", &schema, &mut text);
    }
    for (name, one) in schema["$defs"].as_object().expect("definitions") {
        mapping(name, one, &mut text);
    }
    text.trim_start().to_owned()
}

fn mapping(name: &str, schema: &Value, text: &mut String) {
    let _ = write!(text, "\n### {name}\n\n");
    let about = sentence(schema);
    if !about.is_empty() {
        let _ = writeln!(text, "{about}\n");
    }
    if !schema["properties"].is_object() {
        text.push_str(&value(schema));
    }
    let required: BTreeSet<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let none = Map::new();
    for (key, one) in schema["properties"].as_object().unwrap_or(&none) {
        if let Some(words) = described(one) {
            let _ = write!(text, "- `{key}`. {}\n{}", sentence(one), indented(&words));
            continue;
        }
        let need = if required.contains(&**key) { ", required" } else { "" };
        let parts = [sentence(one), example(one)];
        let about = parts.iter().filter(|part| !part.is_empty()).fold(String::new(), |text, part| text + " " + part);
        let _ = writeln!(text, "- `{key}` ({}{need}).{about}", form(one).trim_end_matches('.'));
    }
}

/// Says what a form is that has a name: its words each with what it means, or what text it is.
fn value(schema: &Value) -> String {
    described(schema).unwrap_or_else(|| format!("It is {}.\n", form(schema)))
}

/// Lists words, if each says what it means.
fn described(schema: &Value) -> Option<String> {
    let words = schema["oneOf"].as_array()?;
    let one = |word: &Value| {
        let is_default = word["const"] == schema["default"] || word["enum"][1] == schema["default"];
        let default = if is_default && !schema["default"].is_null() { ", the default" } else { "" };
        format!("{}{default}: {}", form(word), sentence(word))
    };
    words.iter().all(|word| !sentence(word).is_empty()).then(|| list(words.iter().map(one)))
}

fn indented(lines: &str) -> String {
    lines.lines().fold(String::new(), |text, line| text + "  " + line + "\n")
}

fn sentence(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn example(schema: &Value) -> String {
    let shown = schema["examples"].as_array().and_then(|examples| examples.first()).map(|one| match one {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    shown.map(|shown| format!("Example: `{shown}`.")).unwrap_or_default()
}

/// Says what may stand there.
fn form(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(ways) = schema[several].as_array().filter(|_| !schema["properties"].is_object()) {
            let ways: Vec<String> = ways.iter().map(word).collect();
            return ways.join(" or ");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        // `true` may be written with and without quotes.
        let words: BTreeSet<String> = words.iter().map(plain).collect();
        return words.iter().map(|word| code(word)).collect::<Vec<_>>().join(" or ");
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        return format!("text that fits `{pattern}`");
    }
    match &schema["type"] {
        Value::String(kind) => named(kind, schema),
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).map(|kind| named(kind, schema)).collect::<Vec<_>>().join(" or ")
        }
        _ if !schema["const"].is_null() => code(&plain(&schema["const"])),
        _ => "any value".to_owned(),
    }
}

fn word(schema: &Value) -> String {
    let about = sentence(schema);
    let about = about.trim_end_matches('.');
    if about.is_empty() { form(schema) } else { format!("{}: {about}", form(schema)).replace(": ", " – ") }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn named(kind: &str, schema: &Value) -> String {
    match kind {
        _ if !schema["const"].is_null() => code(&plain(&schema["const"])),
        "string" => "text".to_owned(),
        "integer" => match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
            (Some(least), Some(most)) => format!("a number from {least} to {most}"),
            (Some(least), None) => format!("a number from {least} up"),
            _ => "a number".to_owned(),
        },
        "number" => "a number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "array" => format!("a list of {}", form(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!("a mapping of names to {}", form(&schema["additionalProperties"]))
        }
        "object" => "a mapping".to_owned(),
        other => other.to_owned(),
    }
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manual").join(format!("{name}.md"))
}

/// Puts the lists of a page in their places; gives the names of the lists too.
fn with_lists(text: &str) -> (String, Vec<String>) {
    let (mut out, mut rest, mut names) = (String::new(), text, Vec::new());
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->").expect("the end of a comment");
        let (_, after) = after.split_once(END).unwrap_or_else(|| panic!("the list `{name}` has no end"));
        let list = made(name).unwrap_or_else(|| panic!("nobody makes the list `{name}`"));
        let _ = write!(out, "{before}{BEGIN}{name} -->\n\n{}\n\n{END}", list.trim_end());
        rest = after;
        names.push(name.to_owned());
    }
    (out + rest, names)
}

#[test]
fn what_the_pages_list_is_what_the_code_holds() {
    let mut listed = BTreeSet::new();
    for topic in TOPICS {
        let (text, names) = with_lists(topic.text);
        listed.extend(names);
        #[expect(clippy::disallowed_methods, reason = "a person asks for it")]
        if std::env::var_os("MANUAL").is_some() {
            let now = std::fs::read_to_string(path(topic.name)).expect("a page");
            std::fs::write(path(topic.name), with_lists(&now).0).expect("a page");
            continue;
        }
        assert!(text == topic.text, "{}: write the lists anew: MANUAL=write cargo test --lib facts", topic.name);
    }
    let all = [
        "exit codes",
        "variables",
        "files",
        "codes",
        "codes of the API",
        "guard rules",
        "documents",
        "keys of the configuration",
        "keys of definitions",
        "keys of the catalogue",
        "keys of the estate",
        "keys of faults",
        "fields of a plan",
        "fields of a step",
    ];
    for name in all {
        assert!(listed.contains(name), "no page has the list `{name}`");
    }
}

#[test]
fn every_exit_code_has_a_heading_under_which_it_is_told_what_to_do() {
    let trouble = TOPICS.iter().find(|topic| topic.name == "trouble").expect("a page").text;
    for exit in Exit::ALL.into_iter().filter(|exit| *exit != Exit::Done) {
        let heading = format!("\n## exit {}: {}", exit.number(), exit.name().replace('_', " "));
        assert!(trouble.contains(&heading), "{heading}");
    }
}

#[test]
fn every_command_is_told_of_by_a_page() {
    for command in Arguments::command().get_subcommands() {
        let line = format!("icsync {}", command.get_name());
        assert!(TOPICS.iter().any(|topic| topic.text.contains(&line)), "{line}");
    }
}

/// The words that a type of a report has.
fn words(name: &str) -> Vec<String> {
    let words = definition(&read("report"), name);
    words["enum"].as_array().expect("words").iter().map(plain).collect()
}

#[test]
fn words_of_reports_are_told_of_where_they_are_looked_up() {
    let formats = Format::ALL.map(|format| format.name().to_owned()).to_vec();
    let told = [
        ("trouble", words("OutcomeWord")),
        ("trouble", words("RunState")),
        ("drift", words("DriftState")),
        ("review", words("ReviewWord")),
        ("formats", formats),
    ];
    for (name, words) in told {
        let page = TOPICS.iter().find(|topic| topic.name == name).expect("a page").text;
        let missing: Vec<&String> = words.iter().filter(|word| !page.contains(&code(word))).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn every_open_question_of_the_api_is_answered() {
    let page = TOPICS.iter().find(|topic| topic.name == "api").expect("a page").text;
    for switch in Dialect::switches() {
        assert!(page.contains(&code(switch.name)), "{}", switch.name);
    }
}
