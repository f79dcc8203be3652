//! The clients of all cases, as files and as answers say them.

use tempfile::TempDir;

/// How many policies and settings a client has, and how many of the settings are its own.
const POLICIES: usize = 20;
const SETTINGS: usize = 30;
const OWN_SETTINGS: usize = 3;

/// Makes a repository with one file for each client, all on one telephony server, and the API at a URL.
pub(crate) fn repository(clients: usize, url: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    let configuration = format!(
        "kind: Config\ntargets:\n  bench:\n    url: {url}\n    auth: {{ api_key: {{ env: CCS_API_KEY }} }}\n\
         manage: [{{ telsys: 417 }}]\n"
    );
    std::fs::write(folder.path().join("icsync.yaml"), configuration).expect("a configuration");
    for client in 0..clients {
        let number = format!("{client:06}");
        let list = |field, keys| {
            let lines: Vec<_> =
                (0..keys).map(|key| format!("  {}: {}\n", name(field, key), value(field, key, &number))).collect();
            format!("{field}:\n{}", lines.concat())
        };
        let text = format!(
            "kind: IntegratorClient\nname: desk-{number}\nscope: {{ telsys: 417, partition: 1, device: \"0123{number}\" }}\n\
             description: Desk {number}\n{}{}",
            list("policies", POLICIES),
            list("settings", SETTINGS)
        );
        std::fs::write(folder.path().join(format!("clients/desk-{number}.yaml")), text).expect("a definition");
    }
    folder
}

/// What a sandbox begins with besides devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stock {
    Empty,
    /// All clients, as they were before their descriptions were changed in git.
    Before,
}

/// Says what exists in a sandbox.
pub(crate) fn estate(clients: usize, stock: Stock) -> String {
    let devices: Vec<_> = (0..clients).map(|client| format!("{{ number: \"0123{client:06}\" }}")).collect();
    let client = |client: usize| {
        let number = format!("{client:06}");
        format!(
            "  - {{ id: \"a21abf960a398ee2:7b73f31a:198d18707a9:{client:x}\", telsys: 417, partition: 1, device: \"0123{number}\", \
             description: Before, policies: {}, settings: {} }}\n",
            object("policies", POLICIES, &number),
            object("settings", SETTINGS, &number)
        )
    };
    let rows: String = if stock == Stock::Before { (0..clients).map(client).collect() } else { String::new() };
    format!(
        "telephony_servers:\n  - {{ id: 417, partitions: [{{ id: 1, devices: [{}] }}] }}\n\
         users: [{{ username: bench, password: bench, api_key: key }}]\n{}{rows}",
        devices.join(", "),
        if stock == Stock::Before { "clients:\n" } else { "" }
    )
}

/// A key in quotes, so that the alphabet has the order of the numbers.
fn name(field: &str, key: usize) -> String {
    format!("\"core::{field}{key:02}\"")
}

/// A value as YAML and JSON write it.
fn value(field: &str, key: usize, number: &str) -> String {
    match key % 3 {
        _ if field == "settings" && key < OWN_SETTINGS => format!("\"value {key} of desk {number}\""),
        0 => "true".to_owned(),
        1 => format!("\"value {key}\""),
        _ => key.to_string(),
    }
}

/// `Policies` or `Settings` of a client.
fn object(field: &str, keys: usize, number: &str) -> String {
    let entries: Vec<_> = (0..keys).map(|key| format!("{}: {}", name(field, key), value(field, key, number))).collect();
    format!("{{{}}}", entries.join(","))
}

/// A client as Info and List show it.
pub(crate) fn row(number: &str, shows_all: bool) -> String {
    let details = format!(
        ",\"CMEnvironmentID\":null,\"Policies\":{},\"Settings\":{}",
        object("policies", POLICIES, number),
        object("settings", SETTINGS, number)
    );
    format!(
        "{{\"TelSysID\":417,\"PartitionID\":1,\"DeviceNumber\":\"0123{number}\",\"ID\":\"a21abf960a398ee2:7b73f31a:198d18707a9:{number}\",\
         \"Description\":\"Desk {number}\",\"DeviceDescription\":\"Desk {number}\",\"TelSysDescription\":\"Sunshine\",\
         \"PartitionDescription\":\"Main\"{}}}",
        if shows_all { &details } else { "" }
    )
}
