//! Reads `estate.yaml`: what is wrong with its form, or else what contradicts itself in it, all of it at once.

use std::collections::BTreeSet;

use super::estate::{Estate, FirstClient, User};
use super::mistakes::FileMistakes;
use super::places::Places;
use crate::diagnostic::Diagnostic;
use crate::manifest::typed_estate;
use crate::model::{ClientId, Scope};

/// Why a text is no estate.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EstateError(FileMistakes);

/// What contradicts itself, and in which entry of which list.
struct EstateProblem {
    list: &'static str,
    index: usize,
    message: String,
}

impl EstateError {
    /// Gives each mistake with its place.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.0.into_diagnostics()
    }
}

impl Estate {
    /// Reads an estate; `file` is its name in errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, EstateError> {
        let no_estate = |mistakes| EstateError(FileMistakes::new(file, "an estate", mistakes));
        let estate = typed_estate::<Self>(text, file).map_err(no_estate)?;
        let problems = check(&estate.value).into_iter();
        let mistakes: Vec<Diagnostic> = problems
            .map(|EstateProblem { list, index, message }| estate.contradiction(Some((list, index)), message))
            .collect();
        if mistakes.is_empty() { Ok(estate.value) } else { Err(no_estate(mistakes)) }
    }
}

fn check(estate: &Estate) -> Vec<EstateProblem> {
    let mut found = Vec::new();
    let places = Places::of(estate, |index, message| {
        found.push(EstateProblem { list: "telephony_servers", index, message });
    });
    check_users(&estate.users, &mut found);
    let environments: BTreeSet<&str> = estate.cm_environments.iter().map(String::as_str).collect();
    let (mut ids, mut scopes) = (BTreeSet::new(), BTreeSet::new());
    for (index, client) in estate.clients.iter().enumerate() {
        let mut about = |problem: String| {
            let message = format!("client {}: {problem}", index + 1);
            found.push(EstateProblem { list: "clients", index, message });
        };
        match scope_in(client, &places) {
            Ok(scope) if scopes.contains(&scope) => about(format!("another client has the scope `{scope}`")),
            Ok(scope) => drop(scopes.insert(scope)),
            Err(problem) => about(problem),
        }
        if let Some(id) = &client.id
            && (ClientId::from_person(id).is_none() || !ids.insert(id))
        {
            about(format!("`{}` is not an id, or another client has it", id.escape_debug()));
        }
        let environment = client.cm_environment_id.as_deref().filter(|id| !id.is_empty() && !environments.is_empty());
        if let Some(unknown) = environment.filter(|id| !environments.contains(id)) {
            about(format!("`{}` is not in `cm_environments`", unknown.escape_debug()));
        }
    }
    found
}

fn scope_in(client: &FirstClient, places: &Places) -> Result<Scope, String> {
    let scope = client.scope()?;
    places.require(&scope)?;
    Ok(scope)
}

