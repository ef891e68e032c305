//! Mappings and lists in brackets, closed or not.

use super::{Flow, Reader, Step, quoted};
use crate::engine::source::Span;

/// Brackets that are open.
struct Frame {
    flow: usize,
    owner: Option<usize>,
    is_map: bool,
    /// The key whose value is still to come.
    pending: Option<usize>,
}

impl Reader<'_> {
    /// Reads brackets up to where they close; where they do not, up to a line that is no deeper than what they belong to.
    pub(super) fn flow(&mut self, owner: Option<usize>, open: usize, column: Option<usize>) {
        let text = self.text();
        let bytes = text.as_bytes();
        let mut frames = Vec::new();
        self.open(&mut frames, owner, open);
        let mut at = open + 1;
        while let Some(byte) = bytes.get(at).copied() {
            let Some(frame) = frames.last_mut() else { break };
            match byte {
                b'\n' if self.ends_at(at + 1, column) => break,
                b'#' if bytes[at - 1].is_ascii_whitespace() => at += text[at..].find('\n').unwrap_or(text.len() - at),
                b',' => {
                    frame.pending = None;
                    at += 1;
                }
                b'}' | b']' => {
                    self.sketch.flows[frame.flow].end = at;
                    frames.pop();
                    at += 1;
                }
                b'{' | b'[' => {
                    let owner =
                        if frame.is_map { frame.pending.take() } else { self.add(frame.owner, Step::Index(0), Span::new(at, at), 0, false, Some(frame.flow)) };
                    if owner.is_none() && frames.len() >= super::DEPTH {
                        break;
                    }
                    self.open(&mut frames, owner, at);
                    at += 1;
                }
                byte if byte.is_ascii_whitespace() || byte == b':' => at += 1,
                _ => at = self.token(frame, at),
            }
        }
        for frame in frames {
            self.sketch.flows[frame.flow].end = at.min(text.len());
        }
        let rest = text[at.min(text.len())..].find('\n').map_or(text.len(), |end| at + end + 1);
        self.next = self.next.max(rest);
    }

    fn open(&mut self, frames: &mut Vec<Frame>, owner: Option<usize>, at: usize) {
        let is_map = self.text().as_bytes()[at] == b'{';
        frames.push(Frame { flow: self.sketch.flows.len(), owner, is_map, pending: None });
        self.sketch.flows.push(Flow { owner, open: at, end: self.text().len(), is_map });
    }

    /// Whether a line lies outside of brackets that belong to something at `column`.
    fn ends_at(&self, start: usize, column: Option<usize>) -> bool {
        let Some(column) = column else { return false };
        if start >= self.text().len() {
            return false;
        }
        let (indent, end) = self.line_at(start);
        let rest = self.text()[start + indent..end].trim();
        !rest.is_empty() && indent <= column && !rest.starts_with(['}', ']'])
    }

    /// A key or a value, quoted or plain. Gives where it ends.
    fn token(&mut self, frame: &mut Frame, from: usize) -> usize {
        let text = self.text();
        let rest = &text[from..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let first = line.as_bytes()[0];
        let length = if matches!(first, b'"' | b'\'') { quoted(line, first) } else { plain(line) };
        let end = from + length.max(1);
        let span = Span::new(from, end);
        let after = text[end..].trim_start_matches(' ');
        let has_colon = after.strip_prefix(':').is_some_and(|tail| tail.is_empty() || tail.starts_with([' ', '\t', '\n', '\r', ',', '}', ']', '"', '{', '[']));
        if !frame.is_map {
            if let Some(item) = self.add(frame.owner, Step::Index(0), Span::new(from, from), 0, false, Some(frame.flow)) {
                self.sketch.items[item].value = span;
            }
        } else if let Some(item) = frame.pending.take() {
            self.sketch.items[item].value = span;
        } else {
            let name = text[from..end].trim_matches(['"', '\'']).to_owned();
            let item = self.add(frame.owner, Step::Key(name), span, 0, has_colon, Some(frame.flow));
            frame.pending = item.filter(|_| has_colon);
        }
        end
    }
}

/// How long a text without quotes is in brackets.
fn plain(line: &str) -> usize {
    let bytes = line.as_bytes();
    let is_end = |at: usize| match bytes[at] {
        b',' | b'[' | b']' | b'{' | b'}' => true,
        b':' => bytes.get(at + 1).is_none_or(|next| matches!(next, b' ' | b'\t' | b'\r' | b',' | b'}' | b']')),
        b'#' => at > 0 && bytes[at - 1] == b' ',
        _ => false,
    };
    let end = (0..bytes.len()).find(|at| is_end(*at)).unwrap_or(bytes.len());
    line[..end].trim_end_matches([' ', '\t', '\r']).len()
}
