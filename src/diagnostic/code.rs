//! Every code with its long text; a code without text does not compile.

use super::table::{CodeEntry, codes};

codes! {
    Unreadable "IC0001" {
        title: "a file cannot be read",
        cause: "A file that the configuration names does not exist, is no regular file, or may not be read.",
        example: "kind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: missing.csv, column: number }\ntemplate: { description: Desk }\n",
        remedy: "Check the path and the permissions. Paths are relative to the file that names them."
    }
    TooLarge "IC0002" {
        title: "a file is too large",
        cause: "One file of definitions, or one CSV file, may hold 64 MiB, and all of them together 512 MiB.",
        example: "# a file of more than 64 MiB\n",
        remedy: "Split the file. Definitions may be spread over any number of files."
    }
    NotUtf8 "IC0003" {
        title: "a file is not UTF-8",
        cause: "Definitions are UTF-8, with or without a byte order mark. Bytes that are not UTF-8 could not be sent unchanged.",
        example: "# description: Caf\\xE9 (written as ISO 8859-1)\n",
        remedy: "Save the file as UTF-8."
    }
    OutsideRepository "IC0004" {
        title: "a path leaves the repository",
        cause: "Definitions and what they include lie below the folder of icsync.yaml, so that a reviewed commit says everything. Absolute paths, `..` and symbolic links that lead out are refused.",
        example: "# file: icsync.yaml\nkind: Config\ndefinitions: [\"../other/*.yaml\"]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n",
        remedy: "Move the file into the folder of icsync.yaml, or copy it there."
    }
    NoMatch "IC0005" {
        title: "a pattern matches no file",
        cause: "A pattern of `definitions` matches nothing. A moved folder must never look like a tree without clients: with pruning that would mean to delete them all.",
        example: "# file: icsync.yaml\nkind: Config\ndefinitions: [\"clients/**/*.yaml\", \"klients/*.yaml\"]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n",
        remedy: "Correct the pattern, or remove it if the folder is gone on purpose."
    }
    NothingDefined "IC0006" {
        title: "no client is defined",
        cause: "The files hold no client at all. An empty source never means to delete everything.",
        example: "# nothing here yet\n",
        remedy: "Write a definition (`icsync init` makes an example), or let `icsync export` write what exists. To delete a client write `state: absent`."
    }
    BadGlob "IC0007" {
        title: "a pattern is not a glob",
        cause: "Patterns of `definitions` are globs: `*` is any text within a folder, `**` any folders, `?` one character, `{a,b}` alternatives, `[ab]` a set.",
        example: "# file: icsync.yaml\nkind: Config\ndefinitions: [\"clients/[.yaml\"]\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\n",
        remedy: "Correct the pattern."
    }
    UnreadDefinition "IC0008" {
        title: "a file looks like a definition, and no pattern reads it",
        cause: "In the folders that the `definitions` patterns look into, each file whose name ends in .yaml, .yml or .json, in small or capital letters, hidden or not, is read or left out on purpose. A definition that nobody reads would look like a client that git does not want: with pruning that would mean to delete it.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\n# file: clients/lobby.YML\nkind: IntegratorClient\nname: lobby\nscope: { telsys: 426 }\n",
        remedy: "Rename the file so that a pattern reads it, or add a pattern that does. What is no definition is left out by a pattern that begins with `!`, in quotes: definitions: [\"clients/**/*.{yaml,yml}\", \"!clients/drafts/**\"]."
    }
    ForeignText "IC0009" {
        title: "another program left something in the file",
        cause: "The file holds markers of a merge that was not finished, stands for a file that Git LFS did not fetch, or was put together of several files with marks of their byte order. What it was to say cannot be told.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\n<<<<<<< HEAD\ndescription: one\n=======\ndescription: two\n>>>>>>> branch\n",
        remedy: "Finish the merge, fetch the file with `git lfs pull`, or save the file as UTF-8 without marks."
    }
    EmptyFile "IC0010" {
        title: "a file of definitions defines nothing",
        cause: "The file is empty, or all of it is comments. A write that was cut off leaves such a file, and with pruning the clients that it defined would be deleted. Comments alone are a warning: somebody may mean it.",
        example: "# file: clients/lobby.yaml\n# kind: IntegratorClient\n# file: clients/reception.yaml\nkind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\n",
        remedy: "Restore the file, or remove it if what it defined is not wanted any more."
    }
    Syntax "IC0101" {
        title: "the YAML is not valid",
        cause: "The document cannot be read as YAML. One such error is shown for a document; the other documents and files are checked all the same.",
        example: "kind: IntegratorClient\nname: \"reception\n",
        remedy: "The mark shows where reading stopped; the mistake is there or just before: a quote or bracket that is not closed, a tab, a colon in unquoted text, wrong indentation."
    }
    DuplicateKey "IC0102" {
        title: "a key stands twice in one mapping",
        cause: "Readers of YAML disagree about which of the two wins, so neither is taken.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: one\ndescription: two\n",
        remedy: "Remove one of them."
    }
    KeyNotText "IC0103" {
        title: "a key is not text",
        cause: "Keys become keys of JSON objects, which are text. YAML reads this key as something else.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { 1: first }\n",
        remedy: "Write the key in quotes if it is meant as text."
    }
    TooDeep "IC0104" {
        title: "the YAML is nested too deeply",
        cause: "Mappings and lists may be nested 64 deep, aliases included; profiles may extend each other 64 deep.",
        example: "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        remedy: "Write the value less deeply nested."
    }
    AliasBudget "IC0105" {
        title: "aliases or references expand to too much",
        cause: "The aliases of one document may stand for 100,000 values. Aliases, variables, templates of fleets and descriptions of profiles may make 64 MiB in all definitions of a load together, and profiles, templates and own keys that are laid over each other 8,000,000 keys. More is almost always an attack or an accident.",
        example: "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n",
        remedy: "Write profiles instead of aliases: what a client takes over whole is shared, not copied."
    }
    BadAlias "IC0106" {
        title: "an alias stands for nothing",
        cause: "An alias (`*name`) stands for the value that was marked with the anchor (`&name`) before it in the same document. It cannot stand for what contains it.",
        example: "kind: IntegratorClient\nname: reception\nscope: *desk\n",
        remedy: "Define the anchor before the alias, in the same document. Text that begins with `*` needs quotes."
    }
    BadMerge "IC0107" {
        title: "a merge key does not name a mapping",
        cause: "`<<` takes over the keys of a mapping, or of a list of mappings.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { <<: text }\n",
        remedy: "Write `<<: *anchor`, where the anchor marks a mapping."
    }
    BadTag "IC0108" {
        title: "a tag is not understood, or does not fit",
        cause: "Only the tags of the YAML 1.2 core schema are known: !!str, !!int, !!float, !!bool, !!null, !!seq, !!map.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: !secret door\n",
        remedy: "Remove the tag. For values of the environment write ${env.NAME}."
    }
    TooManyDocuments "IC0109" {
        title: "there are too many documents, values or clients",
        cause: "One file may hold 250,000 documents, one document 500,000 keys and values, and all definitions may name 250,000 clients.",
        example: "# a file of more than 250,000 documents\n",
        remedy: "Split the file."
    }
    UnclearNumber "IC0110" {
        title: "a number whose meaning is unclear",
        cause: "What YAML and JSON make of this number differs: a leading zero or plus would be lost, and JSON has no infinity. What is sent must be exactly what the file says.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings: { \"dial::prefix\": 0044 }\n",
        remedy: "Write it in quotes if it is text, such as a telephone number; write the plain decimal number if it is a number."
    }
    UnknownKey "IC0201" {
        title: "a key is not known",
        cause: "The key means nothing here. Unknown keys are refused, because a misspelt key would silently manage nothing.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescripton: Reception\n",
        remedy: "Correct or remove the key."
    }
    WrongType "IC0202" {
        title: "a value has the wrong type",
        cause: "The key wants another type of value: text, a number, true or false, a list, or a mapping. Nothing is converted.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\ndescription: 12\n",
        remedy: "Write a value of the right type. Text that looks like a number, true, false or null needs quotes."
    }
    MissingKey "IC0203" {
        title: "a key is missing",
        cause: "The key must be written here.",
        example: "kind: IntegratorClient\nname: reception\n",
        remedy: "Add the key."
    }
    UnknownKind "IC0204" {
        title: "a document has no known kind",
        cause: "Each document of the definitions says what it is: `kind: IntegratorClient`, `Profile` or `Fleet`.",
        example: "kind: IntegratorKlient\nname: reception\nscope: { telsys: 417 }\n",
        remedy: "Write one of these kinds, or keep files that are something else out of the `definitions` patterns."
    }
    MisplacedKind "IC0205" {
        title: "a document is in the wrong file",
        cause: "icsync.yaml holds exactly one `kind: Config`; definitions lie in the files that its `definitions` patterns match.",
        example: "kind: Config\ntargets: {}\n",
        remedy: "Move the document, or correct the patterns."
    }
    BadWord "IC0206" {
        title: "a word is not one of those allowed",
        cause: "The key takes one of a few words.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nstate: deleted\n",
        remedy: "Write one of the words that the message names."
    }
    OutOfRange "IC0207" {
        title: "a number is out of range",
        cause: "The key takes numbers of a certain range.",
        example: "# file: icsync.yaml\nkind: Config\ntargets: { local: { sandbox: { data: s.db, estate: estate.yaml } } }\nrequests: { parallelism: 0 }\n",
        remedy: "Write a number of the range that the message names."
    }
    NothingThere "IC0208" {
        title: "nothing stands after a key",
        cause: "A key with nothing after it could mean that the field is empty or that it is not managed.",
        example: "kind: IntegratorClient\nname: reception\nscope: { telsys: 417 }\nsettings:\n",
        remedy: "Write `{}` to manage the field as empty, or leave the key out to leave the field alone."
    }
    Contradiction "IC0209" {
        title: "what stands in a file of the sandbox does not fit together",
        cause: "The estate names a place, an id or a user that is not there, or twice; or a fault says what cannot be.",
        example: "# file: estate.yaml\ntelephony_servers: [{ id: 417 }]\nclients: [{ telsys: 426 }]\n",
        remedy: "Correct the entry that the mark shows."
    }
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
        cause: "Nothing of the key is left after everything but a-z, 0-9 and hyphens is dropped.",
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
        cause: "No definition and no live client that was read has a key that it matches. A pattern with a typo hides nothing, and what it was to hide stands in plans and reports. `plan` and `drift` compare, because only they know the live clients.",
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
