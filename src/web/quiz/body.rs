//! What a question's page shows for each kind: the way to answer before, the reasons after.

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

use super::given::{Fields, token};
use crate::{
    course::{Blank, Choice, Item, Question, QuestionKind, SafeHtml, WrongAnswer},
    learning::Given,
    store::AttemptId,
};

/// The part of the page that depends on the question's kind.
pub(super) enum Body<'a> {
    /// Options, of which one or several can be chosen.
    Options { is_multiple: bool, options: Vec<OptionView<'a>> },
    /// Lines to be put into order.
    Lines(Vec<LineView<'a>>),
    /// A blank.
    Blank(BlankView<'a>),
}

pub(super) struct OptionView<'a> {
    pub key: usize,
    pub token: String,
    pub text: &'a SafeHtml,
    pub why: &'a SafeHtml,
    pub is_right: bool,
    pub is_chosen: bool,
}

pub(super) struct LineView<'a> {
    pub token: String,
    pub plain: &'a str,
    pub text: &'a SafeHtml,
    pub why: &'a SafeHtml,
    /// The place it has in the form, or was given; 0 if none.
    pub place: usize,
    pub right_place: usize,
}

pub(super) struct BlankView<'a> {
    pub typed: String,
    pub answers: &'a [String],
    pub why: &'a SafeHtml,
    pub why_not: Option<&'a SafeHtml>,
    /// Other wrong answers, with their reasons.
    pub wrong: Vec<&'a WrongAnswer>,
}

/// The body before the answer. `fields` is a form that comes back because something was missing.
pub(super) fn open<'a>(question: &'a Question, attempt: &AttemptId, fields: &Fields) -> Body<'a> {
    let sent = |name: &str| fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    match &question.kind {
        QuestionKind::Ordering(items) => {
            let mut lines = lines(items, shuffled(items, |item| item.plain.as_str(), attempt));
            for (at, line) in lines.iter_mut().enumerate() {
                line.place = sent(&format!("place-{}", line.token)).first().and_then(|place| place.parse().ok()).unwrap_or(at + 1);
            }
            Body::Lines(lines)
        }
        QuestionKind::Fill(blank) => Body::Blank(blank_view(blank, sent("text").pop().unwrap_or_default())),
        _ => options(question, attempt, |option| sent("choice").contains(&token(&option.plain))),
    }
}

/// The body with its reasons, once the question is answered.
pub(super) fn answered<'a>(question: &'a Question, attempt: &AttemptId, given: Option<&Given>) -> Body<'a> {
    match &question.kind {
        QuestionKind::Ordering(items) => {
            let mut lines = lines(items, (0..items.len()).collect());
            for line in &mut lines {
                let Some(Given::Order(order)) = given else { continue };
                line.place = order.iter().position(|item| item == line.plain).map_or(0, |at| at + 1);
            }
            Body::Lines(lines)
        }
        QuestionKind::Fill(blank) => match given {
            Some(Given::Text(typed)) => Body::Blank(blank_view(blank, typed.clone())),
            _ => Body::Blank(blank_view(blank, String::new())),
        },
        _ => options(question, attempt, |option| match given {
            Some(Given::Choice(chosen)) => *chosen == option.plain,
            Some(Given::Choices(chosen)) => chosen.contains(&option.plain),
            _ => false,
        }),
    }
}

fn options<'a>(question: &'a Question, attempt: &AttemptId, is_chosen: impl Fn(&Choice) -> bool) -> Body<'a> {
    let choices = question.choices();
    let view = |(at, index): (usize, usize)| {
        let option = &choices[index];
        let (is_right, is_chosen) = (option.correct, is_chosen(option));
        OptionView { key: at + 1, token: token(&option.plain), text: &option.text, why: &option.why, is_right, is_chosen }
    };
    let options = shuffled(choices, |option| option.plain.as_str(), attempt).into_iter().enumerate().map(view).collect();
    Body::Options { is_multiple: matches!(question.kind, QuestionKind::Multiple(_)), options }
}

fn lines(items: &[Item], order: Vec<usize>) -> Vec<LineView<'_>> {
    let view = |at: usize| {
        let item = &items[at];
        LineView { token: token(&item.plain), plain: &item.plain, text: &item.text, why: &item.why, place: 0, right_place: at + 1 }
    };
    order.into_iter().map(view).collect()
}

fn blank_view(blank: &Blank, typed: String) -> BlankView<'_> {
    let why_not = blank.why_not(&typed);
    let wrong = blank.wrong.iter().filter(|wrong| !why_not.is_some_and(|why| std::ptr::eq(why, &raw const wrong.why))).collect();
    BlankView { why_not, wrong, typed, answers: &blank.answers, why: &blank.why }
}

/// An order that is the same whenever this attempt is looked at, another for the next attempt, and never the course's own.
fn shuffled<T>(things: &[T], text: impl Fn(&T) -> &str, attempt: &AttemptId) -> Vec<usize> {
    let mut order: Vec<usize> = (0..things.len()).collect();
    order.sort_by_cached_key(|at| Reverse(Sha256::digest(format!("{attempt} {}", text(&things[*at])).as_bytes()).to_vec()));
    if order.is_sorted() {
        order.rotate_left(1);
    }
    order
}
