//! What the pure parts cost by themselves: `just bench-parts` runs it in a release build. Figures of shared machines mean
//! nothing by themselves: compare the lines of one run.

use std::collections::BTreeMap;

use divan::{Bencher, Divan};

use crate::document::{PlanV1, SavedPlan};
use crate::fixture::{self, World};
use crate::manifest::{self, Emptiness, EnvironmentVariables, LoadedTree, Memory};
use crate::model::{DeclaredEntries, Definition, Detail, Entries, LiveClient, Nullable, Observed, Payload, Spec};
use crate::plan;
use crate::report::{self, Colour, Format, Grouping, Hosted, Style};

/// How many clients there are.
const CLIENTS: [usize; 3] = [1_000, 10_000, 100_000];
/// How many policies and settings each has.
const POLICIES: usize = 20;
const SETTINGS: usize = 30;
/// One of so many live clients differs from its definition.
const SHARE_DIFFERING: usize = 10;
/// So often each part runs.
const SAMPLES: u32 = 3;

#[test]
#[ignore = "a benchmark, which `just bench-parts` runs in a release build"]
fn parts() {
    Divan::default().sample_count(SAMPLES).run_benches();
}

const CONFIGURATION: &str = "kind: Config\ntargets:\n  test:\n    url: https://ccs.example.com\n    auth: { api_key: { env: CCS_API_KEY } }\n\
                             manage: [{ telsys: 417 }]\n";

/// Policies and settings, indented by so many blanks.
fn entries(indent: usize) -> String {
    let blanks = " ".repeat(indent);
    let field = |name: &str, keys: usize| {
        let lines: Vec<_> =
            (0..keys).map(|key| format!("{blanks}  \"core::{name}{key}\": \"value {key}\"\n")).collect();
        format!("{blanks}{name}:\n{}", lines.concat())
    };
    field("policies", POLICIES) + &field("settings", SETTINGS)
}

/// A tree with one file for each client.
fn files(clients: usize) -> BTreeMap<String, String> {
    let client = |number: usize| {
        let text = format!(
            "kind: IntegratorClient\nname: desk-{number:06}\nscope: {{ telsys: 417, partition: 1, device: \"0123{number:06}\" }}\n\
             description: Desk {number}\n{}",
            entries(0)
        );
        (format!("clients/desk-{number:06}.yaml"), text)
    };
    with_configuration((0..clients).map(client))
}

/// A tree of one fleet with a table.
fn fleet(clients: usize) -> BTreeMap<String, String> {
    let rows: Vec<_> = (0..clients).map(|number| format!("{number:06},0123{number:06}\n")).collect();
    let fleet = format!(
        "kind: Fleet\nname: desk\nscope: {{ telsys: 417, partition: 1 }}\n\
         devices_from: {{ csv: desks.csv, column: number, key: seat }}\ntemplate:\n  description: \"Desk ${{device}}\"\n{}",
        entries(2)
    );
    let table = format!("seat,number\n{}", rows.concat());
    with_configuration([("clients/desks.csv".to_owned(), table), ("clients/desks.yaml".to_owned(), fleet)].into_iter())
}

fn with_configuration(files: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    files.chain([("icsync.yaml".to_owned(), CONFIGURATION.to_owned())]).collect()
}

fn load(files: &BTreeMap<String, String>) -> LoadedTree {
    let loaded = manifest::load_all(
        &Memory(files),
        "icsync.yaml",
        None,
        &EnvironmentVariables::from_iter([]),
        Emptiness::Refused,
    );
    loaded.expect("a tree without mistakes")
}

/// Both sides of an estate, of which some clients differ.
fn estate(clients: usize) -> World {
    let desired = load(&fleet(clients)).desired;
    let live = desired.definitions().enumerate().map(|(number, definition)| {
        let mut row = shown(definition);
        if number % SHARE_DIFFERING == 0 {
            row.content.description = Observed::Known(format!("Desk of {number}").as_str().into());
        }
        (row.id.clone(), Box::new(row))
    });
    let mut world = World::empty();
    world.live.clients = live.collect();
    World { desired, ..world }
}

