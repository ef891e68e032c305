//! Changes that leave a text YAML: whole blocks, by their indentation, are removed, repeated, moved and taken from other inputs.
//!
//! Bytes changed at random seldom get past the parser; what lies behind it needs objects that are nearly sound.

/// Values that a field seldom expects.
const ODD: &[&str] =
    &["", "~", "[]", "{}", "0", "-1", "true", "\"\"", "'*'", "\"*.a.b\"", "1.5", "65536", "9223372036854775808", "1s", "[{}]", "{a: b}", "a/b.c", "\"(\""];

/// Changes the first `size` bytes of `data` in place and says how many there are then; `bytes` is the fuzzer's own way to do so.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32, bytes: fn(&mut [u8], usize, usize) -> usize) -> usize {
    let mut dice = Dice(u64::from(seed) | 1 << 40);
    let Ok(text) = std::str::from_utf8(&data[..size]) else { return bytes(data, size, max_size) };
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() < 2 || dice.below(3) == 0 {
        return bytes(data, size, max_size);
    }
    let block = block(&lines, dice.below(lines.len()));
    let changed = match dice.below(5) {
        0 => replaced(&lines, block, &[]),
        1 => {
            let copy: Vec<String> = lines[block.clone()].iter().map(|line| (*line).to_owned()).collect();
            replaced(&lines, block.end..block.end, &copy)
        }
        2 => {
            let at = dice.below(lines.len());
            let moved = indented(&lines[block], indent(lines[at]));
            replaced(&lines, at..at, &moved)
        }
        3 => {
            let word = ODD[dice.below(ODD.len())];
            revalued(&lines, block.start, word)
        }
        _ => {
            let word = value(lines[dice.below(lines.len())]).to_owned();
            revalued(&lines, block.start, &word)
        }
    };
    let length = changed.len().min(max_size);
    data[..length].copy_from_slice(&changed.as_bytes()[..length]);
    length
}

/// Puts a block of `other` into `one`, beside or instead of one of its own, or the two after one another.
pub fn cross(one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed) | 1 << 40);
    let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
    let (lines, donors): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    let joined = if lines.is_empty() || donors.is_empty() || dice.below(8) == 0 {
        format!("{one}\n---\n{other}")
    } else {
        let taken = block(&donors, dice.below(donors.len()));
        let place = block(&lines, dice.below(lines.len()));
        let taken = indented(&donors[taken], indent(lines[place.start]));
        let place = if dice.below(2) == 0 { place } else { place.end..place.end };
        replaced(&lines, place, &taken)
    };
    let length = joined.len().min(out.len());
    out[..length].copy_from_slice(&joined.as_bytes()[..length]);
    length
}

/// A line and those below it that are indented further.
fn block(lines: &[&str], start: usize) -> std::ops::Range<usize> {
    let depth = indent(lines[start]);
    let below = lines[start + 1..].iter().take_while(|line| indent(line) > depth).count();
    start..start + 1 + below
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn indented(block: &[&str], depth: usize) -> Vec<String> {
    let from = block.first().map_or(0, |line| indent(line));
    block.iter().map(|line| format!("{:1$}{2}", "", (indent(line) + depth).saturating_sub(from), line.trim_start_matches(' '))).collect()
}

fn replaced(lines: &[&str], place: std::ops::Range<usize>, by: &[String]) -> String {
    let by = by.iter().map(String::as_str);
    let all: Vec<&str> = lines[..place.start].iter().copied().chain(by).chain(lines[place.end..].iter().copied()).collect();
    all.join("\n")
}

/// What stands behind the key of a line.
fn value(line: &str) -> &str {
    line.split_once(": ").map_or(line.trim_start_matches([' ', '-']), |(_, value)| value)
}

fn revalued(lines: &[&str], at: usize, word: &str) -> String {
    let line = lines[at];
    let head = &line[..line.len() - value(line).len()];
    replaced(lines, at..at + 1, &[format!("{head}{word}")])
}

/// Repeatable chance.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }
}
