//! Hostile CSV files, and what is said of broken ones.

use super::*;

/// A fleet of a CSV file.
const FLEET: &str =
    "kind: Fleet\nname: f\nscope: { telsys: 1 }\ndevices_from: { csv: t.csv, column: number }\ntemplate: {}\n";

#[test]
fn a_line_of_a_csv_file_has_so_many_fields() {
    let commas = ",".repeat(8 * 1024 * 1024);
    for csv in [format!("number{commas}\n1\n"), format!("number\n1\n2{commas}\n")] {
        let found = Tree::of(FLEET).with("clients/t.csv", csv).found();
        let [one] = &found[..] else { panic!("{}", found.len()) };
        assert!(one.message.contains("more than 1024 fields"), "{}", one.message);
    }
}

#[test]
fn a_line_of_a_csv_file_has_so_many_bytes() {
    let long = "x".repeat(2 * 1024 * 1024);
    let breaks = "\n".repeat(2 * 1024 * 1024);
    for csv in [format!("number,{long}\n1,2\n"), format!("number,b\n1,{long}\n"), format!("number,b\n1,\"{breaks}\"\n")]
    {
        let found = Tree::of(FLEET).with("clients/t.csv", csv).found();
        assert!(found.len() == 1 && found[0].message.contains("more than 1048576 bytes"), "{}", found.len());
    }
}

#[test]
fn all_csv_files_together_have_so_many_bytes() {
    let fleet = |one: usize| {
        format!(
            "---\nkind: Fleet\nname: f{one}\nscope: {{ telsys: {one} }}\ndevices_from: {{ csv: t{one}.csv, column: number }}\ntemplate: {{}}\n"
        )
    };
    let rows: String = (0..34).map(|row| row.to_string() + "," + &"x".repeat(1_000_000) + "\n").collect();
    let tree = |count: usize| {
        let fleets = (1..=count).fold(String::new(), |text, one| text + &fleet(one));
        (1..=count)
            .fold(Tree::of(&fleets), |tree, one| tree.with(&format!("clients/t{one}.csv"), format!("number,b\n{rows}")))
    };
    assert_eq!(tree(1).mistakes(), [""; 0]);
    assert_eq!(tree(2).mistakes(), ["clients/t2.csv:1:1 IC0002"]);
}

#[test]
fn what_is_wrong_with_lines_of_a_csv_file_is_told_at_once() {
    let tree = Tree::of(FLEET).with("clients/t.csv", "number,b\n1\n2,\"x\" y\n3,4,5\n6,7\n");
    assert_eq!(tree.mistakes(), ["clients/t.csv:2:1 IC0607", "clients/t.csv:3:6 IC0607", "clients/t.csv:4:1 IC0607"]);
}

#[test]
fn what_is_wrong_with_devices_is_told_beside_lines_of_other_lengths() {
    let tree = Tree::of(FLEET).with("clients/t.csv", "number,b\n1\n4.42E+11,x\n7,y\n7,z\n");
    assert_eq!(tree.mistakes(), ["clients/t.csv:2:1 IC0607", "clients/t.csv:3:1 IC0404", "clients/t.csv:5:1 IC0603"]);
    let alone = Tree::of(FLEET).with("clients/t.csv", "number,b\n1\n");
    assert_eq!(alone.mistakes(), ["clients/t.csv:2:1 IC0607"], "nobody says that there are no devices");
}

#[test]
fn the_names_of_columns_are_shown_and_rows_that_are_hidden_say_why() {
    let tree = |csv: &str| {
        let config = format!("{CONFIG}sensitive: [\"settings.x::*\"]\n");
        Tree::of(FLEET).with("clients/t.csv", csv).with(CONFIG_FILE, config).rendered()
    };
    let column = tree("nmber,seat\n1,2\n");
    assert!(column.contains("no column `number`") && column.contains("did you mean `nmber`?"), "{column}");
    for first in [
        "100,bob,hunter2a\n",
        "100;bob;hunter2a\n1;2;3\n",
        "100,hunter2a,hunter2a\n101,x,y\n",
        "\"100\",\"hunter2a\n",
        "\r\n\n101,k1,hunter2a\n",
        "num,\"k\n101\",hunter2a\n1,2,3\n",
        "anne,k1,hunter2a\n",
        ",,hunter2a\n1,2,3\n",
        "anne,hunter2a,hunter2a\n",
    ] {
        let forgotten = tree(first);
        assert!(!forgotten.contains("hunter2a") && forgotten.contains("rows of CSV files are hidden"), "{forgotten}");
    }
    let twice = tree("number,seat\n17,2\n17,3\n");
    assert!(
        !twice.contains("17") && twice.contains("rows of CSV files are hidden where anything is `sensitive`"),
        "{twice}"
    );
}

