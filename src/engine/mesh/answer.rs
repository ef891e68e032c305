//! The end of a journey, in the notation that chapters and questions use (`content/README.md`).

use std::fmt;

use serde::{Serialize, ser::SerializeStruct};

/// An exact distribution over what can come out, most frequent first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Parts with equal text are one.
    pub parts: Vec<AnswerPart>,
}

/// One thing that can come out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerPart {
    /// For example `200 reviews/v2`, `404`, `connection refused`.
    pub text: String,
    /// The status, where there is an HTTP answer.
    pub status: Option<u16>,
    /// Who answered, for example `reviews/v2`; empty for Envoy itself.
    pub destination: String,
    /// 0 to 1.
    pub share: f64,
}

/// The parts and their notation.
impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_struct("Answer", 2)?;
        answer.serialize_field("text", &self.to_string())?;
        answer.serialize_field("parts", &self.parts)?;
        answer.end()
    }
}

/// Collects what comes out while a request is followed.
#[derive(Debug, Default)]
pub(super) struct Parts(Vec<AnswerPart>);

impl Parts {
    /// Adds a share of an end that is no reply of a backend.
    pub fn add(&mut self, text: &str, status: Option<u16>, destination: &str, share: f64) {
        match self.0.iter_mut().find(|part| part.text == text) {
            Some(part) => part.share += share,
            None => self.0.push(AnswerPart { text: text.to_owned(), status, destination: destination.to_owned(), share }),
        }
    }

    /// Adds a share of a backend's reply.
    pub fn add_reply(&mut self, status: u16, destination: &str, share: f64) {
        self.add(&format!("{status} {destination}"), Some(status), destination, share);
    }

    /// The whole, most frequent first; equals in the order in which the configuration names them.
    pub fn into_answer(self) -> Answer {
        let mut parts: Vec<AnswerPart> = self.0.into_iter().filter(|part| part.share > 1e-9).collect();
        parts.sort_by(|a, b| b.share.total_cmp(&a.share));
        Answer { parts }
    }
}

/// `200 reviews/v1 90%, 200 reviews/v2 10%`; a single part goes without its share.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.parts.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            f.write_str(&part.text)?;
            if self.parts.len() > 1 {
                write!(f, " {}%", percent(part.share))?;
            }
        }
        Ok(())
    }
}

/// Up to four digits behind the point, none that say nothing.
fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
