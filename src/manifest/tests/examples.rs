//! What is read from files without mistakes.

use super::*;

#[test]
fn a_client_is_read_with_every_key() {
    let tree = Tree::of(
        r#"# yaml-language-server: $schema=../schemas/definition.schema.json
kind: IntegratorClient
name: sunshine-reception
scope: { telsys: 417, partition: 1, device: "01234567120" }
id: "a21abf960a398ee2:7b73f31a:198d18707a9:6e88"
description: Config Access Allowed
cm_environment_id: "d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613"
profiles: [base]
policies: { "core::showUseConfigurationWindow": true }
settings: { "interface::showCallNotificationPreview": true }
owns: { settings: listed }
ignore: ["description", "settings.interface::*"]
state: present
---
kind: Profile
name: base
extends: []
settings: { "interface::showMissedCallPreview": true }
"#,
    );
    let desired = tree.desired();
    let client = desired.clients.values().next().expect("a client");
    assert_eq!(client.scope.to_string(), "417/1/01234567120");
    assert_eq!(client.at.to_string(), "clients/a.yaml:2");
    assert_eq!(*client.profiles, ["base".into()]);
    insta::assert_snapshot!(shown(client).join("\n"), @r#"
    description = "Config Access Allowed" (clients/a.yaml:6:1)
    cm_environment_id = "d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613" (clients/a.yaml:7:1)
    policies.core::showUseConfigurationWindow = true (clients/a.yaml:9)
    settings.interface::showCallNotificationPreview = true (clients/a.yaml:10)
    settings.interface::showMissedCallPreview = true (clients/a.yaml:18)
    "#);
}
