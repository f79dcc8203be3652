//! Live text that tries to act: seen in every format, obeyed in none.

use std::sync::Arc;

use super::*;
use crate::document::{CoveringLive, CoveringV1, KeysV1};
use crate::model::{Detail, Exception, RefusalKind};
use crate::report::Format;

/// Each text with its name.
const NASTY: &[(&str, &str)] = &[
    ("colour", "\u{1b}[31mred\u{1b}[0m"),
    ("clear screen and title", "\u{1b}[2J\u{1b}]0;owned\u{7}"),
    ("eight-bit control", "\u{9b}31m"),
    ("carriage return", "safe\rforged"),
    ("line ends", "one\r\ntwo\u{2028}three\u{85}four"),
    ("workflow command", "x\n::error file=a::forged\n::set-output name=a::b"),
    ("old workflow command", "\n##[command]forged"),
    ("percent signs", "%0A::error::forged %25 100%"),
    ("right to left", "\u{202e}dlrow\u{2066}x\u{2069}"),
    ("zero width", "a\u{200b}b\u{feff}c\u{ad}d"),
    ("tags of plane 14", "\u{e0001}\u{e0041}"),
    ("nul and form feed", "a\0b\u{c}c"),
    ("not of XML", "\u{fffe}\u{ffff}\u{b}]]>"),
    ("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    ("attribute", "\" onmouseover=\"alert(1)\" x='"),
    ("closing tags", "</code></pre></details></summary></script></style>-->"),
    ("comment", "--> <!-- icsync: plan other -->"),
    ("mention and reference", "@everyone #1 org/repo#2 GH-3 !4 ~label"),
    ("emphasis and link", "**x** [a](javascript:alert(1)) ![i](https://evil.example/x.png)"),
    ("table", "| a | b |\n| - | - |"),
    ("fence", "```\n```diff\n~~~\n``````````"),
    ("heading and rule", "# x\n---\n> y\n- z"),
    ("entity", "&lt;b&gt; &#64;x &amp;"),
    ("quick action", "/close\n/approve"),
];

/// A nasty text wherever the server can put one: description, key, value, reason, help, label, unmanaged client.
fn world(nasty: &str) -> World {
    World::empty()
        .in_sync("desk", "01", &[])
        .edit_live("01", |row| {
            row.content.description = Observed::Known(nasty.into());
            row.content.settings =
                Observed::Known([(nasty.into(), crate::model::Json::text(nasty))].into_iter().collect());
        })
        .in_sync("refused", "02", &[])
        .edit_live("02", |row| {
            row.detail = Detail::Refused { reason: nasty.into(), help: nasty.into(), kind: RefusalKind::NotPermitted };
        })
        .live(nasty, "03", &[])
        .called("03", nasty, nasty, (nasty, nasty))
        .in_sync("excepted", "06", &[])
        .edit("excepted", |one| {
            let exception = fixture::exception(&["settings.*"]);
            one.exceptions = vec![Arc::new(Exception { reason: nasty.to_owned(), ..(*exception).clone() })].into();
        })
        .edit_live("06", |row| {
            row.content.settings =
                Observed::Known([(nasty.into(), crate::model::Json::text(nasty))].into_iter().collect());
        })
        .defined("moved", "04", &[])
        .edit("moved", |one| one.spec.description = crate::fixture::text(nasty, one.at.clone()))
        .prune()
}

/// Gives a check every report of the format: plans, saved ones, drift, what was done, and what changes between two trees.
fn each(format: Format, check: impl Fn(&str, &str)) {
    each_plan(format, &check);
    for (name, nasty) in NASTY {
        for (report, text) in reports(format, nasty) {
            check(&format!("{name} in {report}"), &text);
        }
    }
}

