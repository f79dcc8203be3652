//! Every format over the same worlds.

mod alike;
mod comment;
mod drift;
mod gitlab;
mod hostile;
mod large;
mod likely;
mod review;
mod unlisted;
mod width;

use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::document::{DiagnosticV1, OptionsV1, RelatedV1, SeverityV1};
use crate::fixture::{self, World, everything, fleet, heading};
use crate::model::Observed;

const STYLE: Style<'_> =
    Style { colour: Colour::Never, grouping: Grouping::Grouped, folder: "", width: None, hosted: Hosted::NOWHERE };

fn shown(format: Format, world: &World) -> String {
    let mut out = Vec::new();
    plan(format, &mut out, &world.document(), STYLE).expect("a buffer");
    String::from_utf8(out).expect("text")
}

fn small() -> World {
    let world = World::empty().in_sync("desk", "0123", &[("core::x", json!(1))]).edit_live("0123", |row| {
        row.content.settings = Observed::Known([("core::x".into(), json!(2).into())].into_iter().collect());
    });
    fleet(world, 3)
}

#[test]
fn formats_have_names() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert!("yaml".parse::<Format>().is_err());
}

#[test]
fn markdown_says_the_verdict_first_and_folds_the_rest() {
    assert_snapshot!(shown(Format::Markdown, &small()), @r"
    <!-- icsync: plan prod -->
    ### icsync plan · prod

    **Plan: 3 to add, 1 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary**

    prod (https&#58;//ccs.example.com) · prune: report

    | customer | add | change | replace | delete | blocked |
    | :-- | --: | --: | --: | --: | --: |
    | telephony server 417 | 3 | 1 | 0 | 0 | 0 |

    <details><summary>2 + add: sunshine-desk-102 (417/1/01234567102) and 2 more clients · clients/desks.yaml&#58;9</summary>

    ```diff
    + description: Desk 01234567102   (clients/desks.yaml:13)
    + settings.interface::showMissedCallPreview: true   (profiles/base.yaml:4)
    # the same on 2 more: sunshine-desk-103, sunshine-desk-104
    ```

    </details>

    <details><summary>1 &#126; change: desk (417/1/0123) · clients/desk.yaml&#58;2</summary>

    ```diff
    ! settings.core::x: 2 → 1   (clients/desk.yaml:2)
    ```

    </details>

    plan `sha256:4a86026a28ac9b75b625b2a3f62aade506526a0e29f701866e708a917f54024e`

    Next:

    ```sh
    icsync plan --target prod
    icsync apply --target prod
    ```
    ");
    assert_snapshot!(shown(Format::Markdown, &everything()), @r#"
    <!-- icsync: plan prod -->
    ### icsync plan · prod · refused

    **Plan: 1 to add, 0 to change, 1 to delete, 1 to replace · 1 unchanged, 2 unmanaged, 8 outside the boundary, 2 blocked, 1 not compared**

    > [!CAUTION]
    > **1 delete, 1 replace**
    >
    > - #&#8203;1 `-` `sunshine-leaver` `417/1/05` `clients/sunshine-leaver.yaml:2`
    > - #&#8203;2 `±` `sunshine-mover` `417/1/04 → …/2/04` `clients/sunshine-mover.yaml:2` · moves from 417/1/04 to 417/2/04: deleted there, then added here with a new id
    >
    > **Refused** by `limits.delete`: the plan would delete or replace 2 of 5 managed clients; the limit is 1  
    > help: if that is meant, allow just this with --max-deletes 2

    prod (https&#58;//ccs.example.com) · prune: report

    | customer | add | change | replace | delete | blocked | not compared |
    | :-- | --: | --: | --: | --: | --: | --: |
    | telephony server 417 | 1 | 0 | 1 | 1 | 2 | 1 |

    <details><summary>&#33; blocked: sunshine-doubt (417/1/08) · clients/sunshine-doubt.yaml&#58;2</summary>

    ```diff
    # 2 live clients have the scope 417/1/08
    #   id-of-08  "this"
    #   id-of-09  "or that"
    # help: choose one by adding `id: "id-of-08"` or `id: "id-of-09"` to the definition
    ```

    </details>

    <details><summary>&#33; blocked: sunshine-refused (417/1/03) · clients/sunshine-refused.yaml&#58;2</summary>

    ```diff
    # 30007 NOT_RESOLVED_FROM_GENERIC_CONFIG
    # help: look at it in the web client
    ```

    </details>

    <details><summary>? not compared: sunshine-blind (417/1/02) · clients/sunshine-blind.yaml&#58;2</summary>

    ```diff
    # not compared: the server does not show `settings`
    ```

    </details>

    <details><summary>3 + add: sunshine-pin (417/1/10) · clients/sunshine-pin.yaml&#58;2</summary>

    ```diff
    + description: sunshine-pin   (clients/sunshine-pin.yaml:2)
    ```

    </details>

    <details><summary>&#42; notice: sunshine-pin · clients/sunshine-pin.yaml&#58;2</summary>

    ```diff
    # the pinned id id-of-gone of `sunshine-pin` is not on the server any more
    # help: once a client has its scope again, `icsync pin --select name=sunshine-pin --target prod` writes the new id
    ```

    </details>

    <details><summary>1 - delete: sunshine-leaver (417/1/05) · clients/sunshine-leaver.yaml&#58;2</summary>

    ```diff
    - description: sunshine-leaver
    - settings.core::x: "y"
    ```

    </details>

    <details><summary>2 unmanaged (in the boundary, not in git)</summary>

    - `417/1/06 "No Config Access"`
    - `417/1/07 "Others"`

    </details>

    plan `sha256:03bc446784e124e2b6937588de55a9e6019bc96cb6914da7fa1631cd0fbab018`

    Next:

    ```sh
    icsync plan --target prod
    ```
    "#);
}

#[test]
fn markdown_is_quiet_when_nothing_changes() {
    assert_snapshot!(shown(Format::Markdown, &World::empty().in_sync("desk", "0123", &[])), @r"
    <!-- icsync: plan prod -->
    ### icsync plan · prod

    **No changes: 1 unchanged, 0 unmanaged, 0 outside the boundary**

    prod (https&#58;//ccs.example.com) · prune: report

    plan `sha256:97f161dad0d5dc490e628e2ab93ac4a64440617018f76c0970f01e2883ee942a`
    ");
}

#[test]
fn annotations_stand_at_the_line_that_causes_them() {
    assert_snapshot!(shown(Format::Github, &small()), @r"
    ::notice title=icsync plan::Plan: 3 to add, 1 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    ::notice file=clients/desk.yaml,line=2,title=icsync plan%3A change%3A desk (417/1/0123)::~ settings.core::x: 2 → 1   (clients/desk.yaml:2)
    ::notice file=clients/desks.yaml,line=9,title=icsync plan%3A add%3A sunshine-desk-102 (417/1/01234567102) and 2 more clients::+ description: Desk 01234567102   (clients/desks.yaml:13)%0A+ settings.interface::showMissedCallPreview: true   (profiles/base.yaml:4)%0Aalso: sunshine-desk-103, sunshine-desk-104
    ");
    assert_snapshot!(shown(Format::Github, &everything()), @r#"
    ::notice title=icsync plan::Plan: 1 to add, 0 to change, 1 to delete, 1 to replace · 1 unchanged, 2 unmanaged, 8 outside the boundary, 2 blocked, 1 not compared
    ::error title=icsync plan%3A refused by limits.delete::the plan would delete or replace 2 of 5 managed clients; the limit is 1%0Ahelp: if that is meant, allow just this with --max-deletes 2
    ::error file=clients/sunshine-doubt.yaml,line=2,title=icsync plan%3A blocked%3A sunshine-doubt (417/1/08)::2 live clients have the scope 417/1/08%0A  id-of-08  "this"%0A  id-of-09  "or that"%0Ahelp: choose one by adding `id: "id-of-08"` or `id: "id-of-09"` to the definition
    ::error file=clients/sunshine-refused.yaml,line=2,title=icsync plan%3A blocked%3A sunshine-refused (417/1/03)::30007 NOT_RESOLVED_FROM_GENERIC_CONFIG%0Ahelp: look at it in the web client
    ::warning file=clients/sunshine-leaver.yaml,line=2,title=icsync plan%3A delete%3A sunshine-leaver (417/1/05)::- description: sunshine-leaver%0A- settings.core::x: "y"
    ::warning file=clients/sunshine-mover.yaml,line=2,title=icsync plan%3A replace%3A sunshine-mover (417/1/04 → …/2/04)::moves from 417/1/04 to 417/2/04: deleted there, then added here with a new id
    ::warning file=clients/sunshine-blind.yaml,line=2,title=icsync plan%3A not compared%3A sunshine-blind (417/1/02)::not compared: the server does not show `settings`
    ::warning file=clients/sunshine-pin.yaml,line=2,title=icsync plan%3A notice%3A sunshine-pin::the pinned id id-of-gone of `sunshine-pin` is not on the server any more%0Ahelp: once a client has its scope again, `icsync pin --select name=sunshine-pin --target prod` writes the new id
    ::notice file=clients/sunshine-pin.yaml,line=2,title=icsync plan%3A add%3A sunshine-pin (417/1/10)::+ description: sunshine-pin   (clients/sunshine-pin.yaml:2)
    "#);
}

#[test]
fn junit_has_one_case_for_each_client() {
    assert_snapshot!(shown(Format::Junit, &everything()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="icsync" tests="11" skipped="7" failures="3" errors="0">
        <testsuite name="icsync plan prod" tests="11" skipped="7" errors="0" failures="3">
            <properties>
                <property name="summary" value="Plan: 1 to add, 0 to change, 1 to delete, 1 to replace · 1 unchanged, 2 unmanaged, 8 outside the boundary, 2 blocked, 1 not compared"/>
            </properties>
            <testcase name="limits.delete" classname="guard">
                <failure message="the plan would delete or replace 2 of 5 managed clients; the limit is 1" type="refused">help: if that is meant, allow just this with --max-deletes 2</failure>
            </testcase>
            <testcase name="sunshine-leaver" classname="417/1/05" file="clients/sunshine-leaver.yaml" line="2">
                <skipped message="- description: sunshine-leaver" type="delete">- description: sunshine-leaver
    - settings.core::x: &quot;y&quot;</skipped>
            </testcase>
            <testcase name="sunshine-mover" classname="417/2/04" file="clients/sunshine-mover.yaml" line="2">
                <skipped message="moves from 417/1/04 to 417/2/04: deleted there, then added here with a new id" type="replace">moves from 417/1/04 to 417/2/04: deleted there, then added here with a new id</skipped>
            </testcase>
            <testcase name="sunshine-pin" classname="417/1/10" file="clients/sunshine-pin.yaml" line="2">
                <skipped message="+ description: sunshine-pin   (clients/sunshine-pin.yaml:2)" type="add">+ description: sunshine-pin   (clients/sunshine-pin.yaml:2)</skipped>
            </testcase>
            <testcase name="sunshine-doubt" classname="417/1/08" file="clients/sunshine-doubt.yaml" line="2">
                <failure message="2 live clients have the scope 417/1/08" type="blocked">2 live clients have the scope 417/1/08
      id-of-08  &quot;this&quot;
      id-of-09  &quot;or that&quot;
    help: choose one by adding `id: &quot;id-of-08&quot;` or `id: &quot;id-of-09&quot;` to the definition</failure>
            </testcase>
            <testcase name="sunshine-refused" classname="417/1/03" file="clients/sunshine-refused.yaml" line="2">
                <failure message="30007 NOT_RESOLVED_FROM_GENERIC_CONFIG" type="blocked">30007 NOT_RESOLVED_FROM_GENERIC_CONFIG
    help: look at it in the web client</failure>
            </testcase>
            <testcase name="sunshine-blind" classname="417/1/02" file="clients/sunshine-blind.yaml" line="2">
                <skipped message="not compared: the server does not show `settings`" type="not compared">not compared: the server does not show `settings`</skipped>
            </testcase>
            <testcase name="sunshine-pin" classname="icsync" file="clients/sunshine-pin.yaml" line="2">
                <skipped message="the pinned id id-of-gone of `sunshine-pin` is not on the server any more" type="notice">the pinned id id-of-gone of `sunshine-pin` is not on the server any more
    help: once a client has its scope again, `icsync pin --select name=sunshine-pin --target prod` writes the new id</skipped>
            </testcase>
            <testcase name="sunshine-still" classname="417/1/01" file="clients/sunshine-still.yaml" line="2"/>
            <testcase name="417/1/06 &quot;No Config Access&quot;" classname="unmanaged">
                <skipped message="not in git" type="unmanaged"/>
            </testcase>
            <testcase name="417/1/07 &quot;Others&quot;" classname="unmanaged">
                <skipped message="not in git" type="unmanaged"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn sarif_points_at_files_and_lines() {
    assert_snapshot!(shown(Format::Sarif, &small()), @r#"
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "icsync",
              "version": "0.1.0",
              "rules": [
                {
                  "id": "plan/add",
                  "name": "add",
                  "shortDescription": {
                    "text": "git defines a client that the server lacks: it would be added"
                  }
                },
                {
                  "id": "plan/change",
                  "name": "change",
                  "shortDescription": {
                    "text": "a live client differs from its definition: it would be changed"
                  }
                }
              ]
            }
          },
          "columnKind": "unicodeCodePoints",
          "results": [
            {
              "ruleId": "plan/change",
              "level": "note",
              "message": {
                "text": "change: desk (417/1/0123)\n~ settings.core::x: 2 → 1   (clients/desk.yaml:2)"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "clients/desk.yaml"
                    },
                    "region": {
                      "startLine": 2
                    }
                  }
                }
              ],
              "partialFingerprints": {
                "icsyncClient/v1": "sha256:30ccfe07f56d3cdabd6bf4ea77199d858bf445cb88b561ab7427e16d26e7215e"
              }
            },
            {
              "ruleId": "plan/add",
              "level": "note",
              "message": {
                "text": "add: sunshine-desk-102 (417/1/01234567102) and 2 more clients\n+ description: Desk 01234567102   (clients/desks.yaml:13)\n+ settings.interface::showMissedCallPreview: true   (profiles/base.yaml:4)\nalso: sunshine-desk-103, sunshine-desk-104"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "clients/desks.yaml"
                    },
                    "region": {
                      "startLine": 9
                    }
                  }
                }
              ],
              "partialFingerprints": {
                "icsyncClient/v1": "sha256:cbfa0d4377fde4b25ea0acd5a224828155538b42d2d510066beadf7889e34d2d"
              }
            }
          ]
        }
      ]
    }
    "#);
}

/// Writes a JSON object with one line for each of its values, or for each item of a list.
fn compact(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let lines = value.as_object().expect("an object").iter().flat_map(|(key, value)| match value.as_array() {
        Some(items) => items.iter().map(|item| format!("{key}: {item}")).collect(),
        None => vec![format!("{key}: {value}")],
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn complaints_stand_at_their_lines() {
    let first = "first defined here".into();
    let complaint = DiagnosticV1 {
        code: "duplicate-name".into(),
        severity: SeverityV1::Error,
        message: "the name `desk` is used twice".into(),
        file: Some("clients/a,b.yaml".into()),
        line: Some(7),
        column: Some(1),
        help: Some("rename one".into()),
        related: vec![RelatedV1 { file: "clients/c.yaml".into(), line: 2, column: 1, message: first }],
    };
    let write = |format| {
        let mut out = Vec::new();
        complaints(format, &mut out, "icsync.yaml", std::slice::from_ref(&complaint), STYLE).expect("a buffer");
        String::from_utf8(out).expect("text")
    };
    assert_snapshot!(write(Format::Text), @"
    icsync validate · icsync.yaml

     ! duplicate-name   error   clients/a,b.yaml:7:1
       the name `desk` is used twice (first defined here: clients/c.yaml:2)
       help: rename one

    Validate: 1 error, 0 warnings
    ");
    assert_snapshot!(write(Format::Github), @"
    ::notice title=icsync validate::Validate: 1 error, 0 warnings
    ::error file=clients/a%2Cb.yaml,line=7,col=1,title=icsync validate%3A error%3A duplicate-name::the name `desk` is used twice (first defined here: clients/c.yaml:2)%0Ahelp: rename one
    ");
}
