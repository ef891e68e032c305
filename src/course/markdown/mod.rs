//! Markdown to safe HTML: what authors may use, and what it becomes.
//!
//! Raw HTML is not among it, so nothing in `content/` can bring a script into a page.

mod codes;
mod highlight;
mod link;

pub(super) use highlight::highlight;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};

use super::{html::SafeHtml, reading::Reading};

/// What CommonMark is extended by.
pub(super) const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_HEADING_ATTRIBUTES);

/// Where a text stands, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'a> {
    pub path: &'a str,
    pub line: usize,
}

/// Paragraphs, lists, tables and code, as in a question.
pub(super) fn blocks(markdown: &str, site: Site<'_>, reading: &mut Reading) -> SafeHtml {
    let mut events = Vec::new();
    let mut parser = Parser::new_ext(markdown, OPTIONS);
    while let Some(event) = parser.next() {
        if let Event::Start(Tag::CodeBlock(kind)) = event {
            let code = code_text(&mut parser);
            events.push(Event::Html(highlight(&language(&kind), &code).to_string().into()));
        } else {
            events.extend(permitted(event, site, reading));
        }
    }
    html(events)
}

/// A line of text without a paragraph around it, as in an option.
pub(super) fn inline(markdown: &str, site: Site<'_>, reading: &mut Reading) -> SafeHtml {
    let html = blocks(markdown, site, reading);
    let text = html.as_str().trim();
    match text.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")) {
        Some(only) if !only.contains("<p>") => SafeHtml::trust(only.to_owned()),
        _ => SafeHtml::trust(text.to_owned()),
    }
}

/// What an event of the parser becomes: links find their address, tables scroll, raw HTML turns into text and a fault.
pub(super) fn permitted<'a>(event: Event<'a>, site: Site<'_>, reading: &mut Reading) -> Vec<Event<'a>> {
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => match link::resolve(&dest_url, site, reading) {
            Some(address) => vec![Event::Start(Tag::Link { link_type, dest_url: address.into(), title, id })],
            None => vec![Event::Start(Tag::Link { link_type, dest_url: "#".into(), title, id })],
        },
        Event::Start(Tag::Image { .. }) => {
            reading.fault(
                site.path,
                site.line,
                "images are diagrams alone in a paragraph: ![what it shows](diagram:slug); examples are framed so: ![what to try](example:name)",
            );
            Vec::new()
        }
        Event::End(TagEnd::Image) => Vec::new(),
        Event::Html(text) | Event::InlineHtml(text) => {
            reading.fault(site.path, site.line, format!("raw HTML is not shown: put {:?} into backquotes or write it in Markdown", text.trim()));
            vec![Event::Text(text)]
        }
        // What scrolls must be reachable by keyboard.
        Event::Start(Tag::Table(alignment)) => {
            vec![Event::Html(r#"<div class="table-scroll" role="group" aria-label="Table" tabindex="0">"#.into()), Event::Start(Tag::Table(alignment))]
        }
        Event::End(TagEnd::Table) => vec![Event::End(TagEnd::Table), Event::Html("</div>\n".into())],
        other => vec![other],
    }
}

/// Writes events as HTML.
pub(super) fn html<'a>(events: impl IntoIterator<Item = Event<'a>>) -> SafeHtml {
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events.into_iter());
    SafeHtml::trust(out)
}

/// The same with links from codes of findings to their pages; `own` is the code of the page itself, if it is such a page.
pub(super) fn linked<'a>(events: impl IntoIterator<Item = Event<'a>>, own: &str) -> SafeHtml {
    html(codes::linked(events.into_iter(), own))
}

/// The text of a code block whose start was just read, up to and including its end.
pub(super) fn code_text<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> String {
    let mut code = String::new();
    for event in events {
        match event {
            Event::Text(text) => code.push_str(&text),
            Event::End(TagEnd::CodeBlock) => break,
            _ => {}
        }
    }
    code
}

/// The words behind the opening of a fence.
pub(super) fn language<'a>(kind: &CodeBlockKind<'a>) -> CowStr<'a> {
    match kind {
        CodeBlockKind::Fenced(info) => info.clone(),
        CodeBlockKind::Indented => "text".into(),
    }
}
