//! Codes of findings in prose lead to their pages.

use std::sync::LazyLock;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};
use regex::Regex;

use crate::{course::address, engine::diagnostic::Code};

static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(?:IST|MW)[0-9]{4}\b").expect("the pattern of a code is valid"));

/// Makes links of the codes that the engine knows, except of a page's own, in headings and where a link already is.
pub(super) fn linked<'a>(events: impl Iterator<Item = Event<'a>>, own: &str) -> Vec<Event<'a>> {
    let has_page = |code: &str| code != own && Code::all().any(|known| known.id == code);
    let mut out = Vec::new();
    let mut inside = 0_usize;
    for event in events {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Heading { .. }) => inside += 1,
            Event::End(TagEnd::Link | TagEnd::Heading(_)) => inside = inside.saturating_sub(1),
            _ => {}
        }
        match event {
            Event::Text(text) if inside == 0 => in_text(&text, has_page, &mut out),
            Event::Code(text) if inside == 0 && has_page(&text) => link(&text, Event::Code(text.clone()), &mut out),
            other => out.push(other),
        }
    }
    out
}

fn in_text<'a>(text: &CowStr<'a>, has_page: impl Fn(&str) -> bool, out: &mut Vec<Event<'a>>) {
    let mut done = 0;
    for found in CODE.find_iter(text).filter(|found| has_page(found.as_str())) {
        out.push(Event::Text(text[done..found.start()].to_owned().into()));
        link(found.as_str(), Event::Text(found.as_str().to_owned().into()), out);
        done = found.end();
    }
    out.push(Event::Text(text[done..].to_owned().into()));
}

fn link<'a>(code: &str, words: Event<'a>, out: &mut Vec<Event<'a>>) {
    let tag = Tag::Link { link_type: LinkType::Inline, dest_url: address::rule(code).into(), title: "".into(), id: "".into() };
    out.extend([Event::Start(tag), words, Event::End(TagEnd::Link)]);
}
