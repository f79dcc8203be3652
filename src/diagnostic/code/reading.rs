//! What is wrong with files, with YAML, and with keys and values wherever they stand.

/// Gives these rows of the table to the macro that adds the others.
macro_rules! reading_codes {
    ($others:ident, $table:ident) => {
        $others! { $table
            Unreadable "IC0001" {
                title: "a file cannot be read",
                cause: "A file that the configuration names does not exist, is no regular file, or may not be read.",
                example: "kind: Fleet\nname: desks\nscope: { telsys: 417, partition: 1 }\ndevices_from: { csv: missing.csv, column: number }\ntemplate: { description: Desk }\n",
                remedy: "Check the path and the permissions. Paths are relative to the file that names them."
            }
            TooLarge "IC0002" {
                title: "a file is too large",
                cause: "One file of definitions may hold 64 MiB, one document of definitions 16 MiB, all files together 512 MiB, all CSV files together 48 MiB, and the configuration 4 MiB. `fmt` lays out files of up to 16 MiB and 1,048,576 lines.",
                example: "# a file of more than 64 MiB\n",
                remedy: "Split the file, or write `---` between its definitions. They may be spread over any number of files."
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
                cause: "In the folders that the `definitions` patterns look into, each file whose name ends in .yaml, .yml or .json, in small or capital letters, hidden or not, is read or left out on purpose. A definition that nobody reads would look like a client that git does not want: with pruning that would mean to delete it. Where `prune: delete` stands, and for a run with `--prune`, this goes for every file of the repository in which a client or a fleet is defined, as in a folder that was moved; hidden folders, and those with an icsync.yaml of their own, aside.",
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
                cause: "The aliases of one document may stand for 100,000 values. Aliases, variables, templates of fleets, descriptions of profiles and texts of more than 4 KiB may make 64 MiB in all definitions of a load together, and profiles, templates and own keys that are laid over each other 8,000,000 keys. More is almost always an attack or an accident.",
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
                cause: "One file may hold 250,000 documents, one document 500,000 keys and values and an estate 4,000,000, one line of a CSV file 1,024 fields, all definitions may name 250,000 clients. The configuration may have 256 targets, lists of 1,000 patterns over fields, 10,000 entries of `protect` and 10,000 `exceptions`, of which 1,000 may select clients by an expression. Of mistakes 50,000 are told, and of warnings as many.",
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
        }
    };
}

pub(super) use reading_codes;
