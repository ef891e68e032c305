//! From a page's file to its sections.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, OffsetIter, Parser, Tag, TagEnd};

use super::{Example, Mark, RulePage, RulePiece, Section};
use crate::{
    course::{
        chapter,
        markdown::{self, Site},
        reading::Reading,
    },
    engine::diagnostic::Code,
};

/// Reads the page of a code.
pub(in crate::course) fn read(path: &str, code: &'static Code, text: &str, reading: &mut Reading) -> RulePage {
    let events = Parser::new_ext(text, markdown::OPTIONS).into_offset_iter();
    let mut walk = Walk { path, code, text, reading, events, prose: Vec::new(), sections: Vec::new(), examples: 0 };
    walk.run();
    RulePage { code, path: path.to_owned(), sections: walk.sections }
}

/// On the way through a page.
struct Walk<'a, 'r> {
    path: &'r str,
    code: &'static Code,
    text: &'a str,
    reading: &'r mut Reading,
    events: OffsetIter<'a>,
    /// What was read since the last piece.
    prose: Vec<Event<'a>>,
    sections: Vec<Section>,
    examples: usize,
}

impl Walk<'_, '_> {
    fn run(&mut self) {
        while let Some((event, place)) = self.events.next() {
            let line = self.line(&place);
            match event {
                Event::Start(Tag::Heading { level, .. }) => self.heading(level, line),
                Event::Start(Tag::CodeBlock(kind)) => {
                    let code = markdown::code_text(&mut self.events.by_ref().map(|(event, _)| event));
                    self.code(&markdown::language(&kind), code, line);
                }
                other => self.prose.extend(markdown::permitted(other, Site { path: self.path, line }, self.reading)),
            }
        }
        self.end_prose();
    }

    fn line(&self, place: &Range<usize>) -> usize {
        self.text.get(..place.start).unwrap_or_default().matches('\n').count() + 1
    }

    fn heading(&mut self, level: HeadingLevel, line: usize) {
        let inner = self.events.by_ref().map(|(event, _)| event).take_while(|event| *event != Event::End(TagEnd::Heading(level)));
        let title: String = inner.filter_map(|event| if let Event::Text(text) | Event::Code(text) = event { Some(text.into_string()) } else { None }).collect();
        if level != HeadingLevel::H2 {
            self.reading.fault(self.path, line, "headings are ##; code, name and summary stand in the engine's catalogue");
        }
        self.end_prose();
        self.sections.push(Section { anchor: chapter::slug(&title), title, line, pieces: Vec::new() });
    }

    fn code(&mut self, info: &str, code: String, line: usize) {
        let mark = match info.split_once(' ') {
            Some(("yaml", "bad")) => Mark::Bad,
            Some(("yaml", "fixed")) => Mark::Fixed,
            _ => {
                self.prose.push(Event::Html(markdown::highlight(info, &code).to_string().into()));
                return;
            }
        };
        self.end_prose();
        self.examples += 1;
        self.add(RulePiece::Example(Example::new(self.examples, line, mark, code)), line);
    }

    fn end_prose(&mut self) {
        if !self.prose.is_empty() {
            let html = markdown::linked(self.prose.drain(..), self.code.id);
            let line = self.sections.last().map_or(1, |section| section.line);
            self.add(RulePiece::Prose(html), line);
        }
    }

    fn add(&mut self, piece: RulePiece, line: usize) {
        match self.sections.last_mut() {
            Some(section) => section.pieces.push(piece),
            None => self.reading.fault(self.path, line, "a page begins with a heading"),
        }
    }
}
