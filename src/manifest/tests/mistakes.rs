//! What is said about mistakes, as a user reads it.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "what a user reads is long")]
fn twenty_mistakes_of_one_file_are_found_in_one_run() {
    let tree = Tree::default()
        .with(
            CONFIG_FILE,
            "kind: Config\ntargets: { local: { sandbox: { data: s.db, estate: e.yaml } } }\nmanage: [{ telsys: 417 }]\n",
        )
        .with("clients/a.yaml", include_str!("twenty.yaml"));
    assert!(tree.mistakes().len() >= 20);
    insta::assert_snapshot!(tree.rendered(), @r#"
    error[IC0402]: `Front Desk` is not a name: names are made of `a` to `z`, `0` to `9` and `-`
     --> clients/a.yaml:2:7
      |
    2 | name: Front Desk
      |       ^^^^^^^^^^
      |
      = help: write for example `front-desk`

    error[IC0401]: YAML reads the device number `01234567120` as a number
     --> clients/a.yaml:3:45
      |
    3 | scope: { telsys: 417, partition: 1, device: 01234567120 }
      |                                             ^^^^^^^^^^^
      |
      = help: write `"01234567120"`, in quotes

    error[IC0201]: the key `descripton` is not known in an `IntegratorClient`
     --> clients/a.yaml:4:1
      |
    4 | descripton: Front desk
      | ^^^^^^^^^^
      |
      = help: did you mean `description`?

    error[IC0202]: `partition` must be a number, not text
     --> clients/a.yaml:8:34
      |
    8 | scope: { telsys: 417, partition: "1", device: +442046034980 }
      |                                  ^^^
      |
      = help: write `partition: 1`

    error[IC0401]: YAML reads the device number `+442046034980` as a number
     --> clients/a.yaml:8:47
      |
    8 | scope: { telsys: 417, partition: "1", device: +442046034980 }
      |                                               ^^^^^^^^^^^^^
      |
      = help: write `"+442046034980"`, in quotes

    error[IC0202]: `description` must be text, not a number
     --> clients/a.yaml:9:14
      |
    9 | description: 12
      |              ^^
      |
      = help: write `description: "12"`

    error[IC0208]: nothing stands after `settings`
      --> clients/a.yaml:10:1
       |
    10 | settings:
       | ^^^^^^^^
       |
       = help: write `settings: {}` to manage it as empty, or leave it out

    error[IC0102]: the key `a` stands twice in one mapping
      --> clients/a.yaml:11:19
       |
    11 | policies: { a: 1, a: 2, 3: x, prefix: 0044 }
       |             -     ^ again here
       |             |
       |             first written here
       |
       = help: remove one of them

    error[IC0103]: the key `3` is a number, not text
      --> clients/a.yaml:11:25
       |
    11 | policies: { a: 1, a: 2, 3: x, prefix: 0044 }
       |                         ^
       |
       = help: write `"3"` if text is meant

    error[IC0110]: it is unclear what the number `0044` means: the leading zero would be lost
      --> clients/a.yaml:11:39
       |
    11 | policies: { a: 1, a: 2, 3: x, prefix: 0044 }
       |                                       ^^^^
       |
       = help: write `"0044"` for text, or the plain decimal number

    error[IC0501]: there is no profile `bsae`
      --> clients/a.yaml:16:12
       |
    16 | profiles: [bsae]
       |            ^^^^
       |
       = help: did you mean `base`?

    error[IC0310]: `setting.x` does not begin with `description`, `cm_environment_id`, `policies` or `settings`
      --> clients/a.yaml:17:10
       |
    17 | ignore: [setting.x]
       |          ^^^^^^^^^
       |
       = help: write for example `description`, `settings` or `settings.interface::*`

    error[IC0206]: `settings` is `all`, which is not one of `exact` and `listed`
      --> clients/a.yaml:18:19
       |
    18 | owns: { settings: all }
       |                   ^^^
       |
       = help: write `exact` or `listed`

    error[IC0206]: `state` is `gone`, which is not one of `present` and `absent`
      --> clients/a.yaml:19:8
       |
    19 | state: gone
       |        ^^^^
       |
       = help: write `present` or `absent`

    error[IC0406]: two definitions have the name `lobby-2`
      --> clients/a.yaml:22:7
       |
    14 | name: lobby-2
       |       ------- first defined here
    ...
    22 | name: lobby-2
       |       ^^^^^^^ again here
       |
       = help: rename one of the two

    error[IC0407]: two definitions have the scope `417/2/all`
      --> clients/a.yaml:23:8
       |
    15 | scope: { telsys: 417, partition: 2 }
       |        ----------------------------- first defined here
    ...
    23 | scope: { telsys: 417, partition: 2 }
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ again here
       |
       = help: a scope has one client: remove one of the two, or correct its scope

    error[IC0403]: `123` does not look like an id of the server
      --> clients/a.yaml:24:5
       |
    24 | id: "123"
       |     ^^^^^
       |
       = help: an id looks like `a21abf960a398ee2:7b73f31a:198d18707a9:6e88`

    error[IC0409]: the scope `426/all/all` lies outside `manage`
      --> clients/a.yaml:28:8
       |
    28 | scope: { telsys: 426 }
       |        ^^^^^^^^^^^^^^^
       |
       = help: add it to `manage` in icsync.yaml, or correct the scope

    error[IC0701]: the variable `site` is not set for the target
      --> clients/a.yaml:29:14
       |
    29 | description: ${var.site} ${env.NOBODY} ${device}
       |              ^^^^^^^^^^^
       |
       = help: add it to `vars` of the target, which has none

    error[IC0702]: the variable `NOBODY` of the environment is not set
      --> clients/a.yaml:29:26
       |
    29 | description: ${var.site} ${env.NOBODY} ${device}
       |                          ^^^^^^^^^^^^^
       |
       = help: set it where icsync runs

    error[IC0502]: profiles extend each other in a circle: `base` → `upper` → `base`
      --> clients/a.yaml:37:11
       |
    37 | extends: [base]
       |           ^^^^ leads back to the beginning
       |
       = help: remove one of the `extends`

    error[IC0405]: partition -3 means that the scope is not known, so only an `id` tells which client is meant
      --> clients/a.yaml:41:8
       |
    41 | scope: { telsys: 417, partition: -3 }
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: add the `id` of the row, or write the true partition

    error[IC0604]: two devices of the fleet get the name `desks-44`
      --> clients/a.yaml:46:18
       |
    46 | devices: ["+44", "44", "+44"]
       |           -----  ^^^^ the second
       |           |
       |           the first
       |
       = help: use `devices_from` with a `key` column that tells the devices apart

    error[IC0603]: the fleet names the device `+44` twice
      --> clients/a.yaml:46:24
       |
    46 | devices: ["+44", "44", "+44"]
       |           -----        ^^^^^ again here
       |           |
       |           first named here
       |
       = help: remove one of the two

    error[IC0201]: the key `descripton` is not known in `template`
      --> clients/a.yaml:47:13
       |
    47 | template: { descripton: x }
       |             ^^^^^^^^^^
       |
       = help: did you mean `description`?
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "what a user reads is long")]
fn a_configuration_full_of_mistakes_shows_no_secret() {
    let tree = Tree::default().with("clients/a.yaml", "kind: Profile\nname: x\n").with(
        CONFIG_FILE,
        r#"kind: Config
defaulttarget: prod
targets:
  prod:
    url: http://user:hunter2@ccs.example.com
    auth: { api_key: hunter2, session: { env: "hunter2!", value: hunter2 } }
  test:
    url: https://ccs.example.com
    ca_file: [a]
    auth: { login: { username: { env: 1A }, password: hunter2, locale: de_DE } }
limits: { delete: { percent: 120 }, changes: {} }
requests: { timeout: 30, retries: -1, verify: no }
prune: yes
sensitive: ["secrets.x"]
"#,
    );
    let rendered = tree.rendered();
    assert!(!rendered.contains("hunter2"), "{rendered}");
    insta::assert_snapshot!(rendered, @r#"
    error[IC0006]: the files define no client
     |
     = help: an empty source never means to delete everything; write a definition (`state: absent` deletes a client), or take over what the server has with `icsync export`

    error[IC0201]: the key `defaulttarget` is not known in icsync.yaml
     --> icsync.yaml:2:1
      |
    2 | defaulttarget: prod
      | ^^^^^^^^^^^^^
      |
      = help: did you mean `default_target`?

    error[IC0309]: it is not clear which target is meant
     --> icsync.yaml:3:1
      |
    3 | targets:
      | ^^^^^^^
      |
      = help: pass `--target NAME` or write `default_target`; the targets are `prod` and `test`

    error[IC0301]: `url` holds credentials
     --> icsync.yaml:5:10
      |
    5 |     url: ***********************************
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the credentials as `auth`, from the environment or a file

    error[IC0303]: `auth` has 2 of `api_key`, `login` and `session`, and takes exactly one
     --> icsync.yaml:6:5
      |
    6 |     auth: { api_key: *******, session: { env: **********, value: ******* } }
      |     ^^^^

    error[IC0301]: `api_key` is a secret and never text in this file
     --> icsync.yaml:6:22
      |
    6 |     auth: { api_key: *******, session: { env: **********, value: ******* } }
      |                      ^^^^^^^
      |
      = help: write `api_key: { env: NAME }` or `api_key: { file: PATH }`

    error[IC0302]: `env` is the name of a variable of the environment: letters, digits and `_`
     --> icsync.yaml:6:47
      |
    6 |     auth: { api_key: *******, session: { env: **********, value: ******* } }
      |                                               ^^^^^^^^^^
      |
      = help: write for example `env: CCS_API_KEY`

    error[IC0201]: the key `value` is not known in `session`
     --> icsync.yaml:6:59
      |
    6 |     auth: { api_key: *******, session: { env: **********, value: ******* } }
      |                                                           ^^^^^
      |
      = help: the keys here are `env` and `file`

    error[IC0202]: `ca_file` must be text, not a list
     --> icsync.yaml:9:14
      |
    9 |     ca_file: [a]
      |              ^^^
      |
      = help: write text after `ca_file:`

    error[IC0302]: `env` is the name of a variable of the environment: letters, digits and `_`
      --> icsync.yaml:10:39
       |
    10 |     auth: { login: { username: { env: ** }, password: *******, locale: de_DE } }
       |                                       ^^
       |
       = help: write for example `env: CCS_API_KEY`

    error[IC0301]: `password` is a secret and never text in this file
      --> icsync.yaml:10:55
       |
    10 |     auth: { login: { username: { env: ** }, password: *******, locale: de_DE } }
       |                                                       ^^^^^^^
       |
       = help: write `password: { env: NAME }` or `password: { file: PATH }`

    error[IC0206]: `locale` is `de_DE`, which is not one of `en_GB` and `en_US`
      --> icsync.yaml:10:72
       |
    10 |     auth: { login: { username: { env: ** }, password: *******, locale: de_DE } }
       |                                                                        ^^^^^
       |
       = help: write `en_GB` or `en_US`

    error[IC0207]: `percent` is 120, which is not from 0 to 100
      --> icsync.yaml:11:30
       |
    11 | limits: { delete: { percent: 120 }, changes: {} }
       |                              ^^^

    error[IC0201]: the key `changes` is not known in `limits`
      --> icsync.yaml:11:37
       |
    11 | limits: { delete: { percent: 120 }, changes: {} }
       |                                     ^^^^^^^
       |
       = help: did you mean `change`?

    error[IC0306]: `timeout` is not a duration
      --> icsync.yaml:12:22
       |
    12 | requests: { timeout: 30, retries: -1, verify: no }
       |                      ^^
       |
       = help: write for example `30s`, `5m` or `1500ms`; it is more than 0 and at most 30 days

    error[IC0207]: `retries` is -1, which is not from 0 to 100
      --> icsync.yaml:12:35
       |
    12 | requests: { timeout: 30, retries: -1, verify: no }
       |                                   ^^

    error[IC0202]: `verify` must be true or false, not text
      --> icsync.yaml:12:47
       |
    12 | requests: { timeout: 30, retries: -1, verify: no }
       |                                               ^^
       |
       = help: write `verify: true` or `verify: false`

    error[IC0206]: `prune` is `yes`, which is not one of `report` and `delete`
      --> icsync.yaml:13:8
       |
    13 | prune: yes
       |        ^^^
       |
       = help: write `report` or `delete`

    error[IC0310]: `secrets.x` does not begin with `description`, `cm_environment_id`, `policies` or `settings`
      --> icsync.yaml:14:13
       |
    14 | sensitive: ["secrets.x"]
       |             ^^^^^^^^^^^
       |
       = help: write for example `description`, `settings` or `settings.interface::*`
    "#);
}

#[test]
fn a_document_that_is_not_yaml_hides_neither_its_neighbours_nor_other_files() {
    let tree = Tree::of(include_str!("broken.yaml")).with("clients/b.yaml", "kind: IntegratorClient\nname: b\n");
    insta::assert_snapshot!(tree.rendered(), @r#"
    error[IC0101]: the YAML is not valid: while scanning a quoted scalar, found unexpected document indicator
     --> clients/a.yaml:2:7
      |
    2 | name: "broken
      |       ^
      |
      = help: close the quote

    error[IC0204]: the kind `Client` is not known
     --> clients/a.yaml:4:7
      |
    4 | kind: Client
      |       ^^^^^^
      |
      = help: did you mean `IntegratorClient`?

    error[IC0203]: the key `scope` is missing
     --> clients/b.yaml:1:1
      |
    1 | kind: IntegratorClient
      | ^
      |
      = help: write for example `scope: { telsys: 417, partition: 1, device: "01234567120" }`
    "#);
}

#[test]
fn sensitive_values_and_secrets_in_the_wrong_place_are_not_shown() {
    let tree = Tree::of(
        "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\nsettings: { \"crm::password\": hunter2, x: +5 }\n",
    )
    .with(CONFIG_FILE, format!("{CONFIG}sensitive: [\"settings.crm::password\"]\n"));
    let rendered = tree.rendered();
    assert!(rendered.contains("x: +5") && !rendered.contains("hunter2"), "{rendered}");
    for line in ["api_key: hunter2", "password: hunter2", "secrets: { a: hunter2 }"] {
        let rendered = Tree::of("").with(CONFIG_FILE, format!("{CONFIG}{line}\n")).rendered();
        assert!(rendered.contains("IC0201") && !rendered.contains("hunter2"), "{rendered}");
    }
}

#[test]
fn a_mistake_in_a_reference_is_one_mistake_at_that_reference() {
    for (text, expected) in [
        ("description: '$${env.Q} and ${env.Q}'", "clients/a.yaml:4:29 IC0702"),
        ("description: '${env.HOME} and ${oops'", "clients/a.yaml:4:31 IC0704"),
        ("id: '${env.NOPE}'", "clients/a.yaml:4:6 IC0702"),
    ] {
        let tree = Tree::of(&format!("kind: IntegratorClient\nname: a\nscope: {{ telsys: 1 }}\n{text}\n"));
        let mistakes: Vec<_> = tree.mistakes().into_iter().filter(|one| !one.ends_with(":15 IC0702")).collect();
        assert_eq!(mistakes, [expected], "{text}");
    }
    let tree = Tree::of("kind: IntegratorClient\nname: a\nscope: { telsys: 1, device: \"${env.NOPE}\" }\n");
    assert_eq!(tree.mistakes(), ["clients/a.yaml:3:30 IC0702"]);
}

#[test]
fn rows_of_a_table_are_shown_where_it_is_known_that_nothing_is_sensitive() {
    let fleet =
        "kind: Fleet\nname: f\nscope: { telsys: 1 }\ndevices_from: { csv: t.csv, column: number }\ntemplate: {}\n";
    let tree = |header: &str, rest: &str| {
        let table = format!("{header}\n4.42046E+11,x\n");
        Tree::of(fleet).with("clients/t.csv", table).with(CONFIG_FILE, format!("{CONFIG}{rest}")).rendered()
    };
    assert!(tree("number,seat", "").contains("`4.42046E+11`"), "{}", tree("number,seat", ""));
    let broken = "sensitive: [\"settings.x::*\"]\nprune: maybe\n";
    for hidden in [
        tree("number,password", ""),
        tree("number,seat", "sensitive: [\"settings.x::*\"]\n"),
        // Nobody knows then what is sensitive.
        tree("number,seat", broken),
    ] {
        assert!(!hidden.contains("4.42046E+11"), "{hidden}");
    }
}
