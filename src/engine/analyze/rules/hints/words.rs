//! Names and lists in the hints' sentences.

use crate::engine::resource::Labels;

/// `a=b, c=d`.
pub(super) fn pairs(labels: &Labels) -> String {
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// How a sentence calls a rule of a list: by its name, else by its number as in a path.
pub(super) fn rule_name(name: &str, at: usize) -> String {
    if name.is_empty() { format!("#{at}") } else { format!("{name:?}") }
}
