//! Reading a line of expectation.

use super::{
    super::Transport,
    line::{End, ExpectError, Expectation, Fact, Field, LONGEST, Share, short},
};
use crate::engine::diagnostic::closest;

/// Ends without an HTTP answer, as answers name them, each with a shorter word for it.
const ENDS: [(&str, &str); 6] = [
    ("connection refused", "refused"),
    ("connection closed", "closed"),
    ("TLS handshake failed", "tls failed"),
    ("no such host", "no such host"),
    ("protocol error", "protocol error"),
    ("the request goes in circles", "in circles"),
];
/// What a line may begin with.
const WORDS: [&str; 19] = [
    "200",
    "never",
    "from",
    "path",
    "host",
    "method",
    "header",
    "response header",
    "no header",
    "flag",
    "no flag",
    "cluster",
    "through",
    "mtls",
    "tls",
    "plaintext",
    "attempts",
    "ejected",
    "refused",
];
const HELP: &str = "a line is, for example, 200 from reviews-v2, 90% from reviews/v1, never 503, connection closed, path /api, host a.example, \
                    header x-env: canary, response header location: /new, flag UF, cluster outbound|9080||…, through waypoint, mtls, attempts 3 or ejected reviews-v1-a";

impl Expectation {
    /// Reads one line.
    pub fn read(line: &str) -> Result<Self, ExpectError> {
        let text = line.trim();
        let error = |reason: String| ExpectError { given: short(text), reason };
        if text.chars().count() > LONGEST {
            return Err(error(format!("it is longer than {LONGEST} characters")));
        }
        let denied = strip(text, "never").or_else(|| strip(text, "no").filter(|_| strip(text, "no such host").is_none()));
        let rest = denied.unwrap_or(text);
        let fact = match read_fact(rest) {
            Some(fact) => fact.map_err(error)?,
            None if denied.is_some() && read_share(rest).is_some() => return Err(error("never stands alone: write never 503, or <= 10% 503".into())),
            None => read_end(rest).map_err(|reason| error(reason.unwrap_or_else(|| unknown(rest))))?,
        };
        if denied.is_some() && matches!(fact, Fact::Attempts(_)) {
            return Err(error("write attempts 1, attempts <= 2 or attempts >= 2".into()));
        }
        Ok(Self { text: text.to_owned(), is_denied: denied.is_some(), fact })
    }
}

/// Everything that begins with its own word.
fn read_fact(text: &str) -> Option<Result<Fact, String>> {
    if let Some(rest) = strip(text, "response header") {
        return Some(read_header(rest, "response header location: /new", Field::ResponseHeader));
    }
    let value = |word: &str, example: &str| {
        let rest = strip(text, word)?;
        Some(if rest.is_empty() { Err(format!("it does not say which; write {word} {example}")) } else { Ok(rest.to_owned()) })
    };
    let field = |word: &str, example: &str, field: Field| Some(value(word, example)?.map(|value| Fact::Field { field, value: Some(value) }));
    let secured = |word: &str, transport| strip(text, word).filter(|rest| rest.is_empty()).map(|_| Ok(Fact::Transport(transport)));
    field("path", "/api", Field::Path)
        .or_else(|| field("host", "reviews", Field::Host))
        .or_else(|| field("method", "GET", Field::Method))
        .or_else(|| strip(text, "header").map(|rest| read_header(rest, "header x-env: canary", Field::Header)))
        .or_else(|| Some(value("flag", "UF")?.and_then(read_flag)))
        .or_else(|| Some(value("cluster", "outbound|9080||reviews.default.svc.cluster.local")?.map(Fact::Cluster)))
        .or_else(|| Some(value("through", "waypoint, or the name of a proxy")?.map(Fact::Through)))
        .or_else(|| Some(value("ejected", "reviews-v1-a")?.map(Fact::Ejected)))
        .or_else(|| secured("mtls", Transport::Mtls))
        .or_else(|| secured("tls", Transport::Tls))
        .or_else(|| secured("plaintext", Transport::Plaintext))
        .or_else(|| strip(text, "attempts").map(read_attempts))
}

fn read_header(text: &str, example: &str, field: impl FnOnce(String) -> Field) -> Result<Fact, String> {
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
        None => (text, None),
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err(format!("the name of a header has letters, digits and hyphens only; write {example}"));
    }
    Ok(Fact::Field { field: field(name.to_ascii_lowercase()), value })
}

fn read_flag(text: String) -> Result<Fact, String> {
    let is_flag = text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_flag { Ok(Fact::Flag(text.to_ascii_uppercase())) } else { Err("one of Envoy's response flags has a few letters, such as UF or NR".into()) }
}

fn read_attempts(text: &str) -> Result<Fact, String> {
    let (kind, number) = comparison(text);
    let number: u32 = number.parse().map_err(|_| "write attempts 1, attempts <= 2 or attempts >= 2".to_owned())?;
    Ok(Fact::Attempts(kind(f64::from(number))))
}

/// What a number must be, once it is known.
type Comparison = fn(f64) -> Share;

/// `>=`, `<=`, `=` or nothing, and what follows it.
fn comparison(text: &str) -> (Comparison, &str) {
    let signs: [(&str, Comparison); 3] = [(">=", Share::AtLeast), ("<=", Share::AtMost), ("=", Share::Exactly)];
    let found = signs.into_iter().find_map(|(sign, kind)| Some((kind, text.strip_prefix(sign)?.trim_start())));
    found.unwrap_or((Share::Exactly as Comparison, text))
}

