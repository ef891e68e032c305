//! Labels, annotations and what selects by them.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Texts by name, in the order of the names.
///
/// An object has a few, most so short that they stand in place: one list instead of a tree whose every text has memory of its own.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Vec<(CompactString, CompactString)>);

/// Up to this many are looked through from the first.
const FEW: usize = 8;

impl Labels {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// What stands under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = if self.0.len() <= FEW { self.0.iter().position(|(known, _)| known == name)? } else { self.find(name).ok()? };
        Some(&self.0[at].1)
    }

    /// Whether something stands under a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Puts a text under a name, in the place of any other.
    pub fn insert(&mut self, name: impl Into<CompactString>, text: impl Into<CompactString>) {
        let (name, text) = (name.into(), text.into());
        match self.find(&name) {
            Ok(at) => self.0[at].1 = text,
            Err(at) => self.0.insert(at, (name, text)),
        }
    }

    /// Takes away what stands under a name.
    pub fn remove(&mut self, name: &str) {
        if let Ok(at) = self.find(name) {
            self.0.remove(at);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Names and texts, in order.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(name, text)| (name, text))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// The texts, in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(_, text)| text)
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// Takes a list in any order; of two texts under one name the later one counts.
    fn settle(&mut self) {
        if self.0.is_sorted_by(|(one, _), (next, _)| one < next) {
            return;
        }
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.0.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                std::mem::swap(&mut later.1, &mut kept.1);
            }
            is_same
        });
    }
}

/// Names and texts.
pub type Iter<'a> = std::iter::Map<std::slice::Iter<'a, (CompactString, CompactString)>, fn(&'a (CompactString, CompactString)) -> (&'a str, &'a str)>;

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<K: Into<CompactString>, V: Into<CompactString>> Extend<(K, V)> for Labels {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, others: I) {
        self.0.extend(others.into_iter().map(|(name, text)| (name.into(), text.into())));
        self.settle();
    }
}

impl<K: Into<CompactString>, V: Into<CompactString>> FromIterator<(K, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        let mut labels = Self::new();
        labels.extend(all);
        labels
    }
}

impl<K: Into<CompactString>, V: Into<CompactString>, const N: usize> From<[(K, V); N]> for Labels {
    fn from(all: [(K, V); N]) -> Self {
        all.into_iter().collect()
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> de::Visitor<'de> for Entries {
            type Value = Labels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Labels, A::Error> {
                let mut labels = Labels(Vec::with_capacity(entries.size_hint().unwrap_or(0).min(FEW)));
                while let Some(entry) = entries.next_entry()? {
                    labels.0.push(entry);
                }
                labels.settle();
                Ok(labels)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_stand_once() {
        let mut labels: Labels = [("b", "1"), ("a", "2"), ("b", "3")].into();
        assert_eq!(serde_json::to_string(&labels).unwrap(), r#"{"a":"2","b":"3"}"#);
        assert_eq!(serde_json::from_str::<Labels>(r#"{"b":"3","a":"2"}"#).unwrap(), labels);
        assert_eq!((labels.get("b"), labels.get("c")), (Some("3"), None));
        labels.remove("b");
        assert_eq!(labels, Labels::from([("a", "2")]));
    }

    /// An object of megabytes can have a hundred thousand, in the order that is the worst for a list.
    #[test]
    fn many_are_taken_in_any_order() {
        let text = (100_000..300_000).rev().map(|at| format!("\"{at}\":\"\",")).collect::<Vec<_>>().concat();
        let labels: Labels = serde_json::from_str(&format!("{{{text}\"200000\":\"last\"}}")).unwrap();
        assert_eq!((labels.len(), labels.get("200000"), labels.keys().next()), (200_000, Some("last"), Some("100000")));
    }

    #[test]
    fn many_are_found_too() {
        let labels: Labels = (0..50).map(|at| (format!("{at}"), format!("of {at}"))).collect();
        assert!((0..50).all(|at| labels.get(&at.to_string()) == Some(&format!("of {at}"))));
        assert_eq!(labels.get("50"), None);
    }
}
