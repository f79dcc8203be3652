//! What `icsync schema` prints is what is published under `schemas/`.

use crate::world::{Run, World};

#[test]
fn published_schemas_are_what_the_command_prints() {
    let world = World::in_sync();
    for document in ["config", "definition", "keys", "plan", "report", "estate", "faults"] {
        let Run { stdout, .. } = world.run(&["schema", document]).expect(0);
        let path = format!("{}/schemas/{document}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stdout == published, "write it anew: cargo run -- schema {document} > schemas/{document}.schema.json");
    }
    world.run(&["schema", "nonsense"]).expect(64);
}
