//! What may be written at a spot: fields, values, names.

use super::{
    Group, Offer, docs,
    names::{self, Wish},
    site::{Site, Subject},
    sketch::{Spot, Step},
    text::scalar,
    top,
};
use crate::engine::{
    cluster::Cluster,
    source::Span,
    validate::{Outline, OutlineField},
};

/// What offers are made from.
pub(super) struct Ground<'a> {
    pub cluster: &'a Cluster,
    pub subject: &'a Subject<'a>,
}

/// How a key is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Blanks before the key.
    pub column: usize,
    pub is_flow: bool,
    /// Whether its colon stands there already.
    pub has_colon: bool,
}

impl Ground<'_> {
    /// What is replaced, and by what it may be.
    pub fn offers(&self, spot: &Spot) -> (Span, Vec<Offer>) {
        match spot {
            Spot::Key { parent: None, word, has_colon, column, is_flow } => {
                let style = Style { column: *column, is_flow: *is_flow, has_colon: *has_colon };
                (*word, top::keys(self.subject, *word, style))
            }
            Spot::Key { parent, word, has_colon, column, is_flow } => {
                let style = Style { column: *column, is_flow: *is_flow, has_colon: *has_colon };
                (*word, self.keys(*parent, *word, style))
            }
            Spot::Value { path, owner, word, is_close, is_flow, column } => {
                let style = Style { column: *column, is_flow: *is_flow, has_colon: false };
                let (word, mut offers) = self.values(path, *owner, *word, style);
                if *is_close {
                    for offer in &mut offers {
                        offer.insert.insert(0, ' ');
                    }
                }
                (word, offers)
            }
        }
    }

    fn keys(&self, parent: Option<usize>, word: Span, style: Style) -> Vec<Offer> {
        let Some(site) = self.subject.site(&self.subject.sketch.path(parent)) else { return Vec::new() };
        match site.outline.item() {
            // A list whose dash is still to come.
            Some(item) if !style.is_flow => {
                let inner = Style { column: style.column + 2, ..style };
                let site = Site { outline: item, ..site };
                let offers = if item.object_name().is_some() { self.fields(item, None, word, inner) } else { self.scalars(&site, parent, false, style) };
                offers.into_iter().map(|offer| Offer { insert: format!("- {}", offer.insert), ..offer }).collect()
            }
            Some(_) => Vec::new(),
            None if site.outline.object_name().is_some() => self.fields(site.outline, parent, word, style),
            None => self.entries(&site, parent, style),
        }
    }

    /// Keys that people choose themselves.
    fn entries(&self, site: &Site, parent: Option<usize>, style: Style) -> Vec<Offer> {
        let wish = Wish { cluster: self.cluster, subject: self.subject, site: *site, owner: parent };
        let present = self.present(parent, None);
        let colon = if style.has_colon { "" } else { ": " };
        let keys = names::of_key(&wish).into_iter().filter(|offer| !present.contains(&offer.label.as_str()));
        keys.map(|offer| Offer { insert: scalar(&offer.label, style.is_flow) + colon, ..offer }).collect()
    }

    /// Fields of an object that are not there yet, the required ones first. `word` is the one that is being written.
    fn fields(&self, outline: Outline, parent: Option<usize>, word: Span, style: Style) -> Vec<Offer> {
        let present = parent.map_or_else(Vec::new, |_| self.present(parent, Some(word)));
        let object = outline.object_name().unwrap_or_default();
        let is_wanted = |field: &OutlineField| !present.contains(&field.name) && outline.excluded_by(field.name, &present).is_none();
        let offer = |field: OutlineField| {
            let doc = docs::of_field(self.subject.kind, object, field.name);
            let detail = if field.is_required { format!("{}, required", field.value.words()) } else { field.value.words() };
            Offer {
                is_required: field.is_required,
                ..Offer::new(field.name, Group::Field, insertion(field.name, field.value, style), detail, with_default(doc))
            }
        };
        let mut offers: Vec<Offer> = outline.fields().filter(is_wanted).map(offer).collect();
        // What is outdated, and what nobody writes, comes last.
        offers.sort_by_key(|offer| (!offer.is_required, offer.doc.starts_with("Outdated") || offer.label.contains('_') || offer.label == "status"));
        offers
    }

    /// Keys that stand below an item already.
    fn present(&self, parent: Option<usize>, besides: Option<Span>) -> Vec<&str> {
        let written = self.subject.sketch.children(parent).filter(|item| Some(item.key) != besides);
        written.filter_map(|item| if let Step::Key(name) = &item.step { Some(name.as_str()) } else { None }).collect()
    }

    fn values(&self, path: &[Step], owner: Option<usize>, word: Span, style: Style) -> (Span, Vec<Offer>) {
        if let [Step::Key(key)] = path
            && matches!(key.as_str(), "apiVersion" | "kind")
        {
            return (word, top::values(self.subject, key));
        }
        let Some(site) = self.subject.site(path) else { return (word, Vec::new()) };
        if site.outline.is_mapping() {
            // Behind a dash the first key follows; behind a colon it stands on the next line.
            let is_item = matches!(path.last(), Some(Step::Index(_))) && !style.is_flow;
            let inner = Style { column: style.column + 2, ..style };
            let fields = if is_item { self.fields(site.outline, owner, word, inner) } else { Vec::new() };
            return (word, fields);
        }
        if let Some(item) = site.outline.item() {
            let offers =
                if item.is_mapping() { Vec::new() } else { self.scalars(&Site { outline: item, ..site }, owner, false, Style { is_flow: true, ..style }) };
            let in_brackets = offers.into_iter().map(|offer| Offer { insert: format!("[{}]", offer.insert), ..offer });
            return (word, in_brackets.collect());
        }
        let written = self.subject.sketch.slice(word);
        let is_quoted = written.starts_with(['"', '\'']);
        let end = if is_quoted && written.len() > 1 && written.ends_with(['"', '\'']) { word.end() - 1 } else { word.end() };
        (Span::new(word.start() + usize::from(is_quoted), end), self.scalars(&site, owner, is_quoted, style))
    }

    /// Values that are no mapping and no list.
    fn scalars(&self, site: &Site, owner: Option<usize>, is_quoted: bool, style: Style) -> Vec<Offer> {
        let (object, field) = site.owner.unwrap_or_default();
        let choices = site.outline.choices();
        let offers = if choices.is_empty() {
            names::of_value(&Wish { cluster: self.cluster, subject: self.subject, site: *site, owner })
        } else {
            let default = docs::of_field(self.subject.kind, object, field).default;
            let choice = |choice: String| {
                let detail = if choice == default { "default" } else { "" };
                let doc = docs::of_value(self.subject.kind, object, field, &choice);
                Offer::new(choice.clone(), Group::Value, choice, detail, doc)
            };
            choices.into_iter().map(choice).collect()
        };
        let written = |offer: Offer| match offer.insert.as_str() {
            "" if is_quoted => Offer { insert: escaped(&offer.label), ..offer },
            "" => Offer { insert: scalar(&offer.label, style.is_flow), ..offer },
            _ => offer,
        };
        offers.into_iter().map(written).collect()
    }
}

/// A text between quotes that stand there already.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn with_default(doc: docs::Doc) -> String {
    if doc.default.is_empty() { doc.words.to_owned() } else { format!("{} Default: {}.", doc.words, doc.default) }
}

/// A key and what its value starts with.
pub(super) fn insertion(name: &str, value: Outline, style: Style) -> String {
    if style.has_colon {
        return name.to_owned();
    }
    let blanks = " ".repeat(style.column);
    match value {
        _ if style.is_flow => format!("{name}: "),
        value if value.item().is_some() => format!("{name}:\n{blanks}- "),
        value if value.is_mapping() => format!("{name}:\n{blanks}  "),
        _ => format!("{name}: "),
    }
}
