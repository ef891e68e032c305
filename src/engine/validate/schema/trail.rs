//! Where a value stands, as steps on the stack: a path in words is put together only when something is said of it.

use crate::engine::validate::report::{push_field, push_item, push_key};

/// The way to a value, its last step first.
#[derive(Debug)]
pub(super) struct Trail<'t> {
    before: Option<&'t Trail<'t>>,
    step: Step<'t>,
}

#[derive(Debug)]
enum Step<'t> {
    /// A path in words, where the walk starts.
    Start(&'t str),
    /// A field of an object type.
    Field(&'static str, usize),
    /// A key of a map, or one that its object does not have.
    Key(&'t str),
    Item(usize),
}

impl<'t> From<&'t str> for Trail<'t> {
    fn from(start: &'t str) -> Self {
        Self { before: None, step: Step::Start(start) }
    }
}

impl<'t> Trail<'t> {
    /// A field of the object type of that number.
    pub fn field(&'t self, name: &'static str, object: usize) -> Self {
        Self { before: Some(self), step: Step::Field(name, object) }
    }

    pub fn key(&'t self, key: &'t str) -> Self {
        Self { before: Some(self), step: Step::Key(key) }
    }

    pub fn item(&'t self, at: usize) -> Self {
        Self { before: Some(self), step: Step::Item(at) }
    }

    fn steps(&self) -> impl Iterator<Item = &Step<'t>> {
        std::iter::successors(Some(self), |trail| trail.before).map(|trail| &trail.step)
    }

    /// The object types that enclose the value, the innermost one first.
    pub fn objects(&self) -> impl Iterator<Item = usize> {
        self.steps().filter_map(|step| if let Step::Field(_, object) = step { Some(*object) } else { None })
    }

    /// The path as messages have it, such as `spec.http[0].route`.
    pub fn path(&self) -> String {
        let steps: Vec<&Step<'_>> = self.steps().collect();
        let mut path = String::new();
        for step in steps.into_iter().rev() {
            match step {
                Step::Start(start) => path.push_str(start),
                Step::Field(name, _) => push_field(&mut path, name),
                Step::Key(key) => push_key(&mut path, key),
                Step::Item(at) => push_item(&mut path, *at),
            }
        }
        path
    }
}
