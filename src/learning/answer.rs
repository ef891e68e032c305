//! The worth of one answer.
//!
//! Answers name options and items by their text, not by their place: a record must still say what was chosen when the
//! course has reordered its options.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What a learner answered; kept as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// One option (questions of the kinds single and predict).
    Choice(String),
    /// Any number of options.
    Choices(Vec<String>),
    /// All items in an order.
    Order(Vec<String>),
    /// Something typed.
    Text(String),
}

/// What is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key<'a> {
    /// Exactly this option.
    Choice(&'a str),
    /// The options, each with whether it belongs to the answer.
    Choices(Vec<(&'a str, bool)>),
    /// The items in this order.
    Order(Vec<&'a str>),
    /// Any of these texts, case and outer blanks aside.
    Text(Vec<&'a str>),
}

/// The verdict on an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Wholly right.
    pub correct: bool,
    /// Its worth: 1 for a right answer, 0 for a wrong one, between them for a partly right one.
    pub score: f64,
}

impl Mark {
    fn all_or_nothing(correct: bool) -> Self {
        Self { correct, score: if correct { 1.0 } else { 0.0 } }
    }
}

/// Marks an answer. One that does not fit the question's kind is wrong.
pub fn mark(key: &Key<'_>, given: &Given) -> Mark {
    match (key, given) {
        (Key::Choice(right), Given::Choice(chosen)) => Mark::all_or_nothing(right == chosen),
        (Key::Choices(options), Given::Choices(chosen)) => mark_choices(options, chosen),
        (Key::Order(items), Given::Order(order)) => mark_order(items, order),
        (Key::Text(answers), Given::Text(text)) => Mark::all_or_nothing(answers.iter().any(|answer| is_same_text(answer, text))),
        _ => Mark::all_or_nothing(false),
    }
}

/// Whether a typed text is the same as an expected one: case and outer blanks do not count.
pub fn is_same_text(expected: &str, typed: &str) -> bool {
    expected.trim().to_lowercase() == typed.trim().to_lowercase()
}

/// Each right option chosen earns its share, each wrong one takes a share away, never below nothing: ticking everything earns nothing
/// that it did not have to give back.
fn mark_choices(options: &[(&str, bool)], chosen: &[String]) -> Mark {
    let chosen: BTreeSet<&str> = chosen.iter().map(String::as_str).collect();
    let wanted = options.iter().filter(|(_, right)| *right).count();
    let right = options.iter().filter(|(text, right)| *right && chosen.contains(text)).count();
    let wrong = chosen.len() - right;
    if wrong == 0 && right == wanted {
        Mark::all_or_nothing(true)
    } else {
        Mark { correct: false, score: right.saturating_sub(wrong) as f64 / wanted.max(1) as f64 }
    }
}

/// Counts the neighbours that are right: an order in which one item sits in the wrong place is nearly right, wherever the item should be.
fn mark_order(items: &[&str], order: &[String]) -> Mark {
    let same_items = items.iter().copied().collect::<BTreeSet<_>>() == order.iter().map(String::as_str).collect();
    if items.len() != order.len() || !same_items {
        return Mark::all_or_nothing(false);
    }
    let right = order.windows(2).filter(|pair| items.windows(2).any(|wanted| wanted == *pair)).count();
    let neighbours = items.len().saturating_sub(1);
    // All neighbours right means all items right.
    if right == neighbours { Mark::all_or_nothing(true) } else { Mark { correct: false, score: right as f64 / neighbours as f64 } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    fn score(key: &Key<'_>, given: Given) -> String {
        let mark = mark(key, &given);
        assert_eq!(mark.correct, mark.score >= 1.0, "{mark:?}");
        format!("{:.2}", mark.score)
    }

    #[test]
    fn a_single_choice_is_right_or_wrong() {
        let key = Key::Choice("b");
        assert_eq!(score(&key, Given::Choice("b".into())), "1.00");
        assert_eq!(score(&key, Given::Choice("a".into())), "0.00");
        assert_eq!(score(&key, Given::Choice(String::new())), "0.00");
    }

    #[test]
    fn several_choices_earn_shares_and_wrong_ones_take_them_back() {
        let key = Key::Choices(vec![("a", true), ("b", false), ("c", true), ("d", false)]);
        for (chosen, expected) in [
            (&["a", "c"][..], "1.00"),
            (&["c", "a", "a"], "1.00"),
            (&["a"], "0.50"),
            (&["a", "b"], "0.00"),
            (&["a", "b", "c"], "0.50"),
            (&["a", "b", "c", "d"], "0.00"),
            (&["b", "d"], "0.00"),
            (&[], "0.00"),
            (&["a", "c", "no option"], "0.50"),
        ] {
            assert_eq!(score(&key, Given::Choices(texts(chosen))), expected, "{chosen:?}");
        }
    }

    #[test]
    fn an_order_earns_its_right_neighbours() {
        let key = Key::Order(vec!["1", "2", "3", "4"]);
        for (order, expected) in [
            (&["1", "2", "3", "4"][..], "1.00"),
            (&["4", "1", "2", "3"], "0.67"),
            (&["3", "4", "1", "2"], "0.67"),
            (&["2", "1", "4", "3"], "0.00"),
            (&["4", "3", "2", "1"], "0.00"),
            (&["1", "2", "3"], "0.00"),
            (&["1", "2", "1", "2"], "0.00"),
        ] {
            assert_eq!(score(&key, Given::Order(texts(order))), expected, "{order:?}");
        }
        assert_eq!(score(&Key::Order(vec!["only"]), Given::Order(texts(&["other"]))), "0.00");
    }

    #[test]
    fn typed_text_ignores_case_and_outer_blanks_only() {
        let key = Key::Text(vec!["10%", "ten percent"]);
        assert_eq!(score(&key, Given::Text(" TEN Percent\n".into())), "1.00");
        assert_eq!(score(&key, Given::Text("10 %".into())), "0.00");
    }

    #[test]
    fn an_answer_of_another_kind_is_wrong() {
        assert_eq!(score(&Key::Choice("a"), Given::Text("a".into())), "0.00");
    }

    #[test]
    fn answers_survive_their_json() {
        let given = Given::Order(texts(&["a", "b"]));
        let json = serde_json::to_string(&given).unwrap();
        assert_eq!(json, r#"{"order":["a","b"]}"#);
        assert_eq!(serde_json::from_str::<Given>(&json).unwrap(), given);
    }
}
