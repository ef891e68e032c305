//! A part of an object, set or not, that knows its path and its place.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
};

use crate::engine::{
    diagnostic::{Code, Level, Stage},
    duration::Duration,
    manifest::{Document, Node, Value},
    source::Span,
    validate::report::{Report, first_of, place, push_item, push_key},
};

/// What every check needs: where to say what it finds, and whose object it is.
pub(super) struct Context<'r, 'a> {
    pub report: &'r mut Report<'a>,
    pub namespace: &'r str,
    pub name: &'r str,
    /// Whether istiod itself has made the object from one of the Gateway API, and lets it differ in some details.
    pub is_converted: bool,
    /// How many errors there were, folded ones included.
    pub refusals: usize,
    is_muted: bool,
    /// The gists of what was said, where each is said once.
    said: Option<HashSet<(Level, String)>>,
}

impl<'r, 'a> Context<'r, 'a> {
    /// Says every finding at its place.
    pub fn new(report: &'r mut Report<'a>, namespace: &'r str, name: &'r str) -> Self {
        Self { report, namespace, name, is_converted: false, refusals: 0, is_muted: false, said: None }
    }

    /// Says one finding for all that istiod says in the same words, wherever they are: istioctl folds equal texts.
    pub fn folding(report: &'r mut Report<'a>, namespace: &'r str, name: &'r str) -> Self {
        Self { said: Some(HashSet::new()), ..Self::new(report, namespace, name) }
    }

    /// istiod refuses the object for this.
    pub fn refuse(&mut self, part: &Part<'_>, message: impl Into<String>) {
        let message = message.into();
        self.say(Level::Error, part, None, message);
    }

    /// The same, where istiod's own words are fewer than ours: its gist tells which findings read alike to istiod.
    pub fn refuse_as(&mut self, gist: impl Into<String>, part: &Part<'_>, message: impl Into<String>) {
        self.say(Level::Error, part, Some(gist.into()), message.into());
    }

    /// Whether findings are counted as istioctl counts them, so that what istiod says next to another finding, or no longer says
    /// after it, matters.
    pub fn is_counting(&self) -> bool {
        self.said.is_some()
    }

    /// What istiod says on top of a finding that tells a reader enough.
    pub fn echo(&mut self, gist: impl Into<String>, part: &Part<'_>, message: impl Into<String>) {
        if self.is_counting() {
            self.refuse_as(gist, part, message);
        }
    }

    /// istiod takes the object and says this.
    pub fn warn(&mut self, part: &Part<'_>, message: impl Into<String>) {
        let message = message.into();
        self.say(Level::Warning, part, None, message);
    }

    /// The same with a gist, as in `refuse_as`.
    pub fn warn_as(&mut self, gist: impl Into<String>, part: &Part<'_>, message: impl Into<String>) {
        self.say(Level::Warning, part, Some(gist.into()), message.into());
    }

    /// A warning that istioctl lists under a code of its own.
    pub fn warn_under(&mut self, code: &'static Code, part: &Part<'_>, message: impl Into<String>) {
        if self.say(Level::Warning, part, None, message.into()) {
            self.report.code(code);
        }
    }

    /// Runs checks whose warnings istiod loses on the way (`appendErrors` keeps errors alone).
    pub fn without_warnings(&mut self, run: impl FnOnce(&mut Self)) {
        let was_muted = std::mem::replace(&mut self.is_muted, true);
        run(self);
        self.is_muted = was_muted;
    }

    fn say(&mut self, level: Level, part: &Part<'_>, gist: Option<String>, message: String) -> bool {
        if self.is_muted && level == Level::Warning {
            return false;
        }
        self.refusals += usize::from(level == Level::Error);
        if let Some(said) = &mut self.said
            && !said.insert((level, gist.unwrap_or_else(|| message.clone())))
        {
            return false;
        }
        self.report.say(Stage::Webhook, level, &part.path(), part.span, message);
        true
    }
}

/// A value at a path. Where nothing is written there, its place is that of what should hold it.
#[derive(Debug, Clone)]
pub(super) struct Part<'n> {
    node: Option<&'n Node>,
    pub span: Span,
    steps: &'n Steps<'n>,
    step: Step<'n>,
    /// Its own step, where parts below have it filed.
    filed: Cell<Option<u32>>,
}

/// The steps of an object that lead to parts of parts. Parts are made by the thousand and hardly one is ever named, so that its
/// path is put together only then.
#[derive(Debug, Default)]
pub(super) struct Steps<'n>(RefCell<Vec<Step<'n>>>);

/// The last step of a path, and where those before it are filed.
#[derive(Debug, Clone, Copy)]
struct Step<'n> {
    before: Option<u32>,
    place: Place<'n>,
}

#[derive(Debug, Clone, Copy)]
enum Place<'n> {
    /// The object as a whole.
    Root,
    Key(&'n str),
    Item(usize),
}

impl<'n> Part<'n> {
    /// The object itself. What is below it files its steps in `steps`.
    pub fn root(object: &'n Node, span: Span, steps: &'n Steps<'n>) -> Self {
        Self { node: Some(object), span, steps, step: Step { before: None, place: Place::Root }, filed: Cell::new(None) }
    }

    fn below(&self, node: Option<&'n Node>, span: Span, place: Place<'n>) -> Self {
        Self { node, span, steps: self.steps, step: Step { before: Some(self.file()), place }, filed: Cell::new(None) }
    }

