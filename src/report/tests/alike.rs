//! Two different texts never look equal, and each side keeps its side, in every format.

use super::*;
use crate::model::Detail;

/// Those that are read as text; JSON is for machines, and GitLab's numbers have no texts.
fn formats() -> impl Iterator<Item = Format> {
    Format::OF_REPORTS.into_iter().filter(|format| *format != Format::Json)
}

/// Gives what is seen of a document: without markup, and with what stands for characters in it.
fn seen(format: Format, world: &World) -> String {
    let text = shown(format, world);
    match format {
        Format::Html => {
            let tags: Vec<&str> =
                text.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect();
            tags.concat()
        }
        Format::Sarif => {
            let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let results = document["runs"][0]["results"].as_array().expect("results").iter();
            results.map(|result| result["message"]["text"].as_str().expect("a text")).collect()
        }
        _ => text,
    }
}

fn changed(before: &str, after: &str) -> World {
    let world = World::empty().in_sync("desk", "0123", &[]);
    let world = world.edit_live("0123", |row| row.content.description = Observed::Known(before.into()));
    world.edit("desk", |one| one.spec.description = fixture::text(after, fixture::at("clients/desk.yaml", 4)))
}

#[test]
fn values_that_look_equal_show_code_points_in_every_format() {
    for (before, after, codes) in [
        ("Zu\u{308}rich", "Zürich", ["U+0075 U+0308", "U+00FC"]),
        ("Desk\u{a0}7", "Desk 7", ["U+00A0", "U+0020"]),
        ("\u{441}ore", "core", ["U+0441", "U+0063"]),
        ("☎\u{fe0f} desk", "☎ desk", ["U+260E U+FE0F", "U+260E"]),
        ("one\ntwo\u{2009}x\n", "one\ntwo x\n", ["U+2009", "U+0020"]),
    ] {
        for format in formats() {
            let seen = seen(format, &changed(before, after));
            for code in codes {
                assert!(seen.contains(&format!("({code})")), "{code} in {format}: {seen}");
            }
        }
    }
}

#[test]
fn a_text_that_says_what_another_value_is_shows_that_it_is_a_text() {
    let list = json!([
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    ]);
    let words = serde_json::to_string_pretty(&list).expect("JSON");
    let world =
        World::empty().defined("desk", "0123", &[("core::x", list)]).live("desk", "0123", &[("core::x", json!(words))]);
    for format in formats() {
        let seen = seen(format, &world);
        assert!(seen.contains("\\n") || seen.contains("%5Cn"), "{format}: {seen}");
    }
}

