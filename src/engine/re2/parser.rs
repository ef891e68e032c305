//! The grammar outside of classes: what stands in a row, alternatives, groups with their flags, repetitions.
//!
//! Flags are not written out: whatever depends on them is written with its meaning, so that nothing outlives its group.

use super::{
    Fault, class,
    escape::{self, Escaped},
};

/// Groups within each other, as Go bounds the height of its tree.
const MOST_DEEP: usize = 1000;
/// How often something may be repeated, with all repetitions around it.
const MOST_OFTEN: u32 = 1000;

/// What `(?…)` switches.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    /// `i`: case does not matter.
    pub folds: bool,
    /// `m`: `^` and `$` hold at every line.
    is_multi_line: bool,
    /// `s`: `.` is also a line break.
    takes_line_breaks: bool,
    /// `U`: `*` is `*?` and the other way round.
    is_lazy: bool,
}

/// What can be repeated: a character, a class, a group, an assertion.
struct Item {
    text: String,
    /// Whether an operator behind it would hold for all of it.
    is_closed: bool,
    /// How often its innermost part is repeated.
    times: u32,
}

/// A group that is open, or the whole.
struct Group {
    opener: &'static str,
    /// The flags before it, which hold again behind it.
    outer: Flags,
    /// Alternatives that are complete, each with its `|`.
    before: String,
    /// The alternative at hand.
    row: Vec<Item>,
    times: u32,
}

struct Parser<'p> {
    rest: &'p str,
    flags: Flags,
    /// The whole comes first.
    groups: Vec<Group>,
    /// Whether a repetition has just ended.
    has_repeated: bool,
}

/// Reads all of a pattern.
pub(super) fn translate(pattern: &str) -> Result<String, Fault> {
    let mut parser = Parser { rest: pattern, flags: Flags::default(), groups: vec![Group::new("", Flags::default())], has_repeated: false };
    while let Some(next) = parser.rest.chars().next() {
        parser.has_repeated = parser.step(next)?;
    }
    match parser.groups.pop() {
        Some(whole) if parser.groups.is_empty() => Ok(whole.close().text),
        _ => Err(Fault::OpenGroup),
    }
}

impl Group {
    fn new(opener: &'static str, outer: Flags) -> Self {
        Self { opener, outer, before: String::new(), row: Vec::new(), times: 1 }
    }

    /// Puts the alternative at hand to those before it.
    fn end_row(&mut self) {
        for item in self.row.drain(..) {
            self.before.push_str(&item.text);
            self.times = self.times.max(item.times);
        }
    }

    fn close(mut self) -> Item {
        self.end_row();
        let closer = if self.opener.is_empty() { "" } else { ")" };
        Item { text: format!("{}{}{closer}", self.opener, self.before), is_closed: true, times: self.times }
    }
}

