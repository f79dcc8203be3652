use std::sync::Arc;

use super::*;
use crate::fixture::{seen, sensitive};
use crate::model::*;

fn client(id: &str, device: &str, settings: &[(&str, serde_json::Value)]) -> LiveClient {
    LiveClient {
        id: ClientId::from_server(id).unwrap(),
        scope: Scope {
            telsys: Telsys::One(417),
            partition: Partition::One(1),
            device: Device::from_text(device).unwrap(),
        },
        content: seen(Payload {
            description: "Costs ${5} \"net\"\u{1b}".into(),
            settings: settings.iter().map(|(key, value)| (Arc::from(*key), Json::from(value.clone()))).collect(),
            ..Payload::default()
        }),
        labels: Labels {
            telsys: Some("Sunshine Insurance".into()),
            device: Some("Anne Hunter".into()),
            ..Labels::default()
        },
        detail: Detail::Read,
    }
}

fn run(clients: &[&LiveClient], taken: &Taken, patterns: &[&str], layout: Layout) -> Export {
    export(clients, taken, &sensitive(patterns), (layout, HiddenScopes::List, SensitiveForm::Variables))
}

fn profiles_of(clients: &[LiveClient]) -> Vec<String> {
    let export = run(&clients.iter().collect::<Vec<_>>(), &Taken::default(), &[], Layout::AsProfiles);
    export.files.into_iter().filter(|(path, _)| path.starts_with("clients/profiles/")).map(|(_, text)| text).collect()
}