#[test]
fn keys_beside_each_other_show_code_points_where_they_look_equal() {
    let world = World::empty()
        .defined("desk", "0123", &[("core::show x", json!(1)), ("core::\\u{200b}y", json!(1))])
        .live("desk", "0123", &[("core::show\u{a0}x", json!(1)), ("core::\u{200b}y", json!(1))]);
    assert_snapshot!(shown(Format::Text, &world), @r"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 ~ desk   417/1/0123   clients/desk.yaml:2
         settings
           + core::\u{200b} (U+005C U+0075 U+007B U+0032 U+0030 U+0030 U+0062 U+007D)y   1
           + core::show (U+0020)x       1
           - core::show (U+00A0)x       1
           - core::\u{200b} (U+200B)y   1

    Plan: 0 to add, 1 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    ");
    for format in formats() {
        let seen = seen(format, &world);
        for code in ["(U+00A0)", "(U+0020)", "(U+200B)", "(U+005C U+0075 "] {
            assert!(seen.contains(code), "{code} in {format}: {seen}");
        }
    }
}

#[test]
fn names_that_look_equal_show_code_points() {
    let world = World::empty()
        .prune()
        .live("Front Desk", "0123", &[])
        .live("Front\u{2009}Desk", "0124", &[])
        .called("0123", "Zürich", "Anne", ("kim", "2026-11-02"))
        .called("0124", "Zu\u{308}rich", "Anne", ("kim", "2026-11-02"))
        .in_sync("desk-1", "0125", &[])
        .defined("desk-l", "0126", &[]);
    assert_snapshot!(shown(Format::Text, &world).replace('\u{308}', "^"), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: delete

    DELETES 2   limit 20 %, asked 2
     1 - "Front (U+0020)Desk"   417/1/0123   Zü (U+00FC)rich · Anne          not in git · last changed by kim at 2026-11-02
         description        Front Desk
     2 - "Front (U+2009)Desk"   417/1/0124   Zu^ (U+0075 U+0308)rich · Anne   not in git · last changed by kim at 2026-11-02
         description        Front Desk

    refused: the plan would delete or replace 2 clients where 1 are managed; the limit is 20 % (limits.delete)
      help: if that is meant, allow just this with --max-deletes 2

    ADDS 1
     3 + desk-l (U+006C)        417/1/0126   Zü (U+00FC)rich                 clients/desk-l.yaml:2
         description        desk-l

    Plan: 1 to add, 0 to change, 2 to delete · 1 unchanged, 0 unmanaged, 0 outside the boundary
    "#);
    // JUnit names a client that git does not define by its scope.
    for format in formats().filter(|format| *format != Format::Junit) {
        let seen = seen(format, &world);
        for code in ["(U+2009)", "(U+0020)"] {
            assert!(seen.contains(code), "{code} in {format}: {seen}");
        }
    }
}

#[test]
fn unmanaged_clients_that_look_equal_show_code_points() {
    let world = World::empty().live("Front Desk", "0123", &[]).live("Front\u{a0}Desk", "0124", &[]);
    for format in [Format::Text, Format::Markdown, Format::Html, Format::Junit] {
        let seen = seen(format, &world);
        assert!(seen.contains("(U+00A0)") && seen.contains("(U+0020)"), "{format}: {seen}");
    }
}

#[test]
fn what_is_read_from_right_to_left_keeps_its_side() {
    let world = || changed("שולחן 7", "דלפק 7");
    assert!(shown(Format::Text, &world()).contains("\u{2068}שולחן 7\u{2069} → \u{2068}דלפק 7\u{2069}"));
    assert!(shown(Format::Markdown, &world()).contains("\u{2068}שולחן 7\u{2069} → \u{2068}דלפק 7\u{2069}"));
    assert!(seen(Format::Sarif, &world()).contains("\u{2068}שולחן 7\u{2069} → \u{2068}דלפק 7\u{2069}"));
    let html = shown(Format::Html, &world());
    assert!(html.contains("<bdi><del>שולחן</del>") && html.contains("<bdi><ins>דלפק</ins>"), "{html}");
    for format in formats() {
        balanced(&shown(format, &world()));
    }
}

#[test]
fn names_from_right_to_left_keep_their_columns() {
    let hostile = "\u{2069}שלום\u{2068}\u{202e}";
    for name in ["שלום", "قسم 7", hostile] {
        let world = World::empty()
            .prune()
            .live(name, "0123", &[(name, json!(name))])
            .called("0123", name, name, (name, "2026"))
            .in_sync("refused", "02", &[])
            .edit_live("02", |row| {
                let kind = crate::model::RefusalKind::NotPermitted;
                row.detail = Detail::Refused { reason: name.into(), help: name.into(), kind };
            });
        for format in formats() {
            let shown = shown(format, &world);
            balanced(&shown);
            assert!(!shown.contains('\u{202e}'), "{format}: {shown}");
        }
        let text = shown(Format::Text, &world);
        let head = text.lines().find(|line| line.contains("417/1/0123")).expect("a line");
        let (title, rest) = head.split_once("417/1/0123").expect("a scope");
        assert!(
            title.contains('\u{2068}') && title.trim_end().ends_with('\u{2069}') && rest.contains('\u{2068}'),
            "{head}"
        );
        let html = shown(Format::Html, &world);
        assert!(html.contains("<span class=\"name\"><bdi>") && html.contains("<span class=\"people\"><bdi>"), "{html}");
    }
}

/// Each isolate begins and ends on one line, and holds no other.
fn balanced(text: &str) {
    for line in text.lines() {
        let mut open = false;
        for one in line.chars().filter(|one| matches!(one, '\u{2068}' | '\u{2069}')) {
            assert!(open == (one == '\u{2069}'), "{line}");
            open = !open;
        }
        assert!(!open, "{line}");
    }
}
