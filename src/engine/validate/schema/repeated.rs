//! Whether items of a list that must differ do, without a word about those that do not.

use super::Type;
use crate::engine::manifest::{Node, Value};

/// Longer lists are not compared one by one.
const FEW: usize = 16;

/// Whether a short list has no two items that the API server takes for one. False where it is not certain.
pub(super) fn is_none(wanted: &Type, values: &[Node]) -> bool {
    values.len() < FEW && values.iter().enumerate().all(|(at, first)| values[at + 1..].iter().all(|second| !may_be_one(wanted, first, second)))
}

/// Of mappings and lists the order of keys does not count, so that whoever asks has to look closer.
fn may_be_one(wanted: &Type, a: &Node, b: &Node) -> bool {
    let may_be_same = |a: Option<&Node>, b: Option<&Node>| match (a, b) {
        (Some(a), Some(b)) => matches!(a.value, Value::Map(_) | Value::Seq(_)) || a.is_same(b),
        (a, b) => a.is_none() && b.is_none(),
    };
    if wanted.is_set { may_be_same(Some(a), Some(b)) } else { wanted.keys.iter().all(|key| may_be_same(a.get(key), b.get(key))) }
}
