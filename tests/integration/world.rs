//! A world for a test: a folder with definitions, a sandbox that is observed, and the real binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use icsync::sandbox::{Estate, Faults, Operation, RequestRecord, Running, Sandbox, SandboxOptions};
use serde_json::Value;
use tokio::runtime::Runtime;

/// An estate with one telephony server of one partition, some devices and a second server that is nobody's business.
pub(crate) const ESTATE: &str = r#"
telephony_servers:
  - id: 417
    description: Sunshine Insurance
    partitions:
      - id: 1
        description: Sunshine Insurance
        devices:
          - { number: "01", description: One }
          - { number: "02", description: Two }
          - { number: "03", description: Three }
          - { number: "+44", description: Plus }
  - id: 426
    description: MST
    partitions: [{ id: 1, description: MST }]
cm_environments: ["d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613"]
users:
  - { username: admin, password: secret-word, api_key: test-key }
  - { username: reader, password: secret-word, api_key: read-key, access: read_only }
  - { username: narrow, password: secret-word, api_key: narrow-key, rights: { telsys: 417, partition: 1 } }
clients:
  - id: "00000000000000aa:1:1:1"
    telsys: 417
    partition: 1
    device: "01"
    description: one
    policies: { "core::a": true }
    settings: { "ui::a": true, "ui::b": "text" }
  - id: "00000000000000bb:1:1:1"
    telsys: 426
    partition: 1
    description: foreign
    settings: { "x": 1 }
"#;

/// The definition of the estate's first client as it is.
pub(crate) const ONE: &str = r#"
kind: IntegratorClient
name: one
scope: { telsys: 417, partition: 1, device: "01" }
description: one
policies: { "core::a": true }
settings: { "ui::a": true, "ui::b": text }
"#;

/// A folder, a sandbox and the binary.
pub(crate) struct World {
    folder: tempfile::TempDir,
    runtime: Runtime,
    running: Running,
    variables: BTreeMap<String, String>,
}

/// What a run of the binary left behind.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code.
    pub(crate) code: i32,
    /// Everything on stdout.
    pub(crate) stdout: String,
    /// Everything on stderr.
    pub(crate) stderr: String,
}

impl Run {
    /// Reads stdout as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Makes sure of the exit code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl World {
    /// Starts the usual estate in a folder with one definition that is in sync.
    pub(crate) fn in_sync() -> Self {
        let world = Self::of(ESTATE);
        world.write("clients/one.yaml", ONE);
        world
    }

    /// Starts an estate in a folder without definitions.
    pub(crate) fn of(estate: &str) -> Self {
        Self::start(SandboxOptions::new(Estate::parse(estate, "estate.yaml").expect("an estate")))
    }

