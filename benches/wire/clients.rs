//! The clients of all cases, as files and as answers say them.

use tempfile::TempDir;

/// How many policies and settings a client has, and how many of the settings are its own.
const POLICIES: usize = 20;
const SETTINGS: usize = 30;
const OWN_SETTINGS: usize = 3;

/// Makes a repository with one file for each client, and the servers at a URL.
pub(crate) fn repository(clients: usize, (url, servers): (&str, Servers)) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    let managed: Vec<_> = servers.all(clients).map(|telsys| format!("{{ telsys: {telsys} }}")).collect();
    let configuration = format!(
        "kind: Config\ntargets:\n  bench:\n    url: {url}\n    auth: {{ api_key: {{ env: CCS_API_KEY }} }}\nmanage: [{}]\n",
        managed.join(", ")
    );
    std::fs::write(folder.path().join("icsync.yaml"), configuration).expect("a configuration");
    for client in 0..clients {
        let (telsys, number) = (servers.of(client), format!("{client:06}"));
        let list = |field, keys| {
            let lines: Vec<_> =
                (0..keys).map(|key| format!("  {}: {}\n", name(field, key), value(field, key, &number))).collect();
            format!("{field}:\n{}", lines.concat())
        };
        let text = format!(
            "kind: IntegratorClient\nname: desk-{number}\nscope: {{ telsys: {telsys}, partition: 1, device: \"0123{number}\" }}\n\
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
pub(crate) fn estate(clients: usize, servers: Servers, stock: Stock) -> String {
    let devices = |telsys| {
        let own = (0..clients).filter(move |client| servers.of(*client) == telsys);
        own.map(|client| format!("{{ number: \"0123{client:06}\" }}")).collect::<Vec<_>>().join(", ")
    };
    let server =
        |telsys| format!("  - {{ id: {telsys}, partitions: [{{ id: 1, devices: [{}] }}] }}\n", devices(telsys));
    let client = |client: usize| {
        let number = format!("{client:06}");
        format!(
            "  - {{ id: \"a21abf960a398ee2:7b73f31a:198d18707a9:{client:x}\", telsys: {}, partition: 1, device: \"0123{number}\", \
             description: Before, policies: {}, settings: {} }}\n",
            servers.of(client),
            object("policies", POLICIES, &number),
            object("settings", SETTINGS, &number)
        )
    };
    let rows: String = if stock == Stock::Before { (0..clients).map(client).collect() } else { String::new() };
    format!(
        "telephony_servers:\n{}users: [{{ username: bench, password: bench, api_key: key }}]\n{}{rows}",
        servers.all(clients).map(server).collect::<String>(),
        if stock == Stock::Before { "clients:\n" } else { "" }
    )
}

/// How many telephony servers there are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Servers {
    /// One for all clients.
    One,
    /// One for each hundred.
    Many,
}

impl Servers {
    fn of(self, client: usize) -> usize {
        match self {
            Self::One => 417,
            Self::Many => 417 + client / 100,
        }
    }

    fn all(self, clients: usize) -> std::ops::RangeInclusive<usize> {
        417..=self.of(clients.saturating_sub(1))
    }
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
