//! Two authors who mean the same end with the same file.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::format;

/// The habits of an author: one decision after the other.
struct Author {
    decisions: Vec<u8>,
    made: usize,
}

impl Author {
    fn decide(&mut self, among: usize) -> usize {
        let decision = self.decisions[self.made % self.decisions.len()];
        self.made += 1;
        usize::from(decision) % among
    }

    fn blanks(&mut self) -> String {
        " ".repeat(self.decide(3))
    }

    fn text(&mut self, text: &str, flow: bool) -> String {
        // Bare, one of these is no text, and the other is warned of, which has to stay.
        let plain = !matches!(text, "null" | "yes")
            && text.starts_with(|one: char| one.is_ascii_alphabetic())
            && text.chars().all(|one| one.is_ascii_alphanumeric() || " -".contains(one) || (one == ':' && !flow));
        match self.decide(3) {
            0 if plain => text.to_owned(),
            1 if !text.contains('\n') => format!("'{}'", text.replace('\'', "''")),
            _ => serde_json::to_string(text).expect("a text"),
        }
    }

    fn flow(&mut self, value: &Value) -> String {
        match value {
            Value::String(text) => self.text(text, true),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item) + &self.blanks()).collect();
                format!("[{}{}]", self.blanks(), items.join(&format!(",{}", self.blanks())))
            }
            Value::Object(map) => {
                let mut pairs: Vec<String> = Vec::new();
                for (key, value) in map {
                    let at = self.decide(pairs.len() + 1);
                    pairs.insert(at, format!("{}: {}{}", self.text(key, true), self.blanks(), self.flow(value)));
                }
                format!("{{{}{}{}}}", self.blanks(), pairs.join(&format!("{}, ", self.blanks())), self.blanks())
            }
            other => other.to_string(),
        }
    }

    fn block(&mut self, value: &Value, indent: &str) -> String {
        match value {
            Value::Object(map) if !map.is_empty() && self.decide(2) == 0 => {
                let deeper = format!("{indent}{}", " ".repeat(1 + self.decide(4)));
                format!("\n{}", self.lines(map, &deeper))
            }
            Value::Array(items) if !items.is_empty() && self.decide(2) == 0 => {
                let deeper = format!("{indent}{}", " ".repeat(1 + self.decide(3)));
                items.iter().fold(String::new(), |lines, item| format!("{lines}\n{deeper}- {}", self.flow(item)))
            }
            Value::String(text) => format!(" {}{}", self.blanks(), self.text(text, false)),
            other => format!(" {}{}", self.blanks(), self.flow(other)),
        }
    }

    fn lines(&mut self, map: &serde_json::Map<String, Value>, indent: &str) -> String {
        let mut pairs: Vec<String> = Vec::new();
        for (key, value) in map {
            let at = self.decide(pairs.len() + 1);
            pairs.insert(at, format!("{indent}{}:{}", self.text(key, false), self.block(value, indent)));
        }
        pairs.join("\n")
    }

    fn file(&mut self, definition: &Value) -> String {
        match definition {
            Value::Object(map) if self.decide(4) > 0 => self.lines(map, "") + "\n",
            other => self.flow(other) + "\n",
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "Front desk",
        "x",
        "01",
        "it's",
        "a::b",
        "yes",
        "null",
        "",
        " ends ",
        "${var.site}",
        "Zürich",
        "two\nlines\n",
        "- a",
        "#31#",
        "\u{200b}hidden",
        "y",
        "1e3",
        "words that go on and on until one line is full, and then more words for the next line",
    ])
    .prop_map(str::to_owned)
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec!["core::a", "ui::b", "z", "it's", "0", "a key"]).prop_map(str::to_owned);
    let scalar = prop_oneof![
        any_text().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from)
    ];
    scalar.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_definition() -> impl Strategy<Value = Value> {
    let entries = || prop::collection::btree_map("[a-z]{1,8}::[a-zA-Z]{1,30}", any_json(), 0..5);
    let kind = prop::sample::select(vec!["IntegratorClient", "Profile", "Fleet"]);
    (kind, any_text(), entries(), entries(), prop::collection::vec("[a-z]{1,12}", 0..9)).prop_map(
        |(kind, description, policies, settings, profiles)| {
            let content =
                json!({"description": description, "policies": policies, "settings": settings, "profiles": profiles});
            let mut definition = json!({"kind": kind, "name": "one"});
            if kind != "Profile" {
                definition["scope"] = json!({"telsys": 417, "partition": 1, "device": "01"});
            }
            match (kind, content) {
                ("Profile", Value::Object(mut content)) => {
                    let profiles = content.remove("profiles");
                    definition.as_object_mut().expect("a map").extend(content);
                    definition["extends"] = json!(profiles);
                }
                ("Fleet", content) => definition["template"] = content,
                (_, Value::Object(content)) => definition.as_object_mut().expect("a map").extend(content),
                _ => {}
            }
            definition
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn authors_converge(
        definition in any_definition(),
        one in prop::collection::vec(any::<u8>(), 61),
        other in prop::collection::vec(any::<u8>(), 67),
    ) {
        let laid_out = |decisions: Vec<u8>| {
            let text = Author { decisions, made: 0 }.file(&definition);
            let laid = format("a.yaml", &text).unwrap_or_else(|found| panic!("{found:?}: {text}"));
            assert_eq!(format("a.yaml", &laid).expect("YAML"), laid, "twice is not the same as once");
            (text, laid)
        };
        let (one, other) = (laid_out(one), laid_out(other));
        prop_assert_eq!(&one.1, &other.1, "{}\n{}", one.0, other.0);
    }
}
