//! From a posted form to an answer, and the key it is marked by.
//!
//! Fields name options by a token made of their text. A place in the list would point to another option after the course
//! has changed, and the course's own order would give the answer of an ordering away.

use sha2::{Digest, Sha256};

use crate::{
    course::{Choice, Question, QuestionKind},
    learning::{Given, Key},
};

/// The fields of a form in the order sent.
pub(super) type Fields = Vec<(String, String)>;

/// A short name for an option that says nothing about whether it is right.
pub(super) fn token(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().take(6).fold(String::new(), |mut token, byte| {
        write!(token, "{byte:02x}").expect("writing to a String cannot fail");
        token
    })
}

/// What is right.
pub(super) fn key(question: &Question) -> Key<'_> {
    let right = |options: &'_ [Choice]| options.iter().position(|option| option.correct);
    match &question.kind {
        QuestionKind::Single(options) => Key::Choice(right(options).map_or("", |at| options[at].plain.as_str())),
        QuestionKind::Predict(prediction) => Key::Choice(right(&prediction.options).map_or("", |at| prediction.options[at].plain.as_str())),
        QuestionKind::Multiple(options) => Key::Choices(options.iter().map(|option| (option.plain.as_str(), option.correct)).collect()),
        QuestionKind::Ordering(items) => Key::Order(items.iter().map(|item| item.plain.as_str()).collect()),
        QuestionKind::Fill(blank) => Key::Text(blank.answers.iter().map(String::as_str).collect()),
    }
}

/// Reads the answer; a form that does not hold one says what is missing.
pub(super) fn read(question: &Question, fields: &Fields) -> Result<Given, String> {
    let values = |name: &str| fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
    match &question.kind {
        QuestionKind::Single(_) | QuestionKind::Predict(_) => match chosen(question.choices(), &values("choice")).as_slice() {
            [one] => Ok(Given::Choice(one.clone())),
            _ => Err("Choose one of the answers.".to_owned()),
        },
        QuestionKind::Multiple(options) => match chosen(options, &values("choice")) {
            none if none.is_empty() => Err("Choose at least one of the answers.".to_owned()),
            some => Ok(Given::Choices(some)),
        },
        QuestionKind::Fill(_) => match values("text").first().map(|text| text.trim()) {
            None | Some("") => Err("Type an answer.".to_owned()),
            Some(text) if text.chars().count() > LONGEST_TEXT => Err(format!("Type a shorter answer, at most {LONGEST_TEXT} characters.")),
            Some(text) => Ok(Given::Text(text.to_owned())),
        },
        QuestionKind::Ordering(items) => order(&items.iter().map(|item| item.plain.as_str()).collect::<Vec<_>>(), &values),
    }
}

/// Longer than any answer that is expected.
const LONGEST_TEXT: usize = 500;

fn chosen(options: &[Choice], tokens: &[&str]) -> Vec<String> {
    options.iter().filter(|option| tokens.contains(&token(&option.plain).as_str())).map(|option| option.plain.clone()).collect()
}

/// Puts the items at the places that the form gives them.
fn order<'a>(items: &[&str], values: &impl Fn(&str) -> Vec<&'a str>) -> Result<Given, String> {
    let mut order = vec![None; items.len()];
    for item in items {
        let place = values(&format!("place-{}", token(item))).first().and_then(|place| place.parse::<usize>().ok()).and_then(|place| place.checked_sub(1));
        let Some(slot) = place.and_then(|place| order.get_mut(place)) else {
            return Err(format!("Give every line a place from 1 to {}.", items.len()));
        };
        if slot.replace((*item).to_owned()).is_some() {
            return Err(format!("Give every place once; {} is there twice.", place.unwrap_or_default() + 1));
        }
    }
    Ok(Given::Order(order.into_iter().flatten().collect()))
}