/// Gives what other commands than `plan` say of nasty texts.
fn reports(format: Format, nasty: &str) -> [(&'static str, String); 3] {
    let world = world(nasty);
    let text = |render: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut out = Vec::new();
        render(&mut out).expect("a buffer");
        String::from_utf8(out).expect("text")
    };
    let heading = fixture::heading();
    let known = crate::drift::drift(&world.desired, None, &world.live, &world.policy);
    let known = DriftV1::new(heading.target.clone(), None, &known);
    let mut done = OutcomesV1::new(world.document(), &fixture::outcomes(&world.plan()));
    for error in done.outcomes.iter_mut().filter_map(|outcome| outcome.error.as_mut()) {
        error.message = nasty.into();
        error.help = nasty.into();
    }
    let other = World::empty().defined("desk", "01", &[(nasty, nasty.into())]);
    let changed = crate::review::review(&other.desired, &world.desired, &fixture::sensitive(&[]), None);
    let changed = ReviewV1::new(nasty, nasty, &changed);
    [
        ("drift", text(&|out| drift(format, out, &known, STYLE))),
        ("apply", text(&|out| outcomes(format, out, &done, STYLE))),
        ("diff", text(&|out| review(format, out, &changed, STYLE))),
    ]
}

fn each_plan(format: Format, check: impl Fn(&str, &str)) {
    for (name, nasty) in NASTY {
        let pruned = world(nasty);
        let mut kept = world(nasty);
        kept.policy.prune = crate::model::Prune::Report;
        // Two that an add may be meant to move.
        let several = kept.clone().live(nasty, "05", &[]);
        for world in [pruned, kept, several] {
            let text = shown(format, &world);
            check(name, &text);
            assert_eq!(saved(format, &world).is_empty(), text.is_empty(), "{name}");
        }
    }
}

fn saved(format: Format, world: &World) -> String {
    let mut out = Vec::new();
    crate::report::saved(format, &mut out, (&world.saved(), "plan.json"), STYLE).expect("a buffer");
    String::from_utf8(out).expect("text")
}

fn hidden(one: char) -> bool {
    (one.is_control() && one != '\n')
        || matches!(one, '\u{200b}' | '\u{202e}' | '\u{2066}' | '\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{2028}')
        || matches!(one, '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn nothing_hidden_reaches_any_format_that_is_read_as_text() {
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Json) {
        each(format, |name, text| {
            // JavaScript and CSS of the page hold no control characters either.
            assert!(!text.chars().any(hidden), "{name} in {format}");
        });
    }
}

#[test]
fn every_line_of_annotations_is_ours() {
    each(Format::Github, |name, text| {
        for line in text.lines() {
            let ours = ["::notice ", "::warning ", "::error "].iter().any(|start| line.starts_with(start));
            assert!(ours && !line.contains('\r'), "{name}: {line}");
            // The first `::` after the command ends its properties, so none may stand inside a property.
            let properties = line[2..].split_once("::").expect("a message").0;
            assert!(properties.contains("title=icsync"), "{name}: {properties}");
        }
    });
}

#[test]
fn markdown_holds_no_live_html_mention_or_broken_fence() {
    each(Format::Markdown, |name, text| {
        let mut fence: Option<String> = None;
        let mut folds = 0;
        for line in text.lines() {
            match &fence {
                Some(open) if line.trim_start() == open => fence = None,
                Some(_) => {}
                None if line.starts_with("```") => {
                    fence = Some(line.chars().take_while(|one| *one == '`').collect());
                }
                None => {
                    let prose = without_code(name, line);
                    folds += prose.matches("<details>").count();
                    folds -= prose.matches("</details>").count();
                    check_prose(name, &prose);
                }
            }
        }
        assert!(fence.is_none() && folds == 0, "{name}: {text}");
    });
}

/// Takes the code spans out of a line.
fn without_code(name: &str, line: &str) -> String {
    let mut rest = line.to_owned();
    while let Some(start) = rest.find('`') {
        let fence: String = rest[start..].chars().take_while(|one| *one == '`').collect();
        let after = start + fence.len();
        let end = rest[after..].find(&fence).unwrap_or_else(|| panic!("{name}: a code span is open: {line}"));
        rest.replace_range(start..after + end + fence.len(), "");
    }
    rest
}

