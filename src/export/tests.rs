use super::*;
use crate::model::*;

fn client(id: &str, device: &str, settings: &[(&str, serde_json::Value)]) -> LiveClient {
    LiveClient {
        id: ClientId::from_server(id).unwrap(),
        scope: Scope {
            telsys: Telsys::One(417),
            partition: Partition::One(1),
            device: Device::from_text(device).unwrap(),
        },
        description: Observed::Known("Costs ${5} \"net\"\u{1b}".to_owned()),
        cm_environment_id: Observed::Known(String::new()),
        policies: Observed::Known(Entries::new()),
        settings: Observed::Known(
            settings.iter().map(|(key, value)| (Arc::from(*key), Json::from(value.clone()))).collect(),
        ),
        labels: Labels {
            telsys: Some("Sunshine Insurance".into()),
            device: Some("Anne Hunter".into()),
            ..Labels::default()
        },
        detail: Detail::Read,
    }
}

#[test]
fn an_exported_client_is_a_pinned_definition_with_every_text_quoted() {
    let one = client("00000000000000aa:1:1:1", "01234567120", &[("crm::password", "s".into()), ("b", "no".into())]);
    let sensitive = [FieldPattern::new("settings.crm::password").unwrap()];
    let export = export(&[&one], &BTreeSet::new(), &sensitive, (Layout::Plain, Hidden::List));
    insta::assert_snapshot!(export.files["417/sunshine-insurance-anne-hunter.yaml"], @r#"
    kind: IntegratorClient
    name: sunshine-insurance-anne-hunter
    scope: { telsys: 417, partition: 1, device: "01234567120" }
    id: "00000000000000aa:1:1:1"
    description: "Costs $${5} \"net\"\u001b"
    policies: {}
    settings:
      "b": "no"
      "crm::password": "${env.SUNSHINE_INSURANCE_ANNE_HUNTER_SETTINGS_CRM__PASSWORD}"
    "#);
    assert_eq!(export.variables.len(), 1);
}

#[test]
fn equal_names_get_a_tail_made_of_the_id() {
    let (one, two) = (client("00000000000000aa:1:1:1", "1x", &[]), client("00000000000000bb:1:1:1", "2x", &[]));
    let export = export(&[&one, &two], &BTreeSet::new(), &[], (Layout::Plain, Hidden::List));
    let files: Vec<_> = export.files.keys().collect();
    assert_eq!(
        files,
        [
            "417/sunshine-insurance-anne-hunter-00000000000000aa-1-1-1.yaml",
            "417/sunshine-insurance-anne-hunter-00000000000000bb-1-1-1.yaml"
        ]
    );
}

#[test]
fn what_many_clients_share_becomes_a_profile() {
    let patterns = 5;
    let clients: Vec<LiveClient> = (0..1000)
        .map(|number| {
            let pattern = number % patterns;
            let own = format!("own::{number}");
            let shared = format!("shared::{pattern}::a");
            let other = format!("shared::{pattern}::b");
            client(
                &format!("00000000000000aa:1:1:{number:x}"),
                &format!("0{number}"),
                &[(&own, number.into()), (&shared, pattern.into()), (&other, true.into())],
            )
        })
        .collect();
    let references: Vec<&LiveClient> = clients.iter().collect();
    let export = export(&references, &BTreeSet::new(), &[], (Layout::AsProfiles, Hidden::List));
    let profiles: Vec<_> = export.files.iter().filter(|(path, _)| path.starts_with("profiles/")).collect();
    assert_eq!(profiles.len(), patterns);
    assert!(profiles.iter().all(|(_, text)| text.matches("shared::").count() == 2));
    assert!(
        export.files.values().filter(|text| text.contains("kind: Integrator")).all(|text| !text.contains("shared::"))
    );
}
