//! From a chapter's file to its pieces.

use std::{collections::BTreeMap, ops::Range};

use pulldown_cmark::{Event, HeadingLevel, OffsetIter, Parser, Tag, TagEnd};

use super::{
    Block, Chapter, Heading, Piece,
    fence::{self, Fence},
    front_matter, quick_check,
};
use crate::course::{
    address, diagram,
    html::escape,
    markdown::{self, Site},
    reading::Reading,
    trial::Trial,
};

/// Reads a chapter; none, and faults, where not even its head can be read.
pub(in crate::course) fn read(path: &str, slug: &str, text: &str, diagrams: &BTreeMap<String, String>, reading: &mut Reading) -> Option<Chapter> {
    let (front, start) = front_matter::read(path, text, reading)?;
    let head = Site { path, line: 1 };
    let objectives = front.objectives.iter().map(|objective| markdown::inline(objective, head, reading)).collect();
    let body = &text[start..];
    let mut walk = Walk {
        path,
        lines_before: text[..start].matches('\n').count(),
        body,
        diagrams,
        reading,
        events: Parser::new_ext(body, markdown::OPTIONS).into_offset_iter(),
        prose: Vec::new(),
        pieces: Vec::new(),
        outline: Vec::new(),
        shown: Vec::new(),
        framed: Vec::new(),
        words: 0,
        blocks: 0,
        checks: 0,
    };
    walk.run();
    let Walk { pieces, outline, shown, framed, words, .. } = walk;
    Some(Chapter {
        slug: slug.to_owned(),
        path: path.to_owned(),
        title: front.title,
        summary: front.summary,
        minutes: front.minutes,
        objectives,
        competencies: front.competencies,
        sources: front.sources,
        pieces,
        outline,
        words,
        diagrams: shown,
        examples: framed,
    })
}

/// On the way through a chapter.
struct Walk<'a, 'r> {
    path: &'r str,
    lines_before: usize,
    body: &'a str,
    diagrams: &'r BTreeMap<String, String>,
    reading: &'r mut Reading,
    events: OffsetIter<'a>,
    /// What was read since the last piece.
    prose: Vec<Event<'a>>,
    pieces: Vec<Piece>,
    outline: Vec<Heading>,
    shown: Vec<String>,
    framed: Vec<(String, usize)>,
    words: usize,
    blocks: usize,
    checks: usize,
}