impl Parser<'_> {
    /// Reads one sign or what begins with it. Returns whether it was a repetition.
    fn step(&mut self, next: char) -> Result<bool, Fault> {
        match next {
            '(' => self.open()?,
            ')' => self.close()?,
            '|' => {
                self.skip(1);
                if let Some(group) = self.groups.last_mut() {
                    group.end_row();
                    group.before.push('|');
                }
            }
            '^' => self.assert(1, if self.flags.is_multi_line { "(?m:^)" } else { "\\A" }),
            '$' => self.assert(1, if self.flags.is_multi_line { "(?m:$)" } else { "\\z" }),
            '.' => {
                self.skip(1);
                self.push(if self.flags.takes_line_breaks { "(?s:.)" } else { "[^\\n]" }.into());
            }
            '[' => {
                let (text, rest) = class::read(self.rest)?;
                self.rest = rest;
                self.push(folded(text, self.flags));
            }
            '*' | '+' | '?' => {
                self.skip(1);
                self.repeat(&next.to_string(), 1)?;
                return Ok(true);
            }
            '{' => return self.braces(),
            '\\' => self.backslash()?,
            _ => {
                self.skip(next.len_utf8());
                self.literal(next);
            }
        }
        Ok(false)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn push(&mut self, text: String) {
        if let Some(group) = self.groups.last_mut() {
            group.row.push(Item { text, is_closed: true, times: 1 });
        }
    }

    fn literal(&mut self, character: char) {
        self.push(folded(escape::written(u32::from(character)), self.flags));
    }

    fn assert(&mut self, bytes: usize, text: &str) {
        self.skip(bytes);
        self.push(format!("(?:{text})"));
    }

    /// `(`, `(?:`, `(?P<name>`, `(?flags:`, and `(?flags)`, which opens nothing.
    fn open(&mut self) -> Result<(), Fault> {
        if self.groups.len() > MOST_DEEP {
            return Err(Fault::TooDeep);
        }
        let Some(behind) = self.rest.strip_prefix("(?") else {
            self.skip(1);
            self.groups.push(Group::new("(", self.flags));
            return Ok(());
        };
        if ["=", "!", "<=", "<!"].iter().any(|sign| behind.starts_with(sign)) {
            return Err(Fault::LookAround);
        }
        if let Some(named) = behind.strip_prefix("P<").or_else(|| behind.strip_prefix('<')) {
            let (name, rest) = named.split_once('>').ok_or(Fault::GroupName)?;
            if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return Err(Fault::GroupName);
            }
            self.rest = rest;
            self.groups.push(Group::new("(", self.flags));
            return Ok(());
        }
        let (flags, length) = read_flags(behind, self.flags).map_err(|length| Fault::GroupKind(self.rest[..2 + length].to_owned()))?;
        if behind[..length].ends_with(':') {
            self.groups.push(Group::new("(?:", self.flags));
        }
        self.flags = flags;
        self.skip(2 + length);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.skip(1);
        let group = self.groups.pop().filter(|_| !self.groups.is_empty()).ok_or(Fault::NoGroup)?;
        self.flags = group.outer;
        let item = group.close();
        if let Some(outer) = self.groups.last_mut() {
            outer.row.push(item);
        }
        Ok(())
    }

    /// A repetition that has been read, but for the `?` that may follow it.
    fn repeat(&mut self, operator: &str, times: u32) -> Result<(), Fault> {
        let is_turned = self.rest.starts_with('?');
        self.skip(usize::from(is_turned));
        if self.has_repeated {
            return Err(Fault::RepeatedTwice);
        }
        // Flags that were switched in between stand nowhere, so the item before them is repeated, as by RE2.
        let item = self.groups.last_mut().and_then(|group| group.row.last_mut()).ok_or(Fault::NothingToRepeat)?;
        let lazy = if self.flags.is_lazy == is_turned { "" } else { "?" };
        item.text = if item.is_closed { format!("{}{operator}{lazy}", item.text) } else { format!("(?:{}){operator}{lazy}", item.text) };
        item.is_closed = false;
        // What is repeated no time at all counts for nothing.
        item.times = if times == 0 { 1 } else { item.times.saturating_mul(times) };
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,3}`; anything else in braces is text. Returns whether it was a repetition.
    fn braces(&mut self) -> Result<bool, Fault> {
        let Some((written, least, most)) = bounds(self.rest) else {
            self.skip(1);
            self.literal('{');
            return Ok(false);
        };
        let fault = || Fault::Repetition(written.to_owned());
        if least > MOST_OFTEN || most.is_some_and(|most| most > MOST_OFTEN || most < least) {
            return Err(fault());
        }
        self.skip(written.len());
        self.repeat(written, most.unwrap_or(least.max(1)))?;
        let times = self.groups.last().and_then(|group| group.row.last()).map_or(1, |item| item.times);
        if (least >= 2 || most.is_some_and(|most| most >= 2)) && times > MOST_OFTEN {
            return Err(fault());
        }
        Ok(true)
    }

    fn backslash(&mut self) -> Result<(), Fault> {
        if let Some(quoted) = self.rest.strip_prefix("\\Q") {
            let (text, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            for character in text.chars() {
                self.literal(character);
            }
            self.rest = rest;
            return Ok(());
        }
        for (sign, text) in [("\\A", "\\A"), ("\\z", "\\z"), ("\\b", "(?-u:\\b)"), ("\\B", "(?-u:\\B)")] {
            if self.rest.starts_with(sign) {
                self.assert(sign.len(), text);
                return Ok(());
            }
        }
        let (escaped, rest) = escape::read(self.rest)?;
        self.rest = rest;
        self.push(match escaped {
            Escaped::Class(text) => folded(text, self.flags),
            Escaped::Character(character) => folded(escape::written(character), self.flags),
        });
        Ok(())
    }
}

fn folded(text: String, flags: Flags) -> String {
    if flags.folds { format!("(?i:{text})") } else { text }
}

/// Flags behind `(?`, to the `:` or `)` that ends them: what holds then, and how many bytes they are. Else where they break off.
fn read_flags(text: &str, before: Flags) -> Result<(Flags, usize), usize> {
    let mut flags = before;
    let mut is_on = true;
    let mut is_empty = false;
    for (at, sign) in text.char_indices() {
        let end = at + sign.len_utf8();
        match sign {
            'i' => flags.folds = is_on,
            'm' => flags.is_multi_line = is_on,
            's' => flags.takes_line_breaks = is_on,
            'U' => flags.is_lazy = is_on,
            '-' if is_on => {
                is_on = false;
                is_empty = true;
                continue;
            }
            ':' | ')' if !is_empty => return Ok((flags, end)),
            _ => return Err(end),
        }
        is_empty = false;
    }
    Err(text.len())
}

/// A repetition in braces as it is written, and its bounds; none above where it is open.
fn bounds(text: &str) -> Option<(&str, u32, Option<u32>)> {
    let end = text.find('}')? + 1;
    let inside = text.get(1..end - 1)?;
    // Past any bound there is no need to count.
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
        is_number.then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match inside.split_once(',') {
        None => {
            let times = number(inside)?;
            (times, Some(times))
        }
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((&text[..end], least, most))
}