/// `90%`, `>= 80%`; what follows is the rest. None where it begins with no share.
fn read_share(text: &str) -> Option<(Result<Share, String>, &str)> {
    let (kind, rest) = comparison(text);
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, rest) = rest.split_at(digits);
    let rest = rest.trim_start().strip_prefix('%')?.trim_start();
    let share = number.parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent)).map(kind);
    Some((share.ok_or_else(|| format!("{number}% is no share; write one from 0% to 100%")), rest))
}

/// `[share] end [from somebody]`. The error is none where the words are not known at all.
fn read_end(text: &str) -> Result<Fact, Option<String>> {
    let (share, rest) = match read_share(text) {
        Some((share, rest)) => (share.map_err(Some)?, rest),
        None if text.starts_with(['<', '>', '=']) => return Err(Some("a comparison needs a share, such as >= 80% from reviews-v1".into())),
        None => (Share::Exactly(100.0), text),
    };
    let (end, rest) = match ENDS.iter().find_map(|(words, short)| Some((*words, strip(rest, words).or_else(|| strip(rest, short))?))) {
        Some((words, rest)) => (End::Words(words), rest),
        None => match strip(rest, "from") {
            Some(_) => (End::Any, rest),
            None => read_status(rest)?,
        },
    };
    match (strip(rest, "from"), rest, end) {
        (Some(""), ..) => Err(Some("it does not say from whom; write from reviews-v2, or from reviews/v2".into())),
        (Some(who), ..) => Ok(Fact::End { share, end, from: who.to_owned() }),
        (None, "", _) => Ok(Fact::End { share, end, from: String::new() }),
        (None, rest, _) => Err(Some(format!("what does {:?} mean there? Who answers stands behind from, as in 200 from reviews/v2", short(rest)))),
    }
}

fn read_status(text: &str) -> Result<(End, &str), Option<String>> {
    let (word, rest) = text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim_start()));
    let class = || word.strip_suffix("xx").and_then(|digit| digit.parse::<u16>().ok()).filter(|digit| (1..=5).contains(digit));
    if let Some(status) = word.parse::<u16>().ok().filter(|status| (100..600).contains(status)) {
        return Ok((End::Status(status), rest));
    }
    match class() {
        Some(class) => Ok((End::Class(class), rest)),
        None if word.starts_with(|c: char| c.is_ascii_digit()) => {
            Err(Some(format!("{:?} is no status; write one from 100 to 599, or 2xx to 5xx", short(word))))
        }
        None if word.is_empty() => Err(Some("it does not say what; write 90% from reviews-v1, or 10% 503".into())),
        None => Err(None),
    }
}

fn unknown(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    closest(first, WORDS).map(|near| format!("did you mean {near}? ")).unwrap_or_default() + HELP
}

/// What follows a word at the beginning, which may be several words parted by one blank.
fn strip<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
    let rest = &text[head.len()..];
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(line: &str) -> Fact {
        Expectation::read(line).unwrap_or_else(|error| panic!("{error}")).fact
    }

    fn end(share: Share, end: End, from: &str) -> Fact {
        Fact::End { share, end, from: from.to_owned() }
    }

    #[test]
    fn ends_have_shares_statuses_and_somebody_who_answers() {
        let all = Share::Exactly(100.0);
        assert_eq!(fact("200"), end(all, End::Status(200), ""));
        assert_eq!(fact(" 200 From  reviews/v2 "), end(all, End::Status(200), "reviews/v2"));
        assert_eq!(fact("from reviews-v2"), end(all, End::Any, "reviews-v2"));
        assert_eq!(fact("90% from reviews-v1"), end(Share::Exactly(90.0), End::Any, "reviews-v1"));
        assert_eq!(fact(">=80 % 2xx"), end(Share::AtLeast(80.0), End::Class(2), ""));
        assert_eq!(fact("<= 0.5% 503 from a.b"), end(Share::AtMost(0.5), End::Status(503), "a.b"));
        assert_eq!(fact("refused"), end(all, End::Words("connection refused"), ""));
        assert_eq!(fact("tls handshake failed"), end(all, End::Words("TLS handshake failed"), ""));
        assert_eq!(fact("no such host"), end(all, End::Words("no such host"), ""));
        assert!(Expectation::read("never from reviews-v3").is_ok_and(|line| line.is_denied));
    }

    #[test]
    fn facts_have_words_of_their_own() {
        assert_eq!(fact("Header X-Env: a: b"), Fact::Field { field: Field::Header("x-env".into()), value: Some("a: b".into()) });
        assert_eq!(fact("response header location"), Fact::Field { field: Field::ResponseHeader("location".into()), value: None });
        assert_eq!(fact("no flag uf"), Fact::Flag("UF".into()));
        assert_eq!(fact("attempts <= 3"), Fact::Attempts(Share::AtMost(3.0)));
        assert_eq!(fact("never plaintext"), Fact::Transport(Transport::Plaintext));
    }

    #[test]
    fn what_is_no_expectation_says_how_to_write_it() {
        for (line, words) in [
            ("20o from x", "is no status"),
            ("700", "is no status"),
            ("101% from x", "from 0% to 100%"),
            (">= from x", "needs a share"),
            ("200 reviews/v2", "behind from"),
            ("200 from", "from whom"),
            ("90%", "does not say what"),
            ("never 10% 503", "never stands alone"),
            ("pth /api", "did you mean path?"),
            ("something else", "a line is, for example"),
            ("header a b: c", "letters, digits and hyphens"),
            ("path", "write path /api"),
            ("flag ???", "response flags"),
            ("attempts many", "attempts <= 2"),
            ("", "does not say what"),
            ("é", "a line is"),
        ] {
            let error = Expectation::read(line).expect_err(line);
            assert!(error.reason.contains(words), "{line}: {}", error.reason);
        }
        assert!(Expectation::read(&"x".repeat(501)).is_err());
    }
}