/// Checks that a line without its code spans holds no markup but ours.
fn check_prose(name: &str, line: &str) {
    let markers = ["<!-- icsync: drift prod -->", "<!-- icsync: apply prod -->", "<!-- icsync: diff -->"];
    let own =
        ["<details><summary>", "</summary>", "</details>", "<!-- icsync: plan prod -->"].into_iter().chain(markers);
    let rest = own.fold(line.to_owned(), |rest, tag| rest.replace(tag, ""));
    // The block of what is dangerous, and its lines.
    let rest = rest.replace("> [!CAUTION]", "");
    let rest = rest.strip_prefix('>').unwrap_or(&rest).trim().to_owned();
    let bold = rest.strip_prefix("**").and_then(|rest| rest.strip_suffix("**")).unwrap_or(&rest).to_owned();
    let bold = bold.replace("**Refused** by", "");
    // What became of a step.
    let bold = ["failed", "stale", "unknown", "lost", "blocked"]
        .iter()
        .fold(bold, |text, word| text.replace(&format!("**{word}**"), ""));
    let table = bold.starts_with('|');
    for forbidden in ['<', '>', '@', '[', ']', '*', '|', '~'] {
        assert!((table && forbidden == '|') || !bold.contains(forbidden), "{name}: {forbidden} in {line}");
    }
}

#[test]
fn html_holds_no_live_tag() {
    each(Format::Html, |name, text| {
        let (_, body) = text.split_once("<body>").expect("a body");
        let (body, _) = body.rsplit_once("<script>").expect("our script");
        for tag in ["<script", "<img", "<style", "<!--", "javascript:alert(1)\"", " onmouseover=\"alert"] {
            assert!(!body.contains(tag), "{name}: {tag}");
        }
        for (open, close) in [("<details", "</details>"), ("<pre>", "</pre>"), ("<code>", "</code>")] {
            assert_eq!(body.matches(open).count(), body.matches(close).count(), "{name}: {open}");
        }
    });
}

#[test]
fn html_names_places_and_filters_with_harmless_words() {
    each_plan(Format::Html, |name, text| {
        let values = |attribute: &str| {
            let start = format!(" {attribute}=\"");
            let parts = text.split(start.as_str()).skip(1);
            parts.map(|part| part.split('"').next().unwrap_or_default().to_owned()).collect::<Vec<String>>()
        };
        let harmless = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.');
        let ids = values("id");
        assert!(ids.iter().filter(|id| id.starts_with("client-")).count() >= 3, "{name}: {ids:?}");
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len(), "{name}: {ids:?}");
        assert!(ids.iter().chain(&values("data-telsys")).all(|one| one.chars().all(harmless)), "{name}: {ids:?}");
        let links = values("href").into_iter().filter_map(|link| link.strip_prefix('#').map(str::to_owned));
        assert!(links.collect::<Vec<_>>().iter().all(|link| ids.contains(link)), "{name}");
    });
}

#[test]
fn junit_can_be_read_back() {
    each(Format::Junit, |name, text| {
        quick_junit::Report::deserialize_from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    });
}

#[test]
fn sarif_is_json_without_links() {
    each(Format::Sarif, |name, text| {
        serde_json::from_str::<serde_json::Value>(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!text.contains("]("), "{name}");
    });
}

#[test]
fn keys_and_levels_are_shown_and_not_obeyed() {
    for (name, nasty) in NASTY {
        let world = world(nasty);
        let census = crate::catalogue::Census::of(&world.desired, Some(&world.live));
        let sensitive = fixture::sensitive(&[]);
        let target = fixture::heading().target;
        let counted = KeysV1::new(Some(target.clone()), &census, None, &sensitive);
        let live = CoveringLive { live: &world.live, policy: &world.policy, target: &target };
        let covering = CoveringV1::new(&fixture::scope(417, 1, "01"), &world.desired, Some(live), &sensitive);
        for width in [None, Some(60)] {
            let (mut keys, mut levels) = (Vec::new(), Vec::new());
            crate::report::keys::text(&mut keys, &counted, width).expect("a buffer");
            crate::report::covering::text(&mut levels, &covering, width).expect("a buffer");
            for text in [keys, levels] {
                let text = String::from_utf8(text).expect("text");
                assert!(text.contains("settings") && !text.chars().any(hidden), "{name}: {text}");
            }
        }
    }
}
