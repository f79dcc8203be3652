//! What is read, each by the functions that the program uses for it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, RenderOptions, render};
use crate::document::SavedPlan;
use crate::manifest::{
    CONFIG_FILE, DotFiles, Emptiness, EnvironmentVariables, FolderListing, LoadedTree, Source, SourceError, format,
    load_all,
};
use crate::report::{Colour, Format, Grouping, Style};
use crate::sandbox::{Estate, Faults, Sandbox, SandboxOptions};
use crate::{apply, report};

/// Files in memory.
struct Files(BTreeMap<&'static str, Vec<u8>>);

impl Source for Files {
    fn list(&self, _: &str, _: DotFiles) -> FolderListing {
        FolderListing { files: self.0.keys().map(|path| (*path).to_owned()).collect(), ..FolderListing::default() }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        self.0.get(path).cloned().ok_or_else(|| SourceError::Missing(path.to_owned()))
    }
}

const CONFIG: &str = "kind: Config\nsensitive: [settings.secret*]\ntargets: { local: { url: https://x/, auth: { api_key: { env: KEY } }, vars: { site: London } } }\n";
const FLEET: &str = "kind: Fleet\nname: f\nscope: { telsys: 1 }\ndevices_from: { csv: desks.csv, column: number, key: seat }\n\
                     template: { description: '${number} ${device} ${seat}', settings: { secret: '${seat}' } }\n";

/// Loads a tree and shows what is wrong with it, as every command does.
fn load(files: &[(&'static str, &[u8])]) -> String {
    let tree = Files(files.iter().map(|(path, bytes)| (*path, bytes.to_vec())).collect());
    let environment: EnvironmentVariables = [("SITE".to_owned(), "Paris".to_owned())].into_iter().collect();
    let loaded = load_all(&tree, CONFIG_FILE, None, &environment, Emptiness::Refused);
    let found = match loaded {
        Ok(LoadedTree { warnings, desired, .. }) => {
            assert!(!desired.clients.is_empty(), "an empty tree is refused");
            warnings
        }
        Err(found) => found,
    };
    let shown = render(&found, RenderOptions::default());
    assert!(!shown.chars().any(|one| one.is_control() && one != '\n'), "{shown:?}");
    words(&found)
}

fn words(found: &[Diagnostic]) -> String {
    let mut codes: Vec<&str> = found.iter().map(|one| one.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.concat()
}

pub(super) fn definitions(input: &[u8]) -> String {
    let mut words = load(&[
        (CONFIG_FILE, CONFIG.as_bytes()),
        ("clients/a.yaml", input),
        ("clients/desks.csv", b"number,seat\n1,a\n"),
    ]);
    // What `fmt` writes it writes again.
    if let Ok(text) = std::str::from_utf8(input) {
        let once = format("clients/a.yaml", text).ok();
        let _ = write!(words, " {}", once.is_some());
        if let Some(once) = once {
            assert_eq!(format("clients/a.yaml", &once).ok().as_ref(), Some(&once));
        }
    }
    words
}

pub(super) fn configuration(input: &[u8]) -> String {
    load(&[(CONFIG_FILE, input), ("clients/a.yaml", b"kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\n")])
}

pub(super) fn csv(input: &[u8]) -> String {
    load(&[(CONFIG_FILE, CONFIG.as_bytes()), ("clients/a.yaml", FLEET.as_bytes()), ("clients/desks.csv", input)])
}

pub(super) fn variables(input: &[u8]) -> String {
    let text = serde_json::to_string(&String::from_utf8_lossy(input)).expect("JSON");
    let fleet = FLEET.replace("'${number} ${device} ${seat}'", &text);
    let config = CONFIG.replace("London", &text);
    load(&[
        (CONFIG_FILE, config.as_bytes()),
        (
            "clients/a.yaml",
            format!("{fleet}---\nkind: IntegratorClient\nname: a\nscope: {{ telsys: 1 }}\nsettings: {{ a: {text} }}\n")
                .as_bytes(),
        ),
        ("clients/desks.csv", b"number,seat\n1,a\n"),
    ])
}

/// Reads a plan as it is, and as if it had the right digest, and shows it in every format.
pub(super) fn plan(input: &[u8]) -> String {
    let mut words = SavedPlan::parse(input, Some(b"key")).map_or_else(|error| error.to_string(), |_| "read".to_owned());
    let stated =
        serde_json::from_slice(input).ok().filter(serde_json::Value::is_object).map(crate::document::with_digest);
    if let Some(saved) = stated.and_then(|bytes| SavedPlan::parse(&bytes, None).ok()) {
        words.push_str(" shown");
        let style = Style {
            colour: Colour::Never,
            grouping: Grouping::Grouped,
            folder: "",
            width: None,
            hosted: crate::report::Hosted::NOWHERE,
        };
        for format in Format::ALL {
            let mut out = Vec::new();
            report::saved(format, &mut out, (&saved, "plan.json"), style).expect("a report");
        }
    }
    words.chars().filter(|one| !one.is_ascii_digit()).take(60).collect()
}

pub(super) fn journal(input: &[u8]) -> String {
    match apply::History::parse(input) {
        Ok(history) => format!("{} {} {}", history.doubtful().len(), history.ended(), history.damaged_at().is_some()),
        Err(error) => error.to_string(),
    }
}

pub(super) fn answer(input: &[u8]) -> String {
    let words = crate::api::read_answer(input);
    words.chars().filter(|one| !one.is_ascii_digit()).take(60).collect()
}

pub(super) fn estate(input: &[u8]) -> String {
    match Estate::parse(&String::from_utf8_lossy(input), "estate.yaml") {
        Ok(estate) => Sandbox::open(SandboxOptions::new(estate)).is_ok().to_string(),
        Err(error) => error.to_string().chars().filter(|one| !one.is_ascii_digit()).take(60).collect(),
    }
}

pub(super) fn faults(input: &[u8]) -> String {
    let read = [Faults::parse(&String::from_utf8_lossy(input), "faults.yaml"), Faults::parse_json(input)];
    let words = read.map(|read| read.map_or_else(|error| error.to_string(), |_| "read".to_owned())).concat();
    words.chars().filter(|one| !one.is_ascii_digit()).take(80).collect()
}
