//! Profiles, fleets, variables and the configuration's choices.

use super::*;
use crate::model::{
    Auth, Boundary, FieldPattern, Limit, Locale, Ownership, Presence, Protection, Prune, Selection, Verify,
};

const HEAD: &str = "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\n";

fn only(tree: &Tree) -> Definition {
    (**tree.desired().clients.values().next().expect("a client")).clone()
}

#[test]
fn later_profiles_win_and_the_clients_own_keys_win_over_all() {
    let tree = Tree::of(&format!(
        "{HEAD}profiles: [one, two]\nsettings: {{ own: client, shared: client }}\nignore: [description]\n"
    ))
    .with(
        "clients/profiles.yaml",
        r"kind: Profile
name: base
description: from base
policies: { p: base }
settings: { base: base, one: base, shared: base, own: base }
owns: { settings: listed }
---
kind: Profile
name: one
extends: [base]
settings: { one: one, two: one }
ignore: [policies, description]
---
kind: Profile
name: two
settings: { two: two }
owns: { policies: listed, settings: exact }
",
    );
    let client = only(&tree);
    insta::assert_snapshot!(shown(&client).join("\n"), @r#"
    description = "from base" (clients/profiles.yaml:3:1)
    policies.p = "base" (clients/profiles.yaml:4)
    settings.base = "base" (clients/profiles.yaml:5)
    settings.one = "one" (clients/profiles.yaml:11)
    settings.own = "client" (clients/a.yaml:5)
    settings.shared = "client" (clients/a.yaml:5)
    settings.two = "two" (clients/profiles.yaml:16)
    "#);
    assert_eq!(*client.profiles, ["base".into(), "one".into(), "two".into()]);
    assert_eq!((client.owns.policies, client.owns.settings), (Ownership::Listed, Ownership::Exact));
    assert_eq!(client.ignore.iter().map(FieldPattern::as_str).collect::<Vec<_>>(), ["policies", "description"]);
}

#[test]
fn a_fleet_of_a_list_makes_one_client_per_device() {
    let tree = Tree::of(
        r#"kind: Fleet
name: desk
scope: { telsys: 417, partition: 1 }
devices: ["+4420-1", "0123"]
template:
  description: "Desk ${device} in ${var.site}"
  settings: { fixed: true, deep: [{ number: "${device}" }] }
  state: absent
"#,
    );
    let desired = tree.desired();
    let lines = desired.clients.values().flat_map(|client| {
        let head = format!("{} {} at {}", client.name, client.scope, client.at);
        std::iter::once(head).chain(shown(client))
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    desk-0123 417/1/0123 at clients/a.yaml:1
    description = "Desk 0123 in London" (clients/a.yaml:6:3)
    settings.deep = [{"number":"0123"}] (clients/a.yaml:7)
    settings.fixed = true (clients/a.yaml:7)
    desk-4420-1 417/1/+4420-1 at clients/a.yaml:1
    description = "Desk +4420-1 in London" (clients/a.yaml:6:3)
    settings.deep = [{"number":"+4420-1"}] (clients/a.yaml:7)
    settings.fixed = true (clients/a.yaml:7)
    "#);
    assert!(desired.clients.values().all(|client| client.state == Presence::Absent));
    let fixed: Vec<_> = desired
        .clients
        .values()
        .map(|client| {
            std::ptr::from_ref(
                client.spec.settings.as_ref().expect("settings").get("fixed").expect("a key").value.value(),
            )
        })
        .collect();
    assert_eq!(fixed[0], fixed[1], "values are shared");
}

#[test]
fn a_fleet_of_a_csv_file_has_columns() {
    let fleet = r#"kind: Fleet
name: desk
scope: { telsys: 417, partition: 1 }
devices_from: { csv: ../data/desks.csv, column: number, key: seat }
template: { description: "${Full Name}, ${seat} (${device})", profiles: [base] }
---
kind: Profile
name: base
settings: { "x::seat": "${seat}" }
"#;
    let csv =
        "\u{feff}number, seat,Full Name\r\n+4420,A-1,\"Doe, \"\"Jane\"\"\r\nSecond line\"\r\n\r\n0123,B2, spaced \r\n";
    let tree = Tree::of(fleet).with("data/desks.csv", csv);
    let desired = tree.desired();
    let lines = desired
        .clients
        .values()
        .flat_map(|client| std::iter::once(format!("{} {}", client.name, client.scope)).chain(shown(client)));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    desk-a-1 417/1/+4420
    description = "Doe, \"Jane\"\r\nSecond line, A-1 (+4420)" (clients/a.yaml:5:13)
    settings.x::seat = "A-1" (clients/a.yaml:9)
    desk-b2 417/1/0123
    description = " spaced , B2 (0123)" (clients/a.yaml:5:13)
    settings.x::seat = "B2" (clients/a.yaml:9)
    "#);
    assert_ne!(tree.with("data/desks.csv", csv.replace("B2", "B3")).desired().digest, desired.digest);
}

#[test]
fn mistakes_of_a_csv_file_point_into_it() {
    let fleet = "kind: Fleet\nname: d\nscope: { telsys: 1 }\ndevices_from: { csv: d.csv, column: number, key: seat }\n\
                 template: { description: \"${nmber}\" }\n";
    for (csv, mistakes) in [
        ("number,seat\n", vec!["clients/a.yaml:4:22 IC0602"]),
        ("", vec!["clients/a.yaml:4:37 IC0606", "clients/a.yaml:4:50 IC0606"]),
        ("number;seat\n1;2\n", vec!["clients/a.yaml:4:37 IC0606", "clients/a.yaml:4:50 IC0606"]),
        ("number,seat,number\n", vec!["clients/d.csv:1:13 IC0607"]),
        ("number,seat\n1\n\n2,b,c\n", vec!["clients/d.csv:2:1 IC0607", "clients/d.csv:4:1 IC0607"]),
        ("number,seat\n01,a\n01,b\n", vec!["clients/a.yaml:5:27 IC0703", "clients/d.csv:3:1 IC0603"]),
        ("number,seat\n01,A 1\n02,a1\n", vec!["clients/a.yaml:5:27 IC0703", "clients/d.csv:3:4 IC0604"]),
        // One quote would swallow every line up to the next, and the clients of those lines would be deleted.
        ("number,seat\n01,\"a\n02,b\n03,c\n", vec!["clients/d.csv:2:4 IC0607"]),
        ("number,seat\n01,\"a\" b\n", vec!["clients/d.csv:2:7 IC0607"]),
        ("number,seat,device\n01,a,x\n", vec!["clients/a.yaml:5:27 IC0703", "clients/d.csv:1:13 IC0607"]),
        ("number,seat\n01,***\n,b\n", vec!["clients/d.csv:2:4 IC0605", "clients/d.csv:3:1 IC0404"]),
    ] {
        assert_eq!(Tree::of(fleet).with("clients/d.csv", csv).mistakes(), mistakes, "{csv:?}");
    }
    let outside = fleet.replace("csv: d.csv", "csv: ../../d.csv");
    assert_eq!(Tree::of(&outside).mistakes(), ["clients/a.yaml:4:22 IC0004"]);
}

#[test]
fn a_column_is_unknown_to_a_client_without_fleet_also_in_its_profile() {
    let tree = Tree::of(&format!("{HEAD}profiles: [p]\n---\nkind: Profile\nname: p\ndescription: ${{device}}\n"));
    assert_eq!(tree.mistakes(), ["clients/a.yaml:8:14 IC0703"]);
}

#[test]
fn an_unset_variable_of_an_unused_profile_is_a_mistake_too() {
    let tree = Tree::of(&format!("{HEAD}---\nkind: Profile\nname: p\ndescription: x ${{var.nobody}}\n"));
    assert_eq!(tree.mistakes(), ["clients/a.yaml:7:16 IC0701"]);
}

#[test]
fn a_long_chain_of_profiles_is_refused_from_either_end() {
    for name in [|n: usize| format!("p{n:04}"), |n: usize| format!("p{:04}", 9999 - n)] {
        let profile = |n: usize| format!("---\nkind: Profile\nname: {}\nextends: [{}]\n", name(n), name(n + 1));
        let last = format!("---\nkind: Profile\nname: {}\n", name(300));
        let chain: String = (0..300).map(profile).chain([last]).collect();
        let found = Tree::of(&format!("{HEAD}{chain}")).load().expect_err("too deep");
        assert!(found.iter().all(|one| one.code == Code::TooDeep));
    }
}

const FULL: &str = r#"kind: Config
definitions: ["clients/*.yaml"]
default_target: prod
vars: { site: Everywhere, city: Rome }
targets:
  sandbox:
    sandbox: { data: .icsync/s.db, estate: estate.yaml, dialect: { put: merge, max_limit: 25, login_conflict: true }, faults: f.yaml }
    vars: { secret: "${env.UNSET_ELSEWHERE}" }
  prod:
    url: https://CCS.example.com:8443/
    ca_file: corp-ca.pem
    auth: { login: { username: { env: CCS_USER }, password: { file: /run/secrets/ccs } }, certificate: { file: client.pem, key: { env: CCS_KEY } } }
    vars: { site: "London ${env.SITE}" }
    prune: delete
    limits: { change: { count: 3 } }
    manage: [{ telsys: 417 }, { telsys: 426, partition: 1 }]
    definitions: ["prod/*.yaml"]
manage: [{ telsys: 1 }]
prune: report
limits: { delete: { count: 2 }, change: { percent: 60 }, vanished: { percent: 5 } }
protect:
  - { telsys: 417, partition: 1, device: UnknownNoneOrAll }
  - { id: "a21abf960a398ee2:7b73f31a:198d18707a9:6e88" }
  - { telsys: 403, partition: -3 }
sensitive: ["settings.crm::password", "policies.secret::*"]
requests: { parallelism: 16, page_size: 25, timeout: 5s, deadline: 30m, retries: 0, max_body: 4096, verify: false }
"#;

#[test]
fn a_target_overrides_what_stands_at_the_top() {
    let tree = Tree::default().with(CONFIG_FILE, FULL).with("clients/a.yaml", HEAD).with(
        "prod/a.yaml",
        "kind: IntegratorClient\nname: a\nscope: { telsys: 417, partition: 1 }\ndescription: ${var.site} ${var.city}\n",
    );
    let LoadedTree { resolved, desired, .. } =
        tree.load().unwrap_or_else(|found| panic!("{}", render(&found, RenderOptions::default())));
    let client = desired.clients.values().next().expect("a client");
    assert_eq!(client.spec.description.as_ref().expect("a description").value, "London Paris Rome".into());
    assert_eq!(resolved.target, "prod");
    let Endpoint::Remote { url, ca_file, certificate, auth } = &resolved.endpoint else { panic!("a remote target") };
    assert_eq!((url.to_string().as_str(), ca_file.as_deref()), ("https://ccs.example.com:8443", Some("corp-ca.pem")));
    let (file, key) = (SecretSource::File("client.pem".to_owned()), SecretSource::Env("CCS_KEY".to_owned()));
    assert_eq!(certificate.as_ref(), Some(&CertificateSource { chain: file, key: Some(key) }));
    assert!(matches!(auth, Auth::Login { locale: Locale::EnGb, .. }));
    assert_eq!(resolved.prune, Prune::Delete);
    assert_eq!(resolved.limits.delete, Limit { count: Some(2), percent: Some(20) });
    assert_eq!(resolved.limits.change, Limit { count: Some(3), percent: Some(60) });
    assert_eq!(resolved.limits.vanished, Limit { count: Some(10), percent: Some(5) });
    assert_eq!(resolved.protect.len(), 3);
    assert!(matches!(&resolved.protect[0], Protection::Scope { partition: Some(_), device: Some(_), .. }));
    assert_eq!(resolved.requests.deadline, Some(std::time::Duration::from_mins(30)));
    assert_eq!(resolved.requests.max_body, 4096);
    assert_eq!(resolved.requests.verify, Verify::Trust);
    let policy = resolved.policy(&desired, Selection::default());
    assert!(matches!(policy.boundary, Boundary::Managed(filters) if filters.len() == 2));
}

#[test]
fn the_command_line_chooses_the_target() {
    let tree = Tree::default().with(CONFIG_FILE, FULL);
    let environment = [("UNSET_ELSEWHERE".to_owned(), "x".to_owned())].into_iter().collect();
    let resolved = load_config(&tree, CONFIG_FILE, Some("sandbox"), &environment).expect("a configuration");
    let Endpoint::Sandbox { dialect, faults, .. } = &resolved.endpoint else { panic!("a sandbox") };
    let dialect: Vec<_> = dialect.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(dialect, ["login_conflict=true", "max_limit=25", "put=merge"]);
    assert_eq!(faults.as_deref(), Some("f.yaml"));
    let found =
        load_config(&tree, CONFIG_FILE, Some("prd"), &EnvironmentVariables::default()).expect_err("no such target");
    insta::assert_snapshot!(render(&found, RenderOptions::default()), @r#"
    error[IC0307]: there is no target `prd`
     |
     = help: did you mean `prod`? the targets are `sandbox` and `prod`
    "#);
}

#[test]
fn without_manage_the_boundary_is_what_the_definitions_name() {
    let LoadedTree { resolved, desired, .. } = Tree::of(HEAD).load().expect("a tree");
    let boundary = resolved.policy(&desired, Selection::default()).boundary;
    assert!(matches!(boundary, Boundary::Defined(scopes) if scopes.len() == 1));
}

#[test]
fn mistakes_of_configuration_and_definitions_come_together() {
    let tree = Tree::of("kind: IntegratorClient\nname: A\nscope: { telsys: 1 }\ndescription: ${var.any}\n")
        .with(CONFIG_FILE, "kind: Config\ntarget: {}\n");
    assert_eq!(tree.mistakes(), ["clients/a.yaml:2:7 IC0402", "icsync.yaml:1:1 IC0203", "icsync.yaml:2:1 IC0201"]);
}

#[test]
fn a_missing_or_empty_configuration_is_a_mistake() {
    assert_eq!(Tree::default().with("clients/a.yaml", HEAD).mistakes(), ["icsync.yaml:1:1 IC0001"]);
    assert_eq!(Tree::of(HEAD).with(CONFIG_FILE, "").mistakes(), ["icsync.yaml:1:1 IC0203"]);
    assert_eq!(Tree::of(HEAD).with(CONFIG_FILE, HEAD).mistakes(), ["icsync.yaml:1:7 IC0205"]);
}

#[test]
fn insecure_and_odd_urls_are_refused() {
    let mistake = |url: &str| {
        let config =
            format!("kind: Config\ntargets: {{ t: {{ url: \"{url}\", auth: {{ api_key: {{ env: K }} }} }} }}\n");
        let found = Tree::of(HEAD).with(CONFIG_FILE, config).mistakes();
        found.first().map(|one| one.rsplit(' ').next().unwrap_or_default().to_owned())
    };
    for url in
        ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://ccs.example.com", "https://10.0.0.1/"]
    {
        assert_eq!(mistake(url), None, "{url}");
    }
    for url in ["http://ccs.example.com", "http://127.0.0.1.example.com", "http://0.0.0.0", "http://10.0.0.1"] {
        assert_eq!(mistake(url).as_deref(), Some("IC0304"), "{url}");
    }
    for url in ["", "ccs.example.com", "ftp://x", "https://x/CCS/API/v1", "https://x?y", "file:///etc", "https://"] {
        assert_eq!(mistake(url).as_deref(), Some("IC0305"), "{url}");
    }
    assert_eq!(mistake("https://user@x").as_deref(), Some("IC0301"));
}

#[test]
fn a_url_with_a_path_is_corrected_whole() {
    for (url, right) in [
        ("https://CCS.example.com:8443/CCS/API/v1", "https://ccs.example.com:8443"),
        ("http://ccs.example.com:8080/gateway?x", "https://ccs.example.com:8080"),
        ("http://127.0.0.1:8080/CCS", "http://127.0.0.1:8080"),
        ("https://ccs.example.com:443/#x", "https://ccs.example.com"),
    ] {
        let config =
            format!("kind: Config\ntargets: {{ t: {{ url: \"{url}\", auth: {{ api_key: {{ env: K }} }} }} }}\n");
        let said = Tree::of(HEAD).with(CONFIG_FILE, config).rendered();
        assert!(said.contains(&format!("write `{right}`; the path /CCS/API/v1 is added")), "{said}");
    }
}

#[test]
fn a_configuration_that_is_not_yaml_shows_no_secret() {
    for config in [
        "kind: Config\ntargets: { prod: { auth: { api_key: \"hunter2 } } }\n",
        "kind: Config\npassword: hunter2: x\n",
        "kind: Config\nurl: https://me:hunter2@x: y\n",
        "kind: Config\nauth:\n  api_key: [hunter2\n",
    ] {
        let rendered = Tree::of(HEAD).with(CONFIG_FILE, config).rendered();
        assert!(rendered.contains("IC0101") && !rendered.contains("hunter2"), "{rendered}");
    }
}

#[test]
fn a_number_that_a_spreadsheet_has_spoilt_is_named_at_its_cell() {
    let fleet = "kind: Fleet\nname: d\nscope: { telsys: 1 }\ndevices_from: { csv: d.csv, column: number, key: seat }\n\
                 template: { description: x }\n";
    let csv = "seat,number\n1,4.42046E+11\n\"two, too\",\"442046034980.0\"\n3,'+44\n4,01\u{200b}\n5, 02 \n6,\n";
    let tree = Tree::of(fleet).with("clients/d.csv", csv);
    let places = ["2:3", "3:12", "4:3", "5:3", "7:3"].map(|at| format!("clients/d.csv:{at} IC0404"));
    assert_eq!(tree.mistakes(), places);
    let text = tree.rendered();
    assert!(text.contains("scientific notation") && text.contains("format the column as text"), "{text}");
    assert!(text.contains("character 3 is U+200B, a character without width"), "{text}");
}
