//! Ids that are written into definitions.

use super::super::*;
use crate::model::{ClientId, ClientName};

const ID: &str = "a21abf960a398ee2:7b73f31a:198d18707a9:6e88";

fn pinned(text: &str, names: &[&str]) -> Pinned {
    let ids = names.iter().map(|name| (client(name), ClientId::from_person(ID).expect("an id")));
    pin("a.yaml", text, &ids.collect()).expect("YAML")
}

fn client(name: &str) -> ClientName {
    ClientName::new(name).expect("a name")
}

#[test]
fn an_id_is_one_line_after_the_scope() {
    let text = "# head\r\nkind: IntegratorClient   # kind\r\nname: 'one'\r\nscope:\r\n   telsys: 417   # four\r\n   # deep\r\n\r\n\r\n\
                settings: {}\r\n---\r\n{ kind: IntegratorClient, scope: { telsys: 1 }, name: two }\r\n---\r\n  kind: IntegratorClient\r\n  \
                name: three\r\n  scope: { telsys: 417,\r\n     partition: 1 } # end";
    let Pinned { text: edited, written, left } = pinned(text, &["one", "two", "three"]);
    let quoted = format!("id: \"{ID}\"");
    let expected = text
        .replace("# four\r\n", &format!("# four\r\n{quoted}\r\n"))
        .replace("{ telsys: 1 },", &format!("{{ telsys: 1 }}, {quoted},"))
        + &format!("\r\n  {quoted}");
    assert_eq!((edited, left), (expected, Vec::new()));
    assert_eq!(written.len(), 3);
}

#[test]
fn an_older_id_is_replaced_where_it_stands() {
    let old = "0000000000000000:1:1:1";
    for quote in ["\"", "'", ""] {
        let text = format!("kind: IntegratorClient\nid:   {quote}{old}{quote}   # pinned\nname: one\nscope: {{}}\n");
        let Pinned { text: edited, written, .. } = pinned(&text, &["one"]);
        let kept = if quote.is_empty() { "\"" } else { quote };
        assert_eq!(edited, text.replace(&format!("{quote}{old}{quote}"), &format!("{kept}{ID}{kept}")));
        assert_eq!(written, [client("one")]);
    }
}

#[test]
fn what_cannot_be_pinned_is_named_and_left() {
    let text = "kind: Fleet\nname: desk\n---\nkind: IntegratorClient\nname: one\nid: \"${var.id}\"\n---\n? kind\n: IntegratorClient\n\
                ? name\n: two\n? scope\n: {}\n";
    let Pinned { text: edited, written, left } = pinned(text, &["desk", "one", "two", "elsewhere"]);
    assert_eq!((&*edited, written.len()), (text, 0));
    let reasons: Vec<(&str, NotPinned)> = left.iter().map(|(name, reason)| (name.as_str(), *reason)).collect();
    assert_eq!(
        reasons,
        [
            ("desk", NotPinned::NoDocument),
            ("elsewhere", NotPinned::NoDocument),
            ("one", NotPinned::Indirect),
            ("two", NotPinned::Layout)
        ]
    );
}

#[test]
fn an_id_is_one_line_in_a_flow_mapping_over_several_lines_too() {
    let before = "{\n  kind: IntegratorClient,\n  name: one,\n  scope: { telsys: 1 },  # where\n  description: x,\n}\n";
    let after = before.replace("# where\n", &format!("# where\n  id: \"{ID}\",\n"));
    assert_eq!(pinned(before, &["one"]).text, after);
    let before = "{\n  kind: IntegratorClient,\n  name: one,\n  scope: { telsys: 1 }\n}\n";
    assert_eq!(
        pinned(before, &["one"]).text,
        before.replace("{ telsys: 1 }", &format!("{{ telsys: 1 }}, id: \"{ID}\""))
    );
}

#[test]
fn an_id_is_written_as_json_writes_it_where_keys_are_in_quotes() {
    for (before, after) in [
        (
            "{\"kind\":\"IntegratorClient\",\"scope\":{\"telsys\":1},\"name\":\"one\"}\n",
            "{\"kind\":\"IntegratorClient\",\"scope\":{\"telsys\":1}, \"id\": ID,\"name\":\"one\"}\n",
        ),
        (
            "{\n  \"kind\": \"IntegratorClient\",\n  \"scope\": {\n    \"telsys\": 1\n  },\n  \"name\": \"one\"\n}\n",
            "{\n  \"kind\": \"IntegratorClient\",\n  \"scope\": {\n    \"telsys\": 1\n  },\n  \"id\": ID,\n  \"name\": \"one\"\n}\n",
        ),
        (
            "\"kind\": IntegratorClient\n\"name\": one\n\"scope\": {}\n",
            "\"kind\": IntegratorClient\n\"name\": one\n\"scope\": {}\n\"id\": ID\n",
        ),
    ] {
        assert_eq!(pinned(before, &["one"]).text, after.replace("ID", &format!("\"{ID}\"")));
    }
}