#[test]
fn an_exported_client_is_a_pinned_definition_whose_texts_cannot_be_misread() {
    let one = client("00000000000000aa:1:1:1", "01234567120", &[("crm::password", "s".into()), ("b", "no".into())]);
    let export = run(&[&one], &Taken::default(), &["settings.crm::password"], Layout::Plain);
    insta::assert_snapshot!(export.files["clients/417/sunshine-insurance-anne-hunter.yaml"], @r#"
    kind: IntegratorClient
    name: sunshine-insurance-anne-hunter
    scope: {telsys: 417, partition: 1, device: "01234567120"}
    id: "00000000000000aa:1:1:1"
    description: "Costs $${5} \"net\"\u001b"
    cm_environment_id: ""
    policies: {}
    settings:
      "b": "no"
      "crm::password": "${env.SUNSHINE_INSURANCE_ANNE_HUNTER_SETTINGS_CRM__PASSWORD}"
    "#);
    assert_eq!(export.variables.len(), 1);
    for (path, text) in &export.files {
        assert_eq!(crate::manifest::format(path, text).ok().as_ref(), Some(text), "`icsync fmt` leaves it as it is");
    }
}

#[test]
fn equal_names_get_a_tail_made_of_the_id() {
    let (one, two) = (client("00000000000000aa:1:1:1", "1x", &[]), client("00000000000000bb:1:1:1", "2x", &[]));
    let export = run(&[&one, &two], &Taken::default(), &[], Layout::Plain);
    let files: Vec<_> = export.files.keys().collect();
    assert_eq!(
        files,
        [
            "clients/417/sunshine-insurance-anne-hunter-00000000000000aa-1-1-1.yaml",
            "clients/417/sunshine-insurance-anne-hunter-00000000000000bb-1-1-1.yaml"
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
    let export = run(&references, &Taken::default(), &[], Layout::AsProfiles);
    let profiles = profiles_of(&clients);
    assert_eq!(profiles.len(), patterns);
    assert!(profiles.iter().all(|text| text.matches("shared::").count() == 2));
    assert!(
        export.files.values().filter(|text| text.contains("kind: Integrator")).all(|text| !text.contains("shared::"))
    );
}

#[test]
fn an_environment_that_all_clients_of_a_profile_have_stands_in_the_profile_alone() {
    let make = |id: usize, environment: &str| {
        let settings = [("a", 1.into()), ("b", 2.into()), ("c", 3.into())];
        let mut one = client(&format!("00000000000000aa:1:1:{id}"), &format!("{id}x"), &settings);
        one.content.cm_environment_id = Observed::Known(environment.into());
        one
    };
    let same = "d6d6c5a5f0f90d60:-15617a00:169f533f6d5:5613";
    let shared = [make(1, same), make(2, same), make(3, same)];
    let export = run(&shared.iter().collect::<Vec<_>>(), &Taken::default(), &[], Layout::AsProfiles);
    let having: Vec<&String> =
        export.files.iter().filter(|(_, text)| text.contains(same)).map(|(path, _)| path).collect();
    assert_eq!(having, ["clients/profiles/shared-a.yaml"]);
    let apart = [make(1, same), make(2, same), make(3, "")];
    assert!(profiles_of(&apart).iter().all(|text| !text.contains("cm_environment_id")), "one has another");
}

#[test]
fn patterns_with_common_parts_and_exceptions_and_chance_are_found_all_the_same() {
    let clients: Vec<LiveClient> = (0..1000_usize)
        .map(|number| {
            let pattern = number % 5;
            let names: Vec<String> = (0..8).map(|key| format!("p{pattern}::{key}")).collect();
            // One client in seven has another value for one key of its pattern.
            let value = |key: usize| if number % 7 == 0 && key == number % 8 { "own".into() } else { pattern.into() };
            let mut settings: Vec<(&str, serde_json::Value)> =
                names.iter().enumerate().map(|(key, name)| (name.as_str(), value(key))).collect();
            settings.push(("everywhere", true.into()));
            settings.push(("some", (pattern < 2).into()));
            settings.push(("chance", (number * number % 11 < 5).into()));
            client(&format!("00000000000000aa:1:1:{number:x}"), &format!("0{number}"), &settings)
        })
        .collect();
    let profiles = profiles_of(&clients);
    assert_eq!(profiles.len(), 6, "{}", profiles.join("\n---\n"));
    let whole = profiles.iter().filter(|text| text.matches("::").count() == 8).count();
    assert_eq!(whole, 5, "{}", profiles.join("\n---\n"));
}

#[test]
fn names_scopes_profiles_and_files_that_git_has_are_left_alone() {
    let make = |id: usize, device: &str| {
        client(&format!("00000000000000aa:1:1:{id}"), device, &[("a", 1.into()), ("b", 2.into()), ("c", 3.into())])
    };
    let clients = [make(1, "1x"), make(2, "2x"), make(3, "3x"), make(4, "4x")];
    let name = |tail: &str| format!("sunshine-insurance-anne-hunter-00000000000000aa-1-1-{tail}");
    let taken = Taken {
        names: [ClientName::new(&name("2")).unwrap()].into(),
        scopes: [clients[0].scope.clone()].into(),
        profiles: ["shared-a".to_owned()].into(),
        files: [format!("clients/417/{}.yaml", name("3")), "clients/profiles/shared-a-2.yaml".to_owned()].into(),
    };
    let export = run(&clients.iter().collect::<Vec<_>>(), &taken, &[], Layout::AsProfiles);
    let names: Vec<_> = export.clients.iter().map(ClientName::as_str).collect();
    assert_eq!(names, [name("2-2"), name("3-2"), name("4")]);
    assert!(export.files.contains_key("clients/profiles/shared-a-3.yaml"), "{:?}", export.files.keys());
    assert!(export.left_out[0].contains("has its scope"), "{:?}", export.left_out);
}

#[test]
fn sensitive_values_never_reach_a_file_or_a_name() {
    let mut one = client(
        "00000000000000aa:1:1:1",
        "UnknownNoneOrAll",
        &[("x::a", "word-one".into()), ("x__a", "word-two".into()), ("x::[n]", 12_345.into())],
    );
    one.content.description = Observed::Known("Hidden words".into());
    let export = run(&[&one], &Taken::default(), &["description", "settings.x*"], Layout::Plain);
    let text = format!("{export:?}");
    assert!(["word-one", "word-two", "12345", "idden"].iter().all(|word| !text.contains(word)), "{text}");
    assert_eq!(export.variables.len(), 3);
    assert!(text.contains("settings.x::[[]n[]]"), "{text}");
}

#[test]
fn a_client_whose_device_number_no_definition_can_hold_is_left_out_and_named() {
    let (fine, odd) = (client("00000000000000aa:1:1:1", "01", &[]), client("00000000000000aa:1:1:2", "Room 7/8", &[]));
    let export = run(&[&fine, &odd], &Taken::default(), &[], Layout::Plain);
    assert_eq!(export.clients.len(), 1);
    assert!(export.left_out[0].contains("its device number cannot stand in a definition"), "{:?}", export.left_out);
}

#[test]
fn sensitive_values_are_left_to_the_server_unless_variables_are_asked_for() {
    let one = client(
        "00000000000000aa:1:1:1",
        "0123",
        &[("crm::password", "hunter2".into()), ("crm::[x]", 7.into()), ("ui::a", true.into())],
    );
    let patterns = sensitive(&["settings.crm::*", "description"]);
    let form = (Layout::Plain, HiddenScopes::List, SensitiveForm::Ignored);
    let export = export(&[&one], &Taken::default(), &patterns, form);
    let text = export.files.values().next().expect("a file");
    assert!(!text.contains("hunter2") && !text.contains("Costs"), "{text}");
    assert!(text.contains("\"settings.crm::password\"") && text.contains("ignore: [description, "), "{text}");
    assert_eq!((export.ignored, export.variables.len(), export.left_out.len()), (3, 0, 0));
}

mod layout {
    use proptest::prelude::*;

    use super::*;

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            prop::sample::select(vec![
                "no",
                "null",
                "a: b",
                "# x",
                "two\nlines",
                "Front desk",
                "${x}",
                "1e3",
                " x ",
                "it's \"so\""
            ])
            .prop_map(str::to_owned),
            "[a-z ]{70,90}",
        ]
    }

    #[test]
    fn what_is_ignored_and_devices_and_keys_with_dollars_are_written_as_fmt_writes_them() {
        for (device, patterns) in [
            ("x101", &["settings.password", "description"][..]),
            ("no", &["settings.crm::secret"]),
            ("yes-1", &["settings.*"]),
            ("101", &[]),
        ] {
            let settings = [
                ("password", "s".into()),
                ("crm::secret", "s".into()),
                ("$x", 1.into()),
                ("${x}", "${y}".into()),
                ("$${{x}}", serde_json::json!({"${": 1, "$a": 2, "$${{": 3})),
                ("$a", true.into()),
            ];
            let one = client("00000000000000aa:1:1:1", device, &settings);
            let sides = (Layout::Plain, HiddenScopes::List, SensitiveForm::Ignored);
            let written = export(&[&one], &Taken::default(), &sensitive(patterns), sides);
            for (path, text) in written.files {
                assert_eq!(crate::manifest::format(&path, &text).expect("YAML"), text);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn an_export_is_laid_out_as_fmt_lays_it_out(
            texts in prop::collection::vec(any_text(), 3),
            keys in prop::collection::btree_map("[a-z]{1,6}::[a-zA-Z0-9. ]{1,60}|[a$%{}]{1,6}", any_text(), 0..5),
        ) {
            let nested = serde_json::json!({"b": [texts[0], 1, null], "a": {"z": texts[1], "": true, (texts[0].clone()): 1, "$a": 2}});
            let mut settings: Vec<(&str, serde_json::Value)> =
                keys.iter().map(|(key, text)| (key.as_str(), text.clone().into())).collect();
            settings.push(("nested", nested));
            let mut one = client("00000000000000aa:1:1:1", "1x", &settings);
            one.content = seen(Payload {
                description: texts[2].as_str().into(),
                settings: settings.iter().map(|(key, value)| (Arc::from(*key), Json::from(value.clone()))).collect(),
                ..Payload::default()
            });
            for layout in [Layout::Plain, Layout::AsProfiles] {
                for (path, text) in run(&[&one], &Taken::default(), &[], layout).files {
                    prop_assert_eq!(&crate::manifest::format(&path, &text).expect("YAML"), &text);
                }
            }
        }
    }
}