/// Makes the live client that is as its definition says.
fn shown(definition: &Definition) -> LiveClient {
    let Spec { description, policies, settings, .. } = &definition.spec;
    let values = |entries: &Option<DeclaredEntries>| -> Nullable<Entries> {
        entries.as_ref().map(|entries| entries.values().clone()).unwrap_or_default().into()
    };
    let content = Payload {
        description: description.as_ref().map(|text| text.value.clone()).unwrap_or_default(),
        policies: values(policies),
        settings: values(settings),
        ..Payload::default()
    };
    let scope = definition.scope.clone();
    LiveClient {
        scope,
        content: fixture::seen(content),
        detail: Detail::Read,
        ..fixture::row("", definition.name.as_str(), &[])
    }
}

fn style() -> Style<'static> {
    Style { colour: Colour::Never, grouping: Grouping::Grouped, folder: "", width: None, hosted: Hosted::NOWHERE }
}

#[divan::bench(args = CLIENTS)]
fn parse(bencher: Bencher<'_, '_>, clients: usize) {
    let files = files(clients);
    bencher.bench_local(|| load(&files));
}

#[divan::bench(args = CLIENTS)]
fn expand(bencher: Bencher<'_, '_>, clients: usize) {
    let files = fleet(clients);
    bencher.bench_local(|| load(&files));
}

#[divan::bench(args = CLIENTS)]
fn bind(bencher: Bencher<'_, '_>, clients: usize) {
    let World { desired, live, policy } = estate(clients);
    bencher.bench_local(|| plan::bind(&desired, &live, &policy));
}

#[divan::bench(args = CLIENTS)]
fn diff(bencher: Bencher<'_, '_>, clients: usize) {
    let World { desired, live, .. } = estate(clients);
    let rows: BTreeMap<_, _> = live.clients.values().map(|row| (&row.scope, row)).collect();
    let differing = |one: &Definition| !plan::value_differences(one, rows[&one.scope]).is_empty();
    bencher.bench_local(|| desired.definitions().filter(|one| differing(one)).count());
}

#[divan::bench(args = CLIENTS)]
fn bind_diff_and_order(bencher: Bencher<'_, '_>, clients: usize) {
    let world = estate(clients);
    bencher.bench_local(|| world.plan());
}

#[divan::bench(args = CLIENTS)]
fn order(bencher: Bencher<'_, '_>, clients: usize) {
    let steps = estate(clients).plan().steps;
    bencher.with_inputs(|| steps.clone()).bench_local_values(plan::order);
}

/// A plan of so many clients in a format.
#[derive(Debug)]
struct PlanIn(Format, usize);

fn plans() -> impl Iterator<Item = PlanIn> {
    Format::ALL.into_iter().flat_map(|format| CLIENTS.map(|clients| PlanIn(format, clients)))
}

#[divan::bench(args = plans())]
fn group_and_render(bencher: Bencher<'_, '_>, PlanIn(format, clients): &PlanIn) {
    let document = estate(*clients).document();
    bencher.bench_local(|| rendered(*format, &document));
}

fn rendered(format: Format, document: &PlanV1) -> Vec<u8> {
    let mut out = Vec::new();
    report::plan(format, &mut out, document, style()).expect("a buffer");
    out
}

#[divan::bench(args = CLIENTS)]
fn write_plan_file(bencher: Bencher<'_, '_>, clients: usize) {
    let world = estate(clients);
    let mut document = world.document();
    bencher
        .bench_local(|| document.while_saved((&world.policy.sensitive.key, None), fixture::bytes).expect("a document"));
}

#[divan::bench(args = CLIENTS)]
fn read_plan_file(bencher: Bencher<'_, '_>, clients: usize) {
    let world = estate(clients);
    let saved = world.document().while_saved((&world.policy.sensitive.key, None), fixture::bytes).expect("a document");
    bencher.bench_local(|| SavedPlan::parse(&saved, None).expect("a plan"));
}