    fn file(&self) -> u32 {
        self.filed.get().unwrap_or_else(|| {
            let mut steps = self.steps.0.borrow_mut();
            // No memory holds as many parts as this could count.
            let at = u32::try_from(steps.len()).unwrap_or(u32::MAX);
            steps.push(self.step);
            self.filed.set(Some(at));
            at
        })
    }

    /// A field.
    pub fn get(&self, key: &'n str) -> Self {
        self.written(key).unwrap_or_else(|| self.below(None, self.span, Place::Key(key)))
    }

    /// A field, where it is written.
    pub fn written(&self, key: &str) -> Option<Self> {
        let entry = self.node?.entry(key).filter(|entry| !entry.value.is_null())?;
        Some(self.below(Some(&entry.value), place(&entry.value, entry.key_span), Place::Key(&entry.key)))
    }

    /// The same part of the object with another reading of its value.
    pub fn read_as(self, node: &'n Node) -> Self {
        Self { node: Some(node), ..self }
    }

    /// Where it stands in the object, such as `spec.http[0].route`.
    pub fn path(&self) -> String {
        let filed = self.steps.0.borrow();
        let before = |step: &Step<'n>| step.before.and_then(|at| filed.get(at as usize).copied());
        let steps: Vec<Step<'n>> = std::iter::successors(Some(self.step), before).collect();
        let mut path = String::new();
        for step in steps.iter().rev() {
            match step.place {
                Place::Root => {}
                Place::Key(key) => push_key(&mut path, key),
                Place::Item(at) => push_item(&mut path, at),
            }
        }
        path
    }

    /// The value at a path below this one.
    pub fn find(&self, path: &str) -> Option<&'n Node> {
        Document::steps(path).try_fold(self.node?, |node, step| match &node.value {
            Value::Map(_) => node.get(step),
            Value::Seq(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Whether anything is written. An empty list counts as nothing, as in protobuf.
    pub fn is_set(&self) -> bool {
        self.node.is_some_and(|node| !matches!(&node.value, Value::Seq(items) if items.is_empty()))
    }

    /// The items of a list; none where it is no list.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'n, '_> {
        let items = self.node.map(Node::items).unwrap_or_default();
        items.iter().enumerate().map(|(at, item)| self.below(Some(item), first_of(item), Place::Item(at)))
    }

    /// How many items or entries there are.
    pub fn len(&self) -> usize {
        self.node.map_or(0, |node| node.items().len().max(node.entries().len()))
    }

    /// The entries of a map: each key, and its value at the place of the key.
    pub fn entries(&self) -> impl Iterator<Item = (&'n str, Self)> + use<'n, '_> {
        let entries = self.node.map(Node::entries).unwrap_or_default();
        entries.iter().map(|entry| (entry.key.as_str(), self.below(Some(&entry.value), entry.key_span, Place::Key(&entry.key))))
    }

    /// The text, empty where there is none.
    pub fn text(&self) -> &'n str {
        self.node.and_then(Node::as_str).unwrap_or_default()
    }

    /// The whole number, 0 where there is none.
    pub fn whole(&self) -> i64 {
        self.node.and_then(Node::as_whole).map_or(0, |value| i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// The number, 0 where there is none.
    pub fn number(&self) -> f64 {
        match self.node.map(|node| &node.value) {
            Some(Value::Int(value)) => value.as_f64(),
            Some(Value::Float(value)) => *value,
            _ => 0.0,
        }
    }

    /// The whole number as it is written, of any size.
    pub fn exact(&self) -> Option<i128> {
        self.node.and_then(Node::as_whole)
    }

    /// The value, where there is one.
    pub fn value(&self) -> Option<&'n Value> {
        self.node.map(|node| &node.value)
    }

    /// What kind of value it is, in the words of a message.
    pub fn kind_name(&self) -> &'static str {
        self.node.map_or("nothing", Node::kind_name)
    }

    /// Whether it says true.
    pub fn flag(&self) -> bool {
        matches!(self.node.map(|node| &node.value), Some(Value::Bool(true)))
    }

    /// The duration, where it can be read as one.
    pub fn duration(&self) -> Option<Duration> {
        Duration::parse(self.node?.as_str()?)
    }

    /// The value without places, for comparing.
    pub fn to_json(&self) -> serde_json::Value {
        self.node.map_or(serde_json::Value::Null, Node::to_json)
    }
}

/// `ValidateDuration`: whole milliseconds, one at least.
pub(super) fn check_duration(context: &mut Context<'_, '_>, part: &Part<'_>) {
    let Some(duration) = part.duration() else { return };
    if duration < Duration::from_millis(1) {
        context.refuse_as("short duration", part, format!("{:?} is too short; a duration here must be 1ms or more", part.text()));
    } else if duration.as_nanos() % 1_000_000 != 0 {
        context.refuse_as("fine duration", part, format!("{:?} is finer than a millisecond; write whole milliseconds", part.text()));
    }
}

/// `ValidatePort`.
pub(super) fn check_port(context: &mut Context<'_, '_>, part: &Part<'_>) {
    if !(1..=65_535).contains(&part.whole()) {
        context.refuse(part, format!("{} is not a port; ports are 1 to 65535", part.whole()));
    }
}