    /// Starts a sandbox in a folder without definitions.
    pub(crate) fn start(options: SandboxOptions) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let running = runtime.block_on(Sandbox::spawn(options)).expect("a sandbox");
        let folder = tempfile::tempdir().expect("a folder");
        let variables = BTreeMap::from([("CCS_API_KEY".to_owned(), "test-key".to_owned())]);
        let world = Self { folder, runtime, running, variables };
        world.configure("manage: [{telsys: 417}]");
        world
    }

    /// Writes the configuration; `rest` is what comes after the target.
    pub(crate) fn configure(&self, rest: &str) {
        self.configure_auth("{api_key: {env: CCS_API_KEY}}", rest);
    }

    /// Writes the configuration with a way to log in.
    pub(crate) fn configure_auth(&self, auth: &str, rest: &str) {
        let url = self.running.url();
        let text = format!(
            "kind: Config\ndefault_target: test\ntargets:\n  test:\n    url: {url}\n    auth: {auth}\n{rest}\n"
        );
        self.write("icsync.yaml", &text);
    }

    /// Writes a file below the folder.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Replaces text in a file, which has to be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is not in {text}");
        self.write(path, &text.replace(from, to));
    }

    /// Reads a file below the folder.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).expect("a file")
    }

    /// Removes a file below the folder.
    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).expect("a file");
    }

    /// Gives a path below the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Sets an environment variable for the binary.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Prepares the binary in the folder, with a scrubbed environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary(self.folder.path());
        command.envs(&self.variables).args(arguments);
        command
    }

    /// Runs the binary in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().expect("the binary").into()
    }

    /// Plans, and gives what stands on stdout.
    pub(crate) fn plan(&self) -> String {
        let Run { stdout, .. } = self.run(&["plan"]).expect(0);
        stdout.replace(self.running.url(), "http://sandbox")
    }

    /// Applies without asking.
    pub(crate) fn apply(&self) -> Run {
        self.run(&["apply", "--auto-approve"])
    }

    /// Makes sure that nothing is left to do.
    #[track_caller]
    pub(crate) fn assert_in_sync(&self) {
        self.run(&["plan", "--detailed-exitcode"]).expect(0);
    }

    /// Gives every client of the sandbox with its true scope.
    pub(crate) fn state(&self) -> Value {
        self.running.sandbox().state()
    }

    /// Gives the clients of the sandbox of one telephony server.
    pub(crate) fn clients(&self, telsys: i64) -> Vec<Value> {
        let state = self.state();
        let clients = state["clients"].as_array().expect("a list of clients");
        clients.iter().filter(|client| client["scope"]["telsys"] == telsys).cloned().collect()
    }

    /// Gives how often an operation was asked for since the last call of [`forget`](Self::forget).
    pub(crate) fn count(&self, operation: Operation) -> u64 {
        self.running.sandbox().records().count(operation)
    }

    /// Gives how often something was written.
    pub(crate) fn writes(&self) -> u64 {
        [Operation::Add, Operation::Change, Operation::Delete].into_iter().map(|one| self.count(one)).sum()
    }

    /// Writes each request that the sandbox got.
    pub(crate) fn records(&self, write: impl Fn(&RequestRecord) -> String) -> Vec<String> {
        self.running.sandbox().records().requests().map(write).collect()
    }

    /// Forgets the requests so far.
    pub(crate) fn forget(&self) {
        self.running.sandbox().clear_records();
    }

    /// Puts faults in place.
    pub(crate) fn faults(&self, yaml: &str) {
        self.running.sandbox().set_faults(Faults::parse(yaml, "faults.yaml").expect("faults"));
    }

    /// Limits what the user of the key may read; the user may write everything.
    pub(crate) fn limit(&self, read: &Value) {
        let limits = serde_json::json!({ "rights": { "read": read, "write": [{}] } });
        let limits = serde_json::from_value(limits).expect("limits");
        self.running.sandbox().limit("admin", limits).expect("a user");
    }

    /// Gives the server's URL.
    pub(crate) fn url(&self) -> &str {
        self.running.url()
    }

    /// Reads from a server, and gives the status and the text.
    pub(crate) fn get(&self, url: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let request = headers.iter().fold(client().get(url), |request, (name, value)| request.header(*name, *value));
        self.runtime.block_on(async {
            let response = request.send().await.expect("an answer");
            (response.status().as_u16(), response.text().await.expect("a text"))
        })
    }

    /// Asks a server by any method, and gives the status.
    pub(crate) fn ask(&self, method: &str, url: &str) -> u16 {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let response = self.runtime.block_on(client().request(method, url).send()).expect("an answer");
        response.status().as_u16()
    }

    /// Sends a request of somebody else to the sandbox, and gives its status.
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> u16 {
        let client = client();
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let request = client.request(method, format!("{}/CCS/API/v1/admin/{path}", self.url()));
        let request = request.header("x-api-key", "test-key").header("content-type", "application/json");
        let response = self.runtime.block_on(request.body(body.to_owned()).send()).expect("an answer");
        response.status().as_u16()
    }
}

/// Prepares the binary in a folder, with a scrubbed environment.
pub(crate) fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_icsync"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(folder).env_clear().env("PATH", path).env("HOME", folder).stdin(std::process::Stdio::null());
    command
}

fn client() -> reqwest::Client {
    // A second installation in one process keeps the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}
