//! The comment of a pull request: where it is made, and what is repeated.

use super::*;

fn commented(world: &World, hosted: Hosted<'_>) -> String {
    let mut out = Vec::new();
    let mut document = world.document();
    document.source.git_commit = Some("0123456789abcdef0123456789abcdef01234567".into());
    plan(Format::Markdown, &mut out, &document, Style { hosted, ..STYLE }).expect("a buffer");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_comment_links_to_its_run_and_speaks_of_the_merge() {
    let page = Some("https://github.com/a/b/actions/runs/1");
    let proposed = Hosted { page, stage: ChangeStage::Proposed };
    let text = commented(&small(), proposed);
    assert!(text.contains("commit `0123456789abcdef0123456789abcdef01234567` · plan `sha256:"), "{text}");
    assert!(text.contains("[the full report](<https://github.com/a/b/actions/runs/1>)"), "{text}");
    assert!(
        text.contains("Next: once this is merged the plan is made again, and what it says then is applied")
            && !text.contains("icsync apply"),
        "{text}"
    );
    assert!(commented(&small(), Hosted { page, ..Hosted::NOWHERE }).contains("icsync apply --target prod"));
    let refused = commented(&everything(), proposed);
    assert!(refused.contains("merging applies nothing while the plan is refused"), "{refused}");
    assert!(refused.contains("2 blocked clients stay as they are"), "{refused}");
    let nothing = commented(&World::empty().in_sync("desk", "0123", &[]), proposed);
    assert!(nothing.contains("Next: merging applies nothing."), "{nothing}");
}

#[test]
fn refusals_of_one_rule_are_one() {
    let world = (0..30_u32).fold(World::empty(), |world, number| {
        world.in_sync(&format!("desk-{number:02}"), &format!("01{number:02}"), &[]).edit(
            &format!("desk-{number:02}"),
            |one| {
                one.state = crate::model::Presence::Absent;
            },
        )
    });
    let world = world.protect(417);
    for format in [Format::Text, Format::Markdown, Format::Html, Format::Github] {
        let text = shown(format, &world);
        assert!(text.matches("which is protected").count() <= 3, "{format}: {text}");
        assert!(
            text.contains("more step") || text.contains("more: steps") || text.contains("more%3A steps"),
            "{format}: {text}"
        );
    }
}

#[test]
fn mistakes_of_one_code_are_grouped_after_three_with_their_messages() {
    let mistake = |number: u64| DiagnosticV1 {
        code: "IC0104".into(),
        severity: SeverityV1::Error,
        message: format!("`key-{number}` is not known"),
        file: Some("clients/a.yaml".into()),
        line: Some(number),
        column: Some(1),
        help: None,
        related: Vec::new(),
    };
    let mistakes: Vec<DiagnosticV1> = (1..41).map(mistake).collect();
    let shown = |format| {
        let mut out = Vec::new();
        complaints(format, &mut out, "definitions", &mistakes, STYLE).expect("a buffer");
        String::from_utf8(out).expect("text")
    };
    let markdown = shown(Format::Markdown);
    assert_eq!(markdown.matches("<details>").count(), 4, "{markdown}");
    assert!(markdown.contains("IC0104 and 36 more") && markdown.contains("&#96;key-1&#96; is not known"), "{markdown}");
    assert!(markdown.contains("clients/a.yaml:40:1: `key-40` is not known"), "{markdown}");
    let html = shown(Format::Html);
    assert!(html.contains("`key-1` is not known") && html.matches("<details class=\"row ").count() == 4, "{html}");
    let github = shown(Format::Github);
    assert_eq!(github.lines().filter(|line| line.starts_with("::error")).count(), 4, "{github}");
    for format in [Format::Junit, Format::Sarif] {
        assert!(shown(format).contains("key-40"), "{format}");
    }
}

#[test]
fn a_comment_of_an_apply_says_first_what_is_not_as_it_should_be() {
    let world = everything();
    let plan = world.plan();
    let document = OutcomesV1::new(world.document(), &crate::fixture::outcomes(&plan));
    let mut out = Vec::new();
    outcomes(Format::Markdown, &mut out, &document, STYLE).expect("a buffer");
    assert_snapshot!(String::from_utf8(out).expect("text"), @r#"
    <!-- icsync: apply prod -->
    ### icsync apply · prod · refused

    **Apply: 2 applied, 1 failed, 2 blocked**

    > [!CAUTION]
    > **1 failed, 2 blocked**
    >
    > - #&#8203;3 `+` `sunshine-pin` `417/1/10` `clients/sunshine-pin.yaml:2` · **failed** · 30005 INTEGRATOR&#95;CLIENT&#95;EXISTS&#95;FOR&#95;SCOPE: the server refused · help: plan again
    > - `!` `sunshine-doubt` `417/1/08` `clients/sunshine-doubt.yaml:2` · **blocked** · 2 live clients have the scope 417/1/08 · id-of-08  "this" · id-of-09  "or that" · help: choose one by adding &#96;id: "id-of-08"&#96; or &#96;id: "id-of-09"&#96; to the definition
    > - `!` `sunshine-refused` `417/1/03` `clients/sunshine-refused.yaml:2` · **blocked** · 30007 NOT&#95;RESOLVED&#95;FROM&#95;GENERIC&#95;CONFIG · help: look at it in the web client

    prod (https&#58;//ccs.example.com) · prune: report · run 2026-01-02T030405Z-1

    | customer | failed | applied | blocked |
    | :-- | --: | --: | --: |
    | telephony server 417 | 1 | 2 | 2 |

    - 1 - applied: sunshine-leaver (417/1/05) · clients/sunshine-leaver.yaml&#58;2

    <details><summary>2 ± applied: sunshine-mover (417/1/04 → …/2/04) · clients/sunshine-mover.yaml&#58;2</summary>

    ```diff
    # moves from 417/1/04 to 417/2/04
    # new id id-of-04
    ```

    </details>

    plan `sha256:03bc446784e124e2b6937588de55a9e6019bc96cb6914da7fa1631cd0fbab018`

    Next:

    ```sh
    icsync plan --target prod
    icsync rollback 2026-01-02T030405Z-1 --target prod
    ```
    "#);
}

#[test]
fn a_comment_of_an_apply_names_who_is_blocked_and_why() {
    let world = World::empty().in_sync("desk", "0123", &[]).edit_live("0123", |row| {
        row.detail = crate::model::Detail::Refused {
            reason: "the server refuses to show it".into(),
            help: "ask for the right to read it".into(),
            kind: crate::model::RefusalKind::Other,
        };
    });
    let document = OutcomesV1::new(world.document(), &crate::apply::Outcomes::default());
    let mut out = Vec::new();
    outcomes(Format::Markdown, &mut out, &document, STYLE).expect("a buffer");
    let text = String::from_utf8(out).expect("text");
    for told in ["`desk` `417/1/0123`", "the server refuses to show it", "help: ask for the right to read it"] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn a_comment_of_an_apply_does_not_cut_the_help_of_a_lost_client() {
    let world = everything();
    let mut document = OutcomesV1::new(world.document(), &crate::fixture::outcomes(&world.plan()));
    let help = format!("run it again; {} set it by hand", "or bring the old client back; ".repeat(30));
    document.outcomes.iter_mut().filter_map(|one| one.error.as_mut()).for_each(|error| error.help.clone_from(&help));
    let mut out = Vec::new();
    outcomes(Format::Markdown, &mut out, &document, STYLE).expect("a buffer");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains(&help), "{text}");
}

#[test]
fn what_a_rollback_left_open_is_turned_back_by_another_one() {
    let world = everything();
    let mut document = OutcomesV1::new(world.document(), &crate::fixture::outcomes(&world.plan()));
    document.plan.options.rollback_of = Some("20260101T000000Z-000000".to_owned());
    document.summary.lost = 1;
    let mut out = Vec::new();
    outcomes(Format::Text, &mut out, &document, STYLE).expect("a buffer");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains("\n  icsync rollback 20260101T000000Z-000000 --target prod\n"), "{text}");
    assert!(!text.contains("icsync plan --target") && !text.contains("icsync apply --target"), "{text}");
}
