//! Judging lines by what a request came to.

use std::collections::BTreeMap;

use super::{
    super::{Answer, AnswerPart, HopRole, Journey, LoadRun, Scene, answer::percent, describe, names},
    Judged,
    line::{End, Expectation, Fact, Field, Share, short},
    who,
};
use crate::engine::{
    diagnostic::closest,
    envoy::{Event, Moment, Run},
};

/// So much of an answer is repeated.
const LONGEST_ANSWER: usize = 400;

/// What a request came to.
pub(super) struct Evidence<'a> {
    pub scene: &'a Scene,
    pub journey: &'a Journey,
    pub run: Option<&'a LoadRun>,
    /// How requests ended, and who answered: those of the load where there is one.
    pub answer: Answer,
}

/// Whether something is so, and what is so instead.
type Verdict = (bool, String);

impl<'a> Evidence<'a> {
    pub(super) fn new(scene: &'a Scene, journey: &'a Journey, run: Option<&'a LoadRun>) -> Self {
        let answer = run.and_then(|run| of_runs(scene, run)).unwrap_or_else(|| journey.answer.clone());
        Self { scene, journey, run, answer }
    }

    pub(super) fn judge(&self, expectation: &Expectation) -> Judged {
        let (is_so, came) = match &expectation.fact {
            Fact::End { share, end, from } => self.end(if expectation.is_denied { Share::Exactly(0.0) } else { *share }, *end, from),
            other => {
                let (is_so, came) = self.fact(other);
                (is_so != expectation.is_denied && !self.is_beyond_knowing(other), came)
            }
        };
        Judged { line: short(&expectation.text), holds: is_so, came: came.chars().take(LONGEST_ANSWER).collect() }
    }

    fn fact(&self, fact: &Fact) -> Verdict {
        match fact {
            Fact::End { share, end, from } => self.end(*share, *end, from),
            Fact::Field { field, value } => self.field(field, value.as_deref()),
            Fact::Flag(flag) => {
                let flags = self.flags();
                (flags.contains(flag), if flags.is_empty() { "no flags".into() } else { format!("flags {}", flags.join(", ")) })
            }
            Fact::Cluster(name) => {
                let sent = || self.journey.hops.iter().flat_map(|hop| &hop.outcome.clusters).filter(|cluster| cluster.share > 0.0);
                let names: Vec<&str> = sent().map(|cluster| cluster.name.as_str()).collect();
                (names.contains(&name.as_str()), if names.is_empty() { "no cluster was chosen".into() } else { format!("cluster {}", names.join(", ")) })
            }
            Fact::Through(proxy) => {
                let is_meant = |role: HopRole, id: &str| role_is(role, proxy) || id == proxy || id.rsplit_once('.').is_some_and(|(name, _)| name == proxy);
                let hops = &self.journey.hops;
                let way: Vec<String> = hops.iter().map(|hop| format!("{} {}", hop.role, hop.proxy)).collect();
                let came = if way.is_empty() { "no proxy on the way".into() } else { format!("through {}", way.join(", ")) };
                (hops.iter().any(|hop| hop.role != HopRole::NoProxy && is_meant(hop.role, &hop.proxy)), came)
            }
            Fact::Transport(wanted) => match self.journey.transport() {
                Some(transport) => (transport == *wanted, transport.word().to_owned()),
                None => (false, "no proxy of the mesh is at the end of the way, so how it is secured there is not known".into()),
            },
            Fact::Attempts(wanted) => match self.most_attempts() {
                Some(most) => (wanted.holds(f64::from(most)), format!("{most} attempt{}", if most == 1 { "" } else { "s" })),
                None => (false, "no load was sent; state how often, or what backends answer".into()),
            },
            Fact::Ejected(who) => self.ejected(who),
        }
    }

