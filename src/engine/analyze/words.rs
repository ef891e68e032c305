//! Names and lists in messages.

use std::fmt::Display;

/// As many of a list as are named; whoever has more knows where to look.
const MOST: usize = 8;

/// `a, b, c`, and the number of those that are not named.
pub(super) fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut items = items.into_iter();
    let named: Vec<String> = items.by_ref().take(MOST).map(|item| item.to_string()).collect();
    let left = items.count();
    if left == 0 { named.join(", ") } else { format!("{} and {left} more", named.join(", ")) }
}

/// `namespace/name`, or the name where there is no namespace.
pub(super) fn full_name(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}