impl<'a> Walk<'a, '_> {
    fn run(&mut self) {
        let mut depth = 0_usize;
        while let Some((event, place)) = self.events.next() {
            let line = self.line(&place);
            match event {
                Event::Start(Tag::Heading { level, id, .. }) => self.heading(level, id.as_deref(), line),
                Event::Start(Tag::CodeBlock(kind)) => {
                    let code = markdown::code_text(&mut self.events.by_ref().map(|(event, _)| event));
                    self.code(&markdown::language(&kind), code, line, depth == 0);
                }
                Event::Start(Tag::Paragraph) => self.paragraph(line),
                Event::Start(Tag::List(_) | Tag::Item | Tag::BlockQuote(_)) => {
                    depth += 1;
                    self.add(event, line);
                }
                Event::End(TagEnd::List(_) | TagEnd::Item | TagEnd::BlockQuote(_)) => {
                    depth = depth.saturating_sub(1);
                    self.add(event, line);
                }
                other => self.add(other, line),
            }
        }
        self.end_prose();
    }

    fn line(&self, place: &Range<usize>) -> usize {
        self.lines_before + self.body.get(..place.start).unwrap_or_default().matches('\n').count() + 1
    }

    fn add(&mut self, event: Event<'a>, line: usize) {
        if let Event::Text(text) | Event::Code(text) = &event {
            self.words += text.split_whitespace().count();
        }
        self.prose.extend(markdown::permitted(event, Site { path: self.path, line }, self.reading));
    }

    /// Everything up to an end tag, which is taken too.
    fn until(&mut self, end: TagEnd) -> Vec<(Event<'a>, usize)> {
        let mut inner = Vec::new();
        while let Some((event, place)) = self.events.next() {
            if event == Event::End(end) {
                break;
            }
            let line = self.line(&place);
            inner.push((event, line));
        }
        inner
    }

    fn heading(&mut self, level: HeadingLevel, id: Option<&str>, line: usize) {
        let inner = self.until(TagEnd::Heading(level));
        let text: String =
            inner.iter().filter_map(|(event, _)| if let Event::Text(text) | Event::Code(text) = event { Some(text.as_ref()) } else { None }).collect();
        if !matches!(level, HeadingLevel::H2 | HeadingLevel::H3) {
            self.reading.fault(self.path, line, "headings are ## and ###; the title stands in the front matter");
        }
        let anchor = id.map_or_else(|| slug(&text), str::to_owned);
        self.prose.push(Event::Start(Tag::Heading { level, id: Some(anchor.clone().into()), classes: Vec::new(), attrs: Vec::new() }));
        for (event, line) in inner {
            self.add(event, line);
        }
        self.prose.push(Event::End(TagEnd::Heading(level)));
        self.outline.push(Heading { level: level as u8, anchor, text, line });
    }

    /// A diagram, or an example in a frame, stands alone in a paragraph; everything else is text.
    fn paragraph(&mut self, line: usize) {
        let inner = self.until(TagEnd::Paragraph);
        if let [(Event::Start(Tag::Image { dest_url, .. }), _), alternative @ .., (Event::End(TagEnd::Image), _)] = inner.as_slice()
            && let Some((what @ ("diagram" | "example"), slug)) = dest_url.split_once(':')
        {
            let words: String = alternative
                .iter()
                .filter_map(|(event, _)| if let Event::Text(text) | Event::Code(text) = event { Some(text.as_ref()) } else { None })
                .collect();
            return if what == "diagram" { self.diagram(slug, &words, line) } else { self.example(slug, &words, line) };
        }
        self.prose.push(Event::Start(Tag::Paragraph));
        for (event, line) in inner {
            self.add(event, line);
        }
        self.prose.push(Event::End(TagEnd::Paragraph));
    }

    fn diagram(&mut self, slug: &str, alternative: &str, line: usize) {
        if alternative.trim().is_empty() {
            self.reading.fault(self.path, line, format!("the diagram {slug:?} has no text alternative; say in one or two sentences what it shows"));
        }
        self.shown.push(slug.to_owned());
        match self.diagrams.get(slug) {
            Some(svg) => self.prose.push(Event::Html(diagram::figure(svg, alternative).to_string().into())),
            None => self.reading.fault(self.path, line, format!("there is no diagram {slug:?}; draw content/diagrams/{slug}.svg")),
        }
    }

    /// An example of the gallery, to be tried where it stands.
    fn example(&mut self, name: &str, words: &str, line: usize) {
        if words.trim().is_empty() {
            self.reading.fault(self.path, line, format!("the example {name:?} has no title; say in a few words what is to be tried"));
        }
        self.framed.push((name.to_owned(), line));
        let (address, title) = (escape(&address::embed(name)), escape(words));
        let frame = format!("<iframe class=\"example-frame\" src=\"{address}\" title=\"{title}\" loading=\"lazy\"></iframe>\n");
        self.prose.push(Event::Html(frame.into()));
    }

    fn code(&mut self, info: &str, code: String, line: usize, at_top: bool) {
        let (word, attributes) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
        if matches!(word, "yaml" | "check") && !at_top {
            self.reading.fault(self.path, line, format!("a {word} block stands by itself, not inside a list or a quotation"));
        }
        let site = Site { path: self.path, line };
        match word {
            "check" => {
                self.checks += 1;
                if let Some(check) = quick_check::read(&code, self.checks, site, self.reading) {
                    self.end_prose();
                    self.pieces.push(Piece::Check(check));
                }
            }
            "yaml" => match fence::read(attributes) {
                Ok(Fence::Runnable { world, request, promise }) => {
                    self.end_prose();
                    self.blocks += 1;
                    let html = markdown::highlight(word, &code);
                    let trial = Trial { world, yaml: code, request };
                    self.pieces.push(Piece::Block(Box::new(Block { number: self.blocks, line, html, trial, promise, tried: None })));
                }
                Ok(Fence::Shown) => self.shown_code(word, &code),
                Err(message) => self.reading.fault(self.path, line, message),
            },
            _ => self.shown_code(word, &code),
        }
    }

    fn shown_code(&mut self, language: &str, code: &str) {
        self.prose.push(Event::Html(markdown::highlight(language, code).to_string().into()));
    }

    fn end_prose(&mut self) {
        if !self.prose.is_empty() {
            self.pieces.push(Piece::Prose(markdown::linked(self.prose.drain(..), "")));
        }
    }
}

/// The anchor of a heading that has none of its own.
pub(in crate::course) fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