#[test]
fn a_quote_that_is_closed_lines_later_is_shown_where_it_opens() {
    let found = Tree::of(FLEET).with("clients/t.csv", "number,b\n1,\"x\n2,\"y\n").rendered();
    assert!(found.contains("t.csv:3:4") && found.contains("the field begins here"), "{found}");
}

#[test]
fn what_nobody_wrote_in_a_csv_file_is_a_mistake_at_its_place() {
    let tree = |csv: &str| Tree::of(FLEET).with("clients/t.csv", csv);
    for (csv, places) in [
        ("number,b\n1,x\0y\n2,\u{7}\u{7}\n", &["clients/t.csv:2:4 IC0607", "clients/t.csv:3:3 IC0607"][..]),
        ("number,b\n1,\"a\n\u{1b}[1m\"\n", &["clients/t.csv:3:1 IC0607"]),
        ("number,b\n1,\u{9b}\n", &["clients/t.csv:2:3 IC0607"]),
        ("number,b\u{200b}\n1,x\n", &["clients/t.csv:1:8 IC0607"]),
        ("number,Full\u{a0}Name\n1,x\n", &["clients/t.csv:1:8 IC0607"]),
        ("number,b\n1,\"a\tb\r\nc\"\n2,\u{e9}\u{200b}x\n", &[]),
    ] {
        assert_eq!(tree(csv).mistakes(), places, "{csv:?}");
    }
    let said = tree("number,b\n1,\u{7}\n").rendered();
    assert!(said.contains("U+0007, a control character"), "{said}");
}

#[test]
fn a_key_without_a_letter_or_digit_makes_no_name_and_the_help_fits_what_is_there() {
    let said = |devices: &str, csv: &str| {
        let fleet = FLEET.replace("devices_from: { csv: t.csv, column: number }", devices);
        let found = Tree::of(&fleet).with("clients/t.csv", csv).found();
        let [one] = &found[..] else { panic!("{devices} {csv}: {found:?}") };
        (one.code.as_str(), one.help.clone().unwrap_or_default())
    };
    let (listed, table) = ("devices: [\"#-\"]", "devices_from: { csv: t.csv, column: number }");
    let keyed = "devices_from: { csv: t.csv, column: number, key: k }";
    for key in ["-", "--", "***"] {
        let (code, help) = said(keyed, &format!("number,k\n1,{key}\n"));
        assert!(
            code == "IC0605" && help.contains("write another text here") && !help.contains("devices_from"),
            "{help}"
        );
    }
    assert!(said(keyed, "number,k\n1,a\n2,A\n").1.contains("write another text here"));
    assert!(said(table, "number\n+\n").1.contains("add `key: COLUMN` to `devices_from`"));
    assert!(said(table, "number\n+1\n1\n").1.contains("add `key: COLUMN` to `devices_from`"));
    assert!(said(listed, "").1.contains("use `devices_from` with a `key` column"));
}

#[test]
fn columns_that_semicolons_or_tabs_separate_are_said_to_be() {
    for (csv, said) in [
        ("number;b\n1;2\n", "semicolons"),
        ("number\tb\n1\t2\n", "tabs"),
        ("number;b\n1;Dan, Jr\n2;Bob \"x\"\n", "semicolons"),
    ] {
        let found = Tree::of(FLEET).with("clients/t.csv", csv).found();
        assert!(found.len() == 1 && format!("{found:?}").contains(said), "{found:?}");
    }
}
