use super::*;

const V1: &str = "\
[package]
name = \"shop-orders\"

[dependencies]
platform = { package = \"shop-platform\", path = \"../../platform\" }
tokio = { workspace = true, features = [\"rt\", \"net\"] }
tonic.workspace = true

[lints]
workspace = true
";

/// Merges a new plan into what is there; the old plan is what was written before.
fn merged(disk: &str, old: &str, new: &str) -> Merged {
    let base = Base {
        written: leaves(old).unwrap(),
        intended: BTreeSet::new(),
    };
    merge(disk, new, &base).unwrap()
}

#[test]
fn nothing_new_changes_nothing() {
    let disk = format!("# mine\n{V1}\n[features]\nextra = []\n");
    let result = merged(&disk, V1, V1);
    assert_eq!(
        result,
        Merged {
            text: disk,
            kept: vec![]
        }
    );
}

#[test]
fn ours_follow_and_theirs_stay_where_they_are() {
    let disk = V1.replace(
        "tonic.workspace = true",
        "# for prices\nrust_decimal = \"1\"\ntonic.workspace = true # rpc",
    );
    let new = V1
        .replace("../../platform", "../platform")
        .replace("\"net\"]", "\"net\", \"sync\"]")
        .replace("\n[lints]", "axum.workspace = true\n\n[lints]");
    let text = merged(&disk, V1, &new).text;
    assert_eq!(
        text,
        "\
[package]
name = \"shop-orders\"

[dependencies]
platform = { package = \"shop-platform\", path = \"../platform\" }
tokio = { workspace = true, features = [\"rt\", \"net\", \"sync\"] }
# for prices
rust_decimal = \"1\"
tonic.workspace = true # rpc
axum.workspace = true

[lints]
workspace = true
"
    );
}

#[test]
fn what_is_gone_from_the_plan_goes_unless_touched() {
    let new = V1
        .replace("tonic.workspace = true\n", "")
        .replace(", \"net\"", "");
    let text = merged(V1, V1, &new).text;
    assert_eq!(text, new);
    let touched = V1.replace("tonic.workspace = true", "tonic = { version = \"0.14\" }");
    assert!(
        merged(&touched, V1, &new)
            .text
            .contains("tonic = { version = \"0.14\" }")
    );
}

#[test]
fn a_touched_value_stays_and_is_told() {
    let old = "[dependencies]\ntokio = \"1.50\"\n";
    let disk = "[dependencies]\ntokio = \"1.60\"\n";
    let result = merged(disk, old, "[dependencies]\ntokio = \"1.54\"\n");
    assert_eq!(result.text, disk);
    assert_eq!(result.kept, ["dependencies.tokio = \"1.54\""]);
}

#[test]
fn needed_dependencies_and_members_come_back() {
    let disk = V1.replace("tonic.workspace = true\n", "");
    assert!(
        merged(&disk, V1, V1)
            .text
            .contains("tonic.workspace = true")
    );
    let root = "[workspace]\nmembers = [\"a\", \"b\"]\n";
    assert_eq!(
        merged("[workspace]\nmembers = [\"b\"]\n", root, root).text,
        "[workspace]\nmembers = [\"b\", \"a\"]\n"
    );
}

#[test]
fn what_its_owner_took_out_stays_out() {
    let disk = V1.replace("\n[lints]\nworkspace = true\n", "");
    let result = merged(&disk, V1, V1);
    assert_eq!(result.text, disk);
    assert_eq!(result.kept.len(), 1, "{:?}", result.kept);
}

#[test]
fn members_keep_one_line_each() {
    let old = "[workspace]\nmembers = [\n    \"dev\",\n    \"old\",\n]\n";
    let disk = "[workspace]\nmembers = [\n    \"dev\",\n    \"old\",\n    \"tools\", # mine\n]\n";
    let new = "[workspace]\nmembers = [\"dev\", \"new\"]\n";
    let text = merged(disk, old, new).text;
    let members = leaves(&text).unwrap();
    assert_eq!(
        members
            .iter()
            .map(|it| it.value.as_str())
            .collect::<Vec<_>>(),
        ["\"dev\"", "\"new\"", "\"tools\""]
    );
    assert!(
        text.contains("\n    \"new\"") && text.contains("# mine"),
        "{text}"
    );
}

#[test]
fn spelling_is_no_edit() {
    let old = "a = \"x\"\nb = [\"y\"]\n";
    let disk = "a = 'x'\nb = ['y']\n";
    assert_eq!(
        merged(disk, old, "a = \"z\"\nb = []\n").text,
        "a = \"z\"\nb = []\n"
    );
}

#[test]
fn what_becomes_empty_goes_with_its_last_leaf() {
    let old = "[dependencies]\nx = { features = [\"f\"] }\n[features]\ny = []\n";
    assert_eq!(
        merged(old, old, "[features]\n").text,
        "[features]\ny = []\n"
    );
}

#[test]
fn leaves_can_be_written_and_read() {
    let all = leaves(
        "a.\"x = y\" = 1\nb = [1, 2]\nc = [[1]]\n[[d]]\ne = 'q\"r'\n[\"f g\"]\nh = { i = 1.5 }\n",
    )
    .unwrap();
    assert_eq!(all.len(), 6);
    for leaf in all {
        assert_eq!(Leaf::parse(&leaf.to_string()), Some(leaf));
    }
    assert_eq!(Leaf::parse("no equals sign"), None);
}

#[test]
fn broken_toml_is_an_error() {
    assert!(merge("a = ", "a = 1\n", &Base::default()).is_err());
}
