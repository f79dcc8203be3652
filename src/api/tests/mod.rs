//! The client over real sockets, against a server that says what each test wants.

mod met;
mod reading;
mod server;
mod session;
mod writing;

use std::time::Duration;

use super::*;
use crate::model::{Device, Locale, Partition, Telsys};
use server::Server;

/// An id as the server gives them.
const ID: &str = "a21abf960a398ee2:7b73f31a:198d18707a9:6e88";

fn options(server: &Server, auth: Auth<SecretString>) -> Options {
    Options {
        activity: super::Activity::default(),
        url: ServerUrl::new(&server.url).expect("a URL"),
        ca: None,
        certificate: None,
        proxies: BTreeMap::new(),
        auth,
        sensitive: Vec::new(),
        parallelism: Parallelism::Fixed(8),
        timeout: Duration::from_secs(20),
        deadline: None,
        stop: CancellationToken::new(),
        meter: None,
        retries: 1,
        max_body: 64 << 20,
        user_agent: "icsync-test".to_owned(),
        seed: 7,
    }
}

async fn with_key(server: &Server) -> Client {
    Client::connect(options(server, Auth::ApiKey("hunter2".into()))).await.expect("a client")
}

fn login() -> Auth<SecretString> {
    Auth::Login { username: "anne".into(), password: "pass:wörd".into(), locale: Locale::EnGb }
}

fn scope() -> Scope {
    Scope {
        telsys: Telsys::One(417),
        partition: Partition::One(1),
        device: Device::from_text("+44").expect("a device"),
    }
}

fn id() -> ClientId {
    ClientId::from_server(ID).expect("an id")
}

/// The answer of Info about [`id`] in [`scope`], with more fields.
fn info(more: &str) -> String {
    format!(
        r#"{{"Result":"Success","Data":{{"ID":"{ID}","TelSysID":"417","PartitionID":"1","DeviceNumber":"+44"{more}}}}}"#
    )
}

/// An empty list.
const NO_ROWS: &str = r#"{"Result":"Success","Data":{"Total":0,"Items":[],"Offset":0}}"#;
