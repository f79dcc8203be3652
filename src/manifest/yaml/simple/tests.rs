//! What is simple reads as the parser of all of YAML reads it.

use granit_parser::Parser;
use proptest::prelude::*;

use super::*;
use crate::manifest::yaml::position::to_span;

/// Gives what the parser of all of YAML makes of a text, unless it finds a fault.
fn parsed(text: &str, comments: Comments) -> Option<SimpleEvents<'_>> {
    let mut options = granit_parser::options! { block_nesting_limit: 64, flow_nesting_limit: 64, };
    options.set_emit_comments(comments == Comments::Seen);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut events = Vec::new();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.ok()?;
        if !matches!(event, Event::StreamStart | Event::StreamEnd) {
            events.push((event, to_span(&span)));
        }
    }
    Some(events)
}

/// Compares two events. The end of a block is a place without extent, and it says nothing where that is.
fn same((one, at): &(Event<'_>, Span), (other, there): &(Event<'_>, Span)) -> bool {
    let ends = matches!(one, Event::MappingEnd | Event::SequenceEnd | Event::DocumentEnd);
    one == other && (at == there || ends && at.start == at.end && there.start == there.end)
}

/// Compares both readings, if the text is simple. Tells whether it is.
fn agrees(text: &str) -> bool {
    let Some(simple) = events(text, Comments::Skipped) else { return false };
    let full = |comments| parsed(text, comments).unwrap_or_else(|| panic!("a fault in {text:?}"));
    let parsed = full(Comments::Skipped);
    let differing = simple.iter().zip(&parsed).find(|(one, other)| !same(one, other));
    assert!(differing.is_none() && simple.len() == parsed.len(), "{text:?}: {differing:?}");
    let (seen, remarks) = parted(events(text, Comments::Seen).expect("it is simple with its comments too"));
    assert_eq!((seen, remarks), (simple, parted(full(Comments::Seen)).1), "{text:?}");
    true
}

/// Parts events from the comments among them, of which it does not matter what they stand beside.
fn parted(events: SimpleEvents<'_>) -> (SimpleEvents<'_>, Vec<(String, u32, u32)>) {
    let (mut values, mut remarks) = (Vec::new(), Vec::new());
    for (event, at) in events {
        match event {
            Event::Comment(text, _) => remarks.push((text.into_owned(), at.start, at.end)),
            event => values.push((event, at)),
        }
    }
    (values, remarks)
}

/// What lines are made of, with `¦` between: nearly all of it is simple where it stands right.
const PIECES: &[&str] = &[
    "a¦b1¦key¦:¦: ¦ ¦  ¦    ¦\n¦\n  ¦\n    ¦\n- ¦\n  - ¦- ¦\"¦'¦\"x y\"¦'q'¦{¦}¦[¦]¦,¦, ¦#¦ # c¦---\n¦\n---\n",
    "...¦~¦null¦true¦12¦-1¦+3¦core::x¦${a}¦ä¦–¦\u{2028}¦\u{85}¦\u{feff}¦\t¦\r\n¦|¦>¦&a ¦*a¦!t ¦<<¦?¦? ¦@¦%¦`",
    "\\¦''¦a: 1\n¦b: x\n¦c:\n¦  d: e\n¦  - f\n¦{ a: 1, b: \"2\" }¦[a, 'b']¦=¦.¦/¦(¦\u{ad}¦\u{7f}¦a: \"b\" c\n",
    "a: b\n c\n¦\"k\": v\n¦a:b: c\n¦e:  f # g\n¦    h: [i]\n¦{ j: { k: [] } }¦\u{301}",
];

fn pieces() -> Vec<&'static str> {
    PIECES.iter().flat_map(|line| line.split('¦')).collect()
}

/// Makes texts of pieces, and of lines that look like definitions.
pub(in crate::manifest) fn texts() -> impl Strategy<Value = (String, String)> {
    let line = |(indent, key, colon, value): (usize, usize, usize, &str)| {
        let (key, colon) = (["a", "b", "\"c\"", "d::e"][key], [": ", ":", ":  "][colon]);
        format!("{}{key}{colon}{value}\n", "  ".repeat(indent))
    };
    let lines = prop::collection::vec((0..3usize, 0..4usize, 0..3usize, prop::sample::select(pieces())), 0..6);
    let lines = lines.prop_map(move |lines| lines.into_iter().map(line).collect());
    (prop::collection::vec(prop::sample::select(pieces()), 0..12).prop_map(|all| all.concat()), lines)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn what_is_simple_reads_as_all_of_yaml_does(
        (pieces, lines) in texts(),
    ) {
        agrees(&pieces);
        agrees(&lines);
        agrees(&(lines + &pieces));
    }
}

#[test]
fn definitions_as_people_write_them_are_simple() {
    for text in [
        "# A desk.\nkind: IntegratorClient\nname: desk-1\nscope: { telsys: 417, partition: 1, device: \"0123\" }\ndescription: Büro – 2 # new\n\
         profiles: [base, 'b']\npolicies:\n  \"core::a\": true\n\n  core::b: \"value 1\"\nsettings:\n  x: -5\n  deep:\n    list:\n      - 1\n      - \"a: b\"\n",
        "---\nkind: Profile\nname: base\nsettings: {}\n---\n# next\nkind: Fleet\ntemplate:\n  description: Desk ${device}\n",
        include_str!("../../../../examples/quickstart/clients/sunshine.yaml"),
    ] {
        assert!(agrees(text), "{text}");
    }
}

#[test]
fn everything_else_is_left_to_the_parser() {
    for text in [
        "",
        "# nothing\n",
        "a:\n",
        "a: |\n  b\n",
        "a: b\n  c\n",
        "a: \"b\n  c\"\n",
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "<<: {}\n",
        "a:\n- 1\n",
        "- a: 1\n",
        "a: { b: 1,\n  c: 2 }\n",
        "a: {b}\n",
        "a: [b: 1]\n",
        "a: 'it''s'\n",
        "a: \"\\n\"\n",
        "a: b: c\n",
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: 1\r\n",
        "\ta: 1\n",
        "\u{feff}a: 1\n",
        "a: 1\n---\n",
        "? a\n: b\n",
        "a: @b\n",
    ] {
        assert!(events(text, Comments::Skipped).is_none(), "{text:?}");
    }
}
