//! An example of a rule page in the playground, and the way back.

use super::form::Form;
use crate::{
    course::{Course, Example, Mark, RulePage},
    web::urls,
};

/// The world in which an example stands alone.
const WORLD: &str = "empty";

/// Which example the form started from.
pub(super) struct RuleView {
    /// `CODE/number`, as the form carries it.
    pub name: String,
    pub id: &'static str,
    /// Back to where it stands on its page.
    pub url: String,
    /// All examples of the page.
    pub examples: Vec<ExampleView>,
}

pub(super) struct ExampleView {
    pub word: &'static str,
    pub url: String,
    pub is_current: bool,
}

/// The page and the example behind `CODE/number`.
pub(super) fn find<'a>(course: &'a Course, name: &str) -> Option<(&'a RulePage, &'a Example)> {
    let (id, number) = name.split_once('/')?;
    let page = course.rule(id)?;
    Some((page, page.example(number.parse().ok()?)?))
}

/// The page's form with the example in it, and no request.
pub(super) fn form(name: &str, example: &Example) -> Form {
    Form { world: WORLD.into(), yaml: example.yaml.clone(), rule: name.to_owned(), method: "GET".into(), ..Form::default() }
}

impl RuleView {
    /// None where the form did not start from one.
    pub fn of(course: &Course, name: &str) -> Option<Self> {
        let (page, current) = find(course, name)?;
        let id = page.code.id;
        let view = |example: &Example| ExampleView {
            word: match example.mark {
                Mark::Bad => "bad",
                Mark::Fixed => "fixed",
            },
            url: urls::playground_rule(id, example.number),
            is_current: example.number == current.number,
        };
        Some(Self {
            name: format!("{id}/{}", current.number),
            id,
            url: urls::rule_example(id, current.number),
            examples: page.examples().filter(|example| !example.has_settings()).map(view).collect(),
        })
    }
}
