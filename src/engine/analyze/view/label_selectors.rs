//! Label selectors of webhooks, as Kubernetes reads them (`LabelSelectorAsSelector` of apimachinery).

use super::Index;
use crate::engine::{
    resource::{LabelRequirement, LabelSelector, Labels},
    validate::names::{is_label_value, is_qualified},
};

/// Whether labels satisfy a selector. None at all selects everything, one that Kubernetes cannot read nothing.
fn is_selected(selector: Option<&LabelSelector>, labels: &Labels) -> bool {
    selector.is_none_or(|selector| {
        let equals = |(key, value): (&str, &str)| is_sound(key, [value]) && labels.get(key) == Some(value);
        selector.match_labels.iter().all(equals) && selector.match_expressions.iter().all(|wanted| holds(wanted, labels))
    })
}

fn holds(wanted: &LabelRequirement, labels: &Labels) -> bool {
    let LabelRequirement { key, operator, values } = wanted;
    let found = labels.get(key);
    let is_listed = found.is_some_and(|found| values.iter().any(|value| value == found));
    let answer = match operator.as_str() {
        "In" => !values.is_empty() && is_listed,
        "NotIn" => !values.is_empty() && !is_listed,
        "Exists" => values.is_empty() && found.is_some(),
        "DoesNotExist" => values.is_empty() && found.is_none(),
        _ => false,
    };
    answer && is_sound(key, values.iter().map(String::as_str))
}

fn is_sound<'v>(key: &str, values: impl IntoIterator<Item = &'v str>) -> bool {
    is_qualified(key) && values.into_iter().all(|value| value.len() <= 63 && is_label_value(value))
}

/// LabelSelectors by a label that they ask for, so that few have to be looked at for one set of labels.
#[derive(Debug, Default)]
pub struct LabelSelectors<'a> {
    all: Vec<Option<&'a LabelSelector>>,
    by_label: Index<(&'a str, &'a str), Vec<usize>>,
    by_absence: Index<&'a str, Vec<usize>>,
    others: Vec<usize>,
}

impl<'a> LabelSelectors<'a> {
    /// Keeps selectors, known by their place in the list.
    pub fn new(selectors: impl IntoIterator<Item = Option<&'a LabelSelector>>) -> Self {
        let mut kept = Self::default();
        for (at, selector) in selectors.into_iter().enumerate() {
            kept.all.push(selector);
            kept.file(at, selector);
        }
        kept
    }

    fn file(&mut self, at: usize, selector: Option<&'a LabelSelector>) {
        let Some(selector) = selector else { return self.others.push(at) };
        if let Some((key, value)) = selector.match_labels.iter().next() {
            return self.by_label.entry((key, value)).or_default().push(at);
        }
        let asks = |operator: &str| selector.match_expressions.iter().find(|wanted| wanted.operator == operator);
        if let Some(LabelRequirement { key, values, .. }) = asks("In") {
            for value in values {
                self.by_label.entry((key, value)).or_default().push(at);
            }
        } else if let Some(LabelRequirement { key, .. }) = asks("DoesNotExist") {
            self.by_absence.entry(key).or_default().push(at);
        } else {
            self.others.push(at);
        }
    }

    /// Places of the selectors that labels may satisfy; those left out they do not.
    fn candidates<'s>(&'s self, labels: &'s Labels) -> impl Iterator<Item = usize> + 's {
        let asked = labels.iter().filter_map(|(key, value)| self.by_label.get(&(key, value)));
        let absent = self.by_absence.iter().filter(|(key, _)| !labels.contains_key(key)).map(|(_, places)| places);
        asked.chain(absent).flatten().chain(&self.others).copied()
    }

    /// Places of the selectors that labels satisfy. `tried` grows by the number of those looked at.
    pub fn selecting<'s>(&'s self, labels: &'s Labels, tried: &'s mut usize) -> impl Iterator<Item = usize> + 's {
        self.candidates(labels).inspect(|_| *tried += 1).filter(|&at| is_selected(self.all[at], labels))
    }
}
