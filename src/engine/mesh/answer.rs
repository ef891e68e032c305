//! The end of a journey, in the notation that chapters and questions use (`content/README.md`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

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
    /// The pods that answer, `name.namespace`, each with its part of all requests; none where it is no pod of the cluster.
    #[serde(skip)]
    pub pods: BTreeMap<String, f64>,
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
        self.part(text, status, destination).share += share;
    }

    /// Adds a share of a backend's reply, in equal parts of its pods.
    pub fn add_reply(&mut self, status: u16, destination: &str, pods: &[String], share: f64) {
        let part = self.part(&format!("{status} {destination}"), Some(status), destination);
        part.share += share;
        for pod in pods {
            *part.pods.entry(pod.clone()).or_default() += share / pods.len() as f64;
        }
    }

    fn part(&mut self, text: &str, status: Option<u16>, destination: &str) -> &mut AnswerPart {
        let at = self.0.iter().position(|part| part.text == text).unwrap_or_else(|| {
            self.0.push(AnswerPart { text: text.to_owned(), status, destination: destination.to_owned(), share: 0.0, pods: BTreeMap::new() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// The whole, most frequent first; equals in the order in which the configuration names them.
    pub fn into_answer(self) -> Answer {
        let mut parts: Vec<AnswerPart> = self.0.into_iter().filter(|part| part.share > 1e-9).collect();
        parts.sort_by(|a, b| b.share.total_cmp(&a.share));
        Answer { parts }
    }
}

impl Answer {
    /// Whether the same comes out of another configuration, whatever its Services and subsets are called: equal shares of what is no
    /// pod's reply, and of the replies of each pod.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let (own, other) = (self.by_pod(), other.by_pod());
        own.len() == other.len()
            && own.iter().zip(&other).all(|((end, share), (other_end, other_share))| end == other_end && (share - other_share).abs() < 1e-6)
    }

    /// The share of each end: a status and the pod or host that gave it, or the words of the part.
    fn by_pod(&self) -> BTreeMap<(String, &str), f64> {
        let mut ends: BTreeMap<(String, &str), f64> = BTreeMap::new();
        for part in &self.parts {
            let status = part.status.map(|status| status.to_string()).unwrap_or_default();
            for (pod, share) in &part.pods {
                *ends.entry((status.clone(), pod)).or_default() += share;
            }
            let rest = part.share - part.pods.values().sum::<f64>();
            if rest > 1e-9 {
                let end = match part.destination.split('/').next() {
                    Some(host) if !host.is_empty() => (status, host),
                    _ => (part.text.clone(), ""),
                };
                *ends.entry(end).or_default() += rest;
            }
        }
        ends
    }

    /// Every pod that answers, by name.
    pub fn pods(&self) -> Vec<&str> {
        let pods: BTreeSet<&str> = self.parts.iter().flat_map(|part| part.pods.keys()).map(String::as_str).collect();
        pods.into_iter().collect()
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
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
