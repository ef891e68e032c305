//! The lines that istioctl names, quirks included (`pilot/pkg/config/file` of 1.26.4; each checked against that program).

use super::Cluster;

const HEAD: &str = "apiVersion: networking.istio.io/v1\nkind: VirtualService\n";

/// The lines named for the gateways that do not exist.
fn named(yaml: &str) -> Vec<usize> {
    let mut lines: Vec<usize> =
        Cluster::new(yaml).findings().iter().filter(|finding| finding.diagnostic.message.contains("gateway \"nowhere")).map(|finding| finding.line).collect();
    lines.sort_unstable();
    lines
}

#[track_caller]
fn check(before: &str, body: &str, expected: &[usize]) {
    assert_eq!(named(&format!("{before}{HEAD}{body}")), expected, "after {before:?}");
}

const BODY: &str = "metadata: {name: a, namespace: shop}\nspec:\n  hosts: [a.example]\n  gateways:\n  - nowhere\n";

#[test]
fn a_field_is_known_by_the_line_of_its_value() {
    check("", BODY, &[7]);
    check("# a remark\n\n", BODY, &[9]);
    check("", "metadata: {name: a, namespace: shop}\nspec:\n  hosts: [a.example]\n  gateways:\n  -\n    nowhere\n", &[8]);
}

#[test]
fn a_value_that_came_through_an_alias_is_not_seen() {
    check("", "metadata: {name: &n nowhere, namespace: shop}\nspec:\n  hosts: [a.example]\n  gateways:\n  - *n\n", &[1]);
}

#[test]
fn a_separator_in_front_of_everything_moves_the_fields_of_the_first_document() {
    check("---\n", BODY, &[9]);
    check("\n---\n", BODY, &[9]);
    check("---\n\n\n", BODY, &[13]);
    check("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n", BODY, &[11]);
    check("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n---\n", BODY, &[13]);
}

#[test]
fn objects_of_a_list_are_named_a_line_too_low() {
    let item = |name: &str| {
        format!(
            "- apiVersion: networking.istio.io/v1\n  kind: VirtualService\n  metadata: {{name: {name}, namespace: shop}}\n  spec:\n    hosts: [a.example]\n    gateways: [nowhere-{name}]\n"
        )
    };
    assert_eq!(named(&format!("apiVersion: v1\nkind: List\nitems:\n{}{}", item("a"), item("b"))), [10, 16]);
}