    /// Of what is not known nothing holds, also not that it is not so.
    fn is_beyond_knowing(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Transport(_) => self.journey.transport().is_none(),
            Fact::Ejected(_) => self.run.is_none(),
            _ => false,
        }
    }

    fn end(&self, wanted: Share, end: End, from: &str) -> Verdict {
        if !from.is_empty() && self.run.is_some_and(|run| run.timeline.omitted > 0) {
            return (false, "more happened than is kept, so who answered is not known; send fewer requests".into());
        }
        let parts = self.answer.parts.iter().filter(|part| end.is(part));
        let share: f64 = parts.map(|part| if from.is_empty() { part.share } else { self.share_from(part, from) }).sum();
        let holds = wanted.holds(share * 100.0);
        // Of somebody who is not there nothing can come, which says nothing.
        if holds && share == 0.0 && !from.is_empty() && !who::is_known(self.scene, from) {
            let known = who::candidates(self.scene);
            let near = closest(from, known.iter().map(String::as_str)).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
            return (false, format!("nobody here is called {:?}{near}", short(from)));
        }
        let whole = self.words(!holds && !from.is_empty());
        (holds, if holds || share == 0.0 || share > 0.999_999 { whole } else { format!("{}% do; in all {whole}", percent(share)) })
    }

    fn share_from(&self, part: &AnswerPart, who: &str) -> f64 {
        if who::is_destination(&part.destination, who) {
            return part.share;
        }
        part.pods.iter().filter(|(pod, _)| who::is_pod(self.scene, pod, who)).map(|(_, share)| share).sum()
    }

    /// The answer, with its pods where they are asked for.
    fn words(&self, with_pods: bool) -> String {
        if self.answer.parts.is_empty() {
            return "nothing".into();
        }
        let pods = |part: &AnswerPart| {
            let each: Vec<String> = part.pods.iter().take(6).map(|(pod, share)| format!("{pod} {}%", percent(*share))).collect();
            if with_pods && !each.is_empty() { format!(" ({})", each.join(", ")) } else { String::new() }
        };
        let only = self.answer.parts.len() == 1;
        let words = |part: &AnswerPart| format!("{}{}{}", part.text, if only { String::new() } else { format!(" {}%", percent(part.share)) }, pods(part));
        self.answer.parts.iter().map(words).collect::<Vec<_>>().join(", ")
    }

    fn field(&self, field: &Field, wanted: Option<&str>) -> Verdict {
        let backend = self.journey.backend().filter(|_| self.journey.answer.parts.iter().any(|part| !part.destination.is_empty()));
        let (value, missing) = match field {
            Field::ResponseHeader(name) => {
                (self.journey.response_headers().get(name.as_str()).map(|value| (*value).to_owned()), "no such header in the answer")
            }
            _ if backend.is_none() => (None, "no proxy sends the request to a backend"),
            Field::Path => (backend.map(|request| request.path.clone()), ""),
            Field::Host => (backend.map(|request| request.authority.clone()), ""),
            Field::Method => (backend.map(|request| request.method.clone()), ""),
            Field::Header(name) => (backend.and_then(|request| request.headers.get(name).cloned()), "the backend gets no such header"),
        };
        match value {
            None => (false, missing.into()),
            Some(value) => (
                wanted.is_none_or(|wanted| wanted == value),
                match field {
                    Field::Header(_) | Field::ResponseHeader(_) => format!("{}: {}", field.words(), short(&value)),
                    _ => format!("{} {}", field.words(), short(&value)),
                },
            ),
        }
    }

    /// Envoy's flags, of the way and of every run.
    pub(super) fn flags(&self) -> Vec<String> {
        let of_runs = self.runs().iter().flat_map(|run| &run.flags);
        let mut flags: Vec<String> = self.journey.hops.iter().flat_map(|hop| &hop.outcome.response.flags).chain(of_runs).cloned().collect();
        flags.sort();
        flags.dedup();
        flags
    }

    fn runs(&self) -> &[Run] {
        self.run.and_then(|run| run.outcome.runs.as_deref()).unwrap_or_default()
    }

    pub(super) fn most_attempts(&self) -> Option<u32> {
        self.runs().iter().map(|run| run.attempts).max()
    }

    fn ejected(&self, who: &str) -> Verdict {
        let Some(run) = self.run else { return (false, "no load was sent; state how often, or what backends answer".into()) };
        let mut pods: Vec<String> = run.timeline.ejections.iter().map(|ejection| pod_at(self.scene, &ejection.endpoint)).collect();
        pods.dedup();
        let is_meant = |pod: &String| pod == who || who::is_pod(self.scene, pod, who);
        (pods.iter().any(is_meant), if pods.is_empty() { "nobody is thrown out".into() } else { format!("thrown out: {}", pods.join(", ")) })
    }
}

impl End {
    fn is(self, part: &AnswerPart) -> bool {
        match self {
            Self::Any => true,
            Self::Status(status) => part.status == Some(status),
            Self::Class(class) => part.status.is_some_and(|status| status / 100 == class),
            Self::Words(words) => part.status.is_none() && part.text == words,
        }
    }
}

/// By the words that paths are told in, whole or without whose it is.
fn role_is(role: HopRole, word: &str) -> bool {
    let words = role.to_string();
    words.eq_ignore_ascii_case(word) || words.rsplit(' ').next().is_some_and(|last| last.eq_ignore_ascii_case(word))
}

/// `name.namespace` of the pod at an endpoint, or the endpoint itself.
fn pod_at(scene: &Scene, endpoint: &str) -> String {
    let workload = endpoint.rsplit_once(':').and_then(|(address, _)| names::workload_at(&scene.cluster, address.trim_matches(['[', ']'])));
    workload.map_or_else(|| endpoint.to_owned(), |workload| workload.id())
}

/// How the requests of a load ended, as an answer: who answered is who answered the last attempt. Where more happened than is kept,
/// that is not known.
fn of_runs(scene: &Scene, run: &LoadRun) -> Option<Answer> {
    let runs = run.outcome.runs.as_ref().filter(|runs| !runs.is_empty())?;
    let decides = |moment: &&Moment| matches!(moment.event, Event::Answered | Event::Failed | Event::TimedOut | Event::Overflowed);
    let mut last: BTreeMap<usize, &Moment> = BTreeMap::new();
    let moments = Some(&run.timeline.moments).filter(|_| run.timeline.omitted == 0);
    last.extend(moments.into_iter().flatten().filter(decides).map(|moment| (moment.run, moment)));
    let mut parts: Vec<AnswerPart> = Vec::new();
    let share = 1.0 / runs.len() as f64;
    for (at, one) in runs.iter().enumerate() {
        let endpoint = last.get(&at).filter(|moment| moment.event == Event::Answered).map(|moment| moment.endpoint.as_str());
        let cluster = endpoint.and_then(|endpoint| run.outcome.clusters.iter().find(|cluster| cluster.endpoints.iter().any(|known| known == endpoint)));
        let destination = cluster.map(|cluster| describe::destination(&cluster.name)).unwrap_or_default();
        let text = match one.status {
            None => "connection closed".to_owned(),
            Some(status) => format!("{status} {destination}").trim_end().to_owned(),
        };
        let found = parts.iter().position(|part| part.text == text).unwrap_or_else(|| {
            parts.push(AnswerPart { text, status: one.status, destination, share: 0.0, pods: BTreeMap::new() });
            parts.len() - 1
        });
        parts[found].share += share;
        if let Some(endpoint) = endpoint {
            *parts[found].pods.entry(pod_at(scene, endpoint)).or_default() += share;
        }
    }
    parts.sort_by(|a, b| b.share.total_cmp(&a.share));
    Some(Answer { parts })
}