fn check_users(users: &[User], found: &mut Vec<EstateProblem>) {
    let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for (index, User { username, password: _, api_key, rights: _, access: _ }) in users.iter().enumerate() {
        let mut about = |problem: &str| {
            let message = format!("user `{}`: {problem}", username.escape_debug());
            found.push(EstateProblem { list: "users", index, message });
        };
        if username.contains(':') || !names.insert(username) {
            about("the name holds a colon, or another user has it");
        }
        if api_key.as_ref().is_some_and(|key| key.is_empty() || !keys.insert(key)) {
            about("the API key is empty, or another user has it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Estate::parse(text, "estate.yaml").expect_err(text).to_string()
    }

    #[test]
    fn an_estate_may_be_larger_than_any_definition() {
        const CLIENTS: usize = 60_000;
        let lines = |line: &dyn Fn(usize) -> String| (0..CLIENTS).map(line).collect::<Vec<_>>().concat();
        let devices = lines(&|number| format!("          - {{ number: \"{number:06}\" }}\n"));
        let clients = lines(&|number| {
            format!(
                "  - {{ id: \"{number:016x}:1:1:1\", telsys: 1, partition: 1, device: \"{number:06}\", description: d, policies: {{}}, settings: {{}} }}\n"
            )
        });
        let text = format!(
            "telephony_servers:\n  - id: 1\n    partitions:\n      - id: 1\n        devices:\n{devices}clients:\n{clients}"
        );
        assert_eq!(Estate::parse(&text, "estate.yaml").expect("an estate").clients.len(), CLIENTS);
    }

    #[test]
    fn an_unquoted_device_number_keeps_its_plus_and_zeros() {
        let text = "telephony_servers: [{ id: 1, partitions: [{ id: 1, devices: [{ number: +442046034980 }, { number: 0123 }] }] }]";
        let estate = Estate::parse(text, "estate.yaml").expect("an estate");
        let numbers: Vec<_> = estate.telephony_servers[0].partitions[0].devices.iter().map(|d| &d.number).collect();
        assert_eq!(numbers, ["+442046034980", "0123"]);
    }

    #[test]
    fn mistakes_have_a_code_their_place_and_help() {
        let mistake = |text: &str| {
            let mistakes = Estate::parse(text, "estate.yaml").expect_err(text).into_diagnostics();
            let [one] = &mistakes[..] else { panic!("{mistakes:?}") };
            let at = one.location().expect("a place");
            format!(
                "{} {}:{} {}; {}",
                one.code.as_str(),
                at.line,
                at.column,
                one.message,
                one.help.as_deref().unwrap_or("-")
            )
        };
        for (text, said) in [
            ("user: []", "IC0201 1:1 the key `user` is not known here; did you mean `users`?"),
            (
                "users:\n  - username: u\n    acess: x",
                "IC0201 3:5 the key `acess` is not known here; did you mean `access`?",
            ),
            (
                "users: [{ username: u, access: read }]",
                "IC0206 1:32 `read` is not one of `read_write` and `read_only`; the words here are `read_write` and `read_only`",
            ),
            ("users:\n  - api_key: k", "IC0203 2:5 the key `username` is missing; -"),
            (
                "telephony_servers:\n  - id: x",
                "IC0202 2:9 here stands the text `x`, and a whole number that is not negative and not too large is wanted; -",
            ),
            (
                "telephony_servers: [{ id: 007 }]",
                "IC0110 1:27 it is not clear which number `007` is: the leading zero would be lost; -",
            ),
            (
                "users: [{ username: a }, { username: a }]",
                "IC0209 1:26 user `a`: the name holds a colon, or another user has it; -",
            ),
            ("clients:\n  - { telsys: 4 }", "IC0209 2:5 client 1: no telephony server has the scope `4/all/all`; -"),
            ("users: []\nusers: []", "IC0102 2:1 the key `users` stands twice in one mapping; remove one of them"),
        ] {
            assert_eq!(mistake(text), said, "{text}");
        }
        assert!(mistake("dialect: { put: x }").contains("`x` is not a value of `put`"));
    }

    #[test]
    fn errors_name_the_file_and_the_place() {
        assert_eq!(error("nope: 1"), "`estate.yaml` is not an estate: the key `nope` is not known here at 1:1");
        assert_eq!(
            error("telephony_servers: [{ id: 1 }, { id: 1 }]"),
            "`estate.yaml` is not an estate: telephony server 1 is listed twice at 1:32"
        );
    }

    #[test]
    fn all_mistakes_are_told() {
        let said = |text: &str| {
            let mistakes = Estate::parse(text, "estate.yaml").expect_err(text).into_diagnostics();
            let line = |one: &Diagnostic| format!("{}: {}", one.location().expect("a place"), one.message);
            mistakes.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(
            said("telephony_servers:\n  - id: x\n  - id: 1\n    name: y\nusers:\n  - usernam: u\n  - acess: x\n    username: v\n  - password: p\ncm_environments: 5\n"),
            @r"
            estate.yaml:2: here stands the text `x`, and a whole number that is not negative and not too large is wanted
            estate.yaml:4: the key `name` is not known here
            estate.yaml:6: the key `usernam` is not known here
            estate.yaml:7: the key `acess` is not known here
            estate.yaml:9: the key `username` is missing
            estate.yaml:10: here stands the number 5, and a list is wanted
            "
        );
        let said = said(
            "telephony_servers:\n  - id: 1\n    partitions: [{ id: 1, devices: [{ number: '1' }, { number: '1' }, { number: '' }] }, { id: 1 }]\n  - id: 1\nusers:\n  - username: u\n    api_key: ''\n  - username: u\ncm_environments: [a]\nclients:\n  - { telsys: 9, id: '?', cm_environment_id: b }\n  - { telsys: 1, partition: -9 }\n  - { telsys: 1 }\n  - { telsys: 1 }\n",
        );
        for part in [
            "yaml:2: telephony server 1: partition 1: device `1` is listed twice",
            "yaml:2: telephony server 1: partition 1 is listed twice",
            "yaml:4: telephony server 1 is listed twice",
            "yaml:6: user `u`: the API key is empty",
            "yaml:8: user `u`: the name holds a colon, or another",
            "yaml:11: client 1: no telephony server has the scope `9/all/all`",
            "yaml:11: client 1: `?` is not an id",
            "yaml:11: client 1: `b` is not in `cm_environments`",
            "yaml:12: client 2: ",
            "yaml:14: client 4: another client has the scope `1/all/all`",
        ] {
            assert!(said.contains(part), "{part}\n{said}");
        }
    }
}
