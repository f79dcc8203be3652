//! What is wrong with what files say: the configuration, definitions, profiles, fleets, variables; and what is doubtful.

/// Adds these rows to those before them, and makes the table.
macro_rules! meaning_codes {
    ($table:ident $($before:tt)*) => {
        $table! {
            $($before)*
            SecretAsText "IC0301" {
                title: "a secret stands in the configuration",
                cause: "Secrets never stand in a file of the repository. The value is not shown here.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { prod: { url: \"https://ccs.example.com\", auth: { api_key: \"0123456789\" } } }\n",
                remedy: "Write `{ env: NAME }` or `{ file: PATH }`. A secret that was committed is known to others: have it renewed."
            }
            SecretSource "IC0302" {
                title: "a secret does not say where it comes from",
                cause: "A secret is `{ env: NAME }`, a variable of the environment, or `{ file: PATH }`: exactly one of the two.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { prod: { url: \"https://ccs.example.com\", auth: { api_key: { env: CCS_API_KEY, file: key.txt } } } }\n",
                remedy: "Write exactly one of `env` and `file`."
            }
            AuthChoice "IC0303" {
                title: "not exactly one way to log in",
                cause: "`auth` names exactly one of `api_key`, `login` and `session`.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { prod: { url: \"https://ccs.example.com\", auth: { api_key: { env: KEY }, session: { env: SESSION } } } }\n",
                remedy: "Keep one of them."
            }
            InsecureUrl "IC0304" {
                title: "a server would be reached without encryption",
                cause: "Credentials and telephone data would cross the network in the clear. `http://` is for loopback addresses only.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { prod: { url: \"http://ccs.example.com\", auth: { api_key: { env: KEY } } } }\n",
                remedy: "Write `https://`; for a certificate of your own authority add `ca_file`."
            }
            BadUrl "IC0305" {
                title: "a URL is not scheme and host",
                cause: "`url` holds the scheme and the host, and a port if need be; /CCS/API/v1 is added.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { prod: { url: \"https://ccs.example.com/CCS/API/v1\", auth: { api_key: { env: KEY } } } }\n",
                remedy: "Write for example `https://ccs.example.com`."
            }
            BadDuration "IC0306" {
                title: "a duration is not a number with a unit",
                cause: "Durations are a whole number followed by ms, s, m or h.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\nrequests: { timeout: 30 }\n",
                remedy: "Write for example `30s`, `5m` or `1500ms`."
            }
            UnknownTarget "IC0307" {
                title: "a target does not exist",
                cause: "`--target`, `ICSYNC_TARGET` or `default_target` names a target that `targets` does not have.",
                example: "# file: icsync.yaml\nkind: Config\ndefault_target: prdo\ntargets: { prod: { url: \"https://ccs.example.com\", auth: { api_key: { env: KEY } } } }\n",
                remedy: "Name one of the targets that exist."
            }
            TargetChoice "IC0308" {
                title: "a target is not exactly one of sandbox and url",
                cause: "A target is the embedded server (`sandbox`) or a real one (`url` and `auth`).",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { prod: { vars: { site: London } } }\n",
                remedy: "Write `sandbox: { data, estate }`, or `url` with `auth`."
            }
            NoTarget "IC0309" {
                title: "it is not clear which target is meant",
                cause: "There are several targets, `default_target` names none of them, and neither does the command line.",
                example: "# file: icsync.yaml\nkind: Config\ntargets:\n  one: { url: \"https://one.example.com\", auth: { api_key: { env: KEY } } }\n  two: { url: \"https://two.example.com\", auth: { api_key: { env: KEY } } }\n",
                remedy: "Pass `--target NAME`, set ICSYNC_TARGET, or write `default_target`."
            }
            BadPattern "IC0310" {
                title: "a pattern over fields is not valid",
                cause: "Patterns of `ignore` and `sensitive` are a field (`description`, `cm_environment_id`, `policies`, `settings`), or `policies.` or `settings.` with a glob over keys.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nignore: [\"setting.x\"]\n",
                remedy: "Write for example `settings.interface::*`."
            }
            EmptyBoundary "IC0311" {
                title: "the boundary is empty",
                cause: "`manage` is an empty list: every definition would lie outside.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\nmanage: []\n",
                remedy: "List what is managed, or leave `manage` out: then the boundary is exactly the scopes that the definitions name."
            }
            BadException "IC0312" {
                title: "an exception does not say whom, what, until when or why",
                cause: "An exception names clients, fields, its last day (in UTC) and its reason. What nobody can explain, or what never ends, is drift that stays.",
                example: "# file: icsync.yaml\nkind: Config\nexceptions: [{ client: ok, fields: [description], until: next year, reason: trial }]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n",
                remedy: "Write all four: exceptions: [{ client: sunshine-reception, fields: [\"settings.interface::*\"], until: 2027-01-31, reason: trial of the new panel }]."
            }
            EndedException "IC0313" {
                title: "the last day of an exception is over",
                cause: "An exception leaves known differences alone up to a day. After it `plan`, `apply`, `drift` and `watch`, which would have to decide what becomes of them, refuse to guess. `validate` and `diff`, which ask no server, do not look at the clock.",
                example: "# file: icsync.yaml\nkind: Config\nexceptions: [{ client: ok, fields: [description], until: 2020-01-31, reason: trial }]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n",
                remedy: "Remove the exception: then the next apply writes what git says, and `icsync drift --accept NAME` takes over what is to stay. Move `until` if the reason still holds."
            }
            DeviceNotText "IC0401" {
                title: "a device number is not text",
                cause: "YAML reads this device number as a number, which loses a leading plus or zero. Such a number must never reach the server.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417, partition: 1, device: 01234567120 }\n",
                remedy: "Write the number in quotes, as the help shows."
            }
            BadName "IC0402" {
                title: "a name is not made of a-z, 0-9 and hyphens",
                cause: "Names of clients, profiles and fleets are lower case letters, digits and hyphens, at most 200 of them: they stand in commands, reports and file names.",
                example: "kind: IntegratorClient\nname: Sunshine Reception\nscope: { telsys: 417 }\n",
                remedy: "Write for example `sunshine-reception`."
            }
            BadId "IC0403" {
                title: "an id does not look like one",
                cause: "Ids of the server have four groups of hexadecimal digits, such as `a21abf960a398ee2:7b73f31a:198d18707a9:6e88`.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nid: \"12345\"\n",
                remedy: "Copy the id from a plan or an export, or leave it out and let `icsync pin` write it."
            }
            BadScope "IC0404" {
                title: "a scope does not mean anything",
                cause: "A telephony server is a number from 0 up, or -1 for all. A partition is a number from 0 up, or -1 (or nothing) for the whole telephony server. A device is its number as text (1 to 64 visible ASCII characters without blanks, slashes and quotes), or UnknownNoneOrAll (or nothing) for every device.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417, partition: -2 }\n",
                remedy: "Correct the number; `icsync export` shows the scopes that exist."
            }
            Unresolved "IC0405" {
                title: "an unresolved scope without an id",
                cause: "Partition -3 is what the server shows when it cannot resolve a scope. Several rows show the same one, so only an id tells which is meant.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 403, partition: -3 }\n",
                remedy: "Add the `id` of the row, or write the true partition."
            }
            DuplicateName "IC0406" {
                title: "two definitions have one name",
                cause: "Names identify clients in git, so each is unique in the tree.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\n---\nkind: IntegratorClient\nname: reception\nscope: { telsys: 426 }\n",
                remedy: "Rename one of them."
            }
            DuplicateScope "IC0407" {
                title: "two definitions have one scope",
                cause: "The server has at most one client for one exact scope (its error 30005).",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\n---\nkind: IntegratorClient\nname: lobby\nscope: { telsys: 417, partition: -1 }\n",
                remedy: "Merge the two definitions, or correct one of the scopes."
            }
            DuplicatePin "IC0408" {
                title: "two definitions have one id",
                cause: "One live client never serves two definitions.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nid: \"a21abf960a398ee2:7b73f31a:198d18707a9:6e88\"\n---\nkind: IntegratorClient\nname: lobby\nscope: { telsys: 426 }\nid: \"a21abf960a398ee2:7b73f31a:198d18707a9:6e88\"\n",
                remedy: "Remove the id from the definition that was copied."
            }
            OutsideBoundary "IC0409" {
                title: "a scope lies outside the boundary",
                cause: "`manage` in icsync.yaml lists what is managed; nothing outside it is read in detail or touched.",
                example: "# file: icsync.yaml\nkind: Config\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\nmanage: [{ telsys: 417 }]\n# file: clients/example.yaml\nkind: IntegratorClient\nname: reception\nscope: { telsys: 426 }\n",
                remedy: "Add the scope to `manage`, or correct the definition."
            }
            UnknownProfile "IC0501" {
                title: "a profile does not exist",
                cause: "`profiles` or `extends` names a profile that no document defines.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nprofiles: [bsae]\n---\nkind: Profile\nname: base\nsettings: {}\n",
                remedy: "Correct the name, or define the profile with `kind: Profile`."
            }
            ProfileCycle "IC0502" {
                title: "profiles extend each other in a circle",
                cause: "Following `extends` leads back to where it began, so there is no order in which values win.",
                example: "kind: Profile\nname: one\nextends: [two]\n---\nkind: Profile\nname: two\nextends: [one]\n",
                remedy: "Remove one of the `extends`; move what both need into a third profile."
            }
            DuplicateProfile "IC0503" {
                title: "two profiles have one name",
                cause: "Profiles are named across all files of the tree.",
                example: "kind: Profile\nname: base\nsettings: {}\n---\nkind: Profile\nname: base\npolicies: {}\n",
                remedy: "Rename or merge them."
            }
            FleetDevices "IC0601" {
                title: "a fleet does not name its devices in one way",
                cause: "A fleet has exactly one of `devices`, a list, and `devices_from`, a CSV file.",
                example: "kind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ntemplate: { description: Desk }\n",
                remedy: "Write one of the two."
            }
            NoDevices "IC0602" {
                title: "a fleet has no devices",
                cause: "The list or the CSV file holds no device. An empty source never means to delete everything.",
                example: "kind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices: []\ntemplate: { description: Desk }\n",
                remedy: "Add devices, or remove the fleet. To delete its clients write `state: absent` into the template."
            }
            DuplicateDevice "IC0603" {
                title: "a fleet names a device twice",
                cause: "The server has at most one client for one exact scope.",
                example: "kind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices: [\"0123\", \"0123\"]\ntemplate: { description: Desk }\n",
                remedy: "Remove one of the two."
            }
            KeyClash "IC0604" {
                title: "two devices of a fleet get one name",
                cause: "A client of a fleet is named NAME-KEY. The key is the `key` column or else the device number, in lower case and without characters other than a-z, 0-9 and hyphens.",
                example: "kind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices: [\"+44123\", \"44123\"]\ntemplate: { description: Desk }\n",
                remedy: "Use `devices_from` with a `key` column that tells the devices apart."
            }
            BadKey "IC0605" {
                title: "a device of a fleet gives no name",
                cause: "No letter and no digit of the key is left after everything but a-z, 0-9 and hyphens is dropped.",
                example: "kind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices: [\"***\"]\ntemplate: { description: Desk }\n",
                remedy: "Use `devices_from` with a `key` column."
            }
            UnknownColumn "IC0606" {
                title: "a CSV file lacks a column",
                cause: "`column` and `key` name columns of the CSV file's first line.",
                example: "# file: clients/example.yaml\nkind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: desks.csv, column: numbr }\ntemplate: { description: Desk }\n# file: clients/desks.csv\nnumber,seat\n0123,a1\n",
                remedy: "Name a column that exists. The separator is a comma."
            }
            BadCsv "IC0607" {
                title: "a CSV file is not valid",
                cause: "CSV files have a first line with the names of the columns, no name twice, and as many fields in every line as in the first.",
                example: "# file: clients/example.yaml\nkind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: desks.csv, column: number }\ntemplate: { description: Desk }\n# file: clients/desks.csv\nnumber,seat\n0123\n",
                remedy: "Correct the line. Fields that hold a comma, a quote or a line break stand in double quotes."
            }
            UnsetVariable "IC0701" {
                title: "a variable is not set for the target",
                cause: "`${var.NAME}` stands for an entry of `vars` in icsync.yaml; the target has none of this name.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: Reception ${var.floor}\n",
                remedy: "Add it to `vars` of the target. For a literal `${` write `$${`."
            }
            UnsetEnvironment "IC0702" {
                title: "a variable of the environment is not set",
                cause: "`${env.NAME}` stands for a variable of the environment in which icsync runs.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { \"crm::password\": \"${env.EXAMPLE_UNSET}\" }\n",
                remedy: "Set it where icsync runs, for example as a masked CI variable."
            }
            UnknownReference "IC0703" {
                title: "a reference stands for nothing",
                cause: "`${device}` and `${COLUMN}` are known in the template of a fleet and in profiles that only fleets use; everywhere else there are only `${var.NAME}` and `${env.NAME}`.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: Desk ${device}\n",
                remedy: "Correct the name. For a literal `${` write `$${`."
            }
            BadReference "IC0704" {
                title: "a reference is not complete",
                cause: "`${` begins a reference, which a `}` must end.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: \"Price: ${ 5\"\n",
                remedy: "Close the reference, or write `$${` for a literal `${`."
            }
            SecretReference "IC0705" {
                title: "a text refers to a secret of icsync's own",
                cause: "What opens a server, and icsync's own variables, would be printed with the plan and sent to the server.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: \"${env.ICSYNC_PLAN_KEY}\"\n",
                remedy: "Use a variable of another name for what the text shall hold."
            }
            CutShort "IC0801" {
                title: "a value is cut short by ` #`",
                cause: "A `#` behind a blank begins a comment, so what follows is no part of the value. Nobody writes a comment without a blank behind its `#`: more was probably meant.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: Reception #31\n",
                remedy: "Write the whole value in quotes, or a blank behind the `#` if it is a comment."
            }
            IdlePattern "IC0802" {
                title: "a sensitive pattern hides nothing",
                cause: "No definition and no live client that was read has a key that it matches. A pattern with a typo hides nothing, and what it was to hide stands in plans and reports. `plan` and `drift` compare, because only they know the live clients; of a part (`--select`, `--exclude`, `--shard`) they do not, because they do not read all.",
                example: "# file: icsync.yaml\nkind: Config\nsensitive: [\"settings.crm::pasword\"]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n# file: clients/one.yaml\nkind: IntegratorClient\nname: one\nscope: { telsys: 417 }\nsettings: { \"crm::password\": x }\n",
                remedy: "Correct the pattern, or remove it."
            }
            BooleanWord "IC0803" {
                title: "a word that other programs read as true or false is text here",
                cause: "YAML 1.1 reads yes, no, on and off as true and false; YAML 1.2, and icsync with it, reads them as text. A server that expects a boolean gets a text.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { \"ui::preview\": yes }\n",
                remedy: "Write `true` or `false`, or put the word in quotes if it is text."
            }
            HiddenEnd "IC0804" {
                title: "a text begins or ends with something that nobody sees",
                cause: "Blanks and characters without a picture at the ends of a text come from copying. The server takes them for a part of it, and compares them.",
                example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: \"Reception\\u00a0\"\n",
                remedy: "Remove them. Write them as `\\u00a0` and alike in double quotes, with something visible at the end, if they are meant."
            }
            IdleException "IC0805" {
                title: "an exception leaves nothing alone",
                cause: "No definition of any target is the client that it names, or git manages nothing of the client that its patterns match. A typo in an exception lets the next apply overwrite what it was to keep. `plan` and `drift` compare the patterns, because only they know the live keys.",
                example: "# file: icsync.yaml\nkind: Config\nexceptions: [{ client: receptoin, fields: [description], until: 2027-01-31, reason: trial }]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n",
                remedy: "Correct the exception, or remove it."
            }
            DevicePattern "IC0806" {
                title: "a device number looks like a pattern",
                cause: "Scopes are exact, in definitions and in `protect`, `windows` and `manage`: a `*` or `?` in a device number stands for itself. A pattern in `protect` protects nothing.",
                example: "# file: icsync.yaml\nkind: Config\nprotect: [{ telsys: 417, partition: 1, device: \"010?\" }]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n",
                remedy: "Write an entry for each device, or leave `device` out for all devices of the partition."
            }
            IdleProtection "IC0807" {
                title: "an entry of protect protects nothing",
                cause: "It covers no definition of any target and no live client that was read. A typo in it lets the next apply change and delete what it was to keep. `plan` and `drift` compare, because only they know the live clients, and not in a run of a part. Where another target manages what the entry covers, nobody knows.",
                example: "# file: icsync.yaml\nkind: Config\nprotect: [{ telsys: 471 }]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n# file: clients/one.yaml\nkind: IntegratorClient\nname: one\nscope: { telsys: 417 }\n",
                remedy: "Correct the entry. Of clients outside `manage` nothing is ever changed, and they need none."
            }
            MisspeltKey "IC0901" {
                title: "a key is probably misspelt",
                cause: "The server takes any key of policies and settings, so a misspelt one does nothing and nobody sees it. This one stands in one place, no other client has it, and it is close to a key that many have. `plan` and `drift` compare with the live clients and with the tree.",
                example: "kind: Profile\nname: base\nsettings: {}\n---\nkind: IntegratorClient\nname: one\nscope: { telsys: 417 }\nsettings: { \"interface::showMissedCallPreview\": true }\n---\nkind: IntegratorClient\nname: two\nscope: { telsys: 426 }\nsettings:\n  \"interface::showMissedCallPreview\": true\n---\nkind: IntegratorClient\nname: three\nscope: { telsys: 431 }\nsettings:\n  \"interface::showMisedCallPreview\": true\n",
                remedy: "Correct the key. If it is right, add it to keys.yaml, where `icsync keys --write` keeps the keys that are known."
            }
            UnusualType "IC0902" {
                title: "a key has a type that nobody else has",
                cause: "Every other client, live or in the tree, has a value of another JSON type for this key. `\"true\"` in quotes is a string, and no boolean.",
                example: "kind: IntegratorClient\nname: one\nscope: { telsys: 417 }\nsettings: { \"interface::showMissedCallPreview\": true }\n---\nkind: IntegratorClient\nname: two\nscope: { telsys: 426 }\nsettings:\n  \"interface::showMissedCallPreview\": true\n---\nkind: IntegratorClient\nname: three\nscope: { telsys: 431 }\nsettings:\n  \"interface::showMissedCallPreview\": \"true\"\n",
                remedy: "Write a value of the usual type. If the key may have both, list the types in keys.yaml: `type: [boolean, string]`."
            }
            UncataloguedKey "IC0903" {
                title: "a key is not in keys.yaml",
                cause: "keys.yaml lists the keys of policies and settings that are known, and this one is none of them. `keys: strict` in icsync.yaml makes that a mistake.",
                example: "# file: keys.yaml\nkind: Keys\nsettings: { \"interface::showMissedCallPreview\": { type: boolean } }\n# file: clients/example.yaml\nkind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { \"interface::showMisedCallPreview\": true }\n",
                remedy: "Correct the key, or add it to keys.yaml; `icsync keys --write` adds every key that the tree and the live clients have."
            }
            CatalogueType "IC0904" {
                title: "a value has another type than keys.yaml wants",
                cause: "keys.yaml says which JSON types the values of the key have. `\"true\"` in quotes is a string, and no boolean.",
                example: "# file: keys.yaml\nkind: Keys\nsettings: { \"interface::showMissedCallPreview\": { type: boolean } }\n# file: clients/example.yaml\nkind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { \"interface::showMissedCallPreview\": \"true\" }\n",
                remedy: "Write a value of the right type, or correct keys.yaml: a list such as `type: [boolean, string]` allows several."
            }
            CatalogueValue "IC0905" {
                title: "a value is not one of those that keys.yaml lists",
                cause: "keys.yaml lists under `values` what the key may be.",
                example: "# file: keys.yaml\nkind: Keys\nsettings: { \"interface::side\": { type: string, values: [left, right] } }\n# file: clients/example.yaml\nkind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { \"interface::side\": top }\n",
                remedy: "Write one of the values, or add yours to keys.yaml."
            }
            DeprecatedKey "IC0906" {
                title: "a key is deprecated",
                cause: "keys.yaml says with `deprecated` that the key is not to be used any more. This is a warning, whatever `keys` in icsync.yaml says.",
                example: "# file: keys.yaml\nkind: Keys\nsettings: { \"interface::side\": { type: string, deprecated: use interface::panelSide } }\n# file: clients/example.yaml\nkind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { \"interface::side\": left }\n",
                remedy: "Follow what `deprecated` says, or remove the key."
            }
        }
    };
}

pub(super) use meaning_codes;
