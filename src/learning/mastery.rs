//! Mastery by competency and exam domain, as counts a learner can check by hand.

use std::collections::BTreeMap;

use crate::course::Domain;

/// One answer, in the order given over the learner's whole history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// The question's id.
    pub question: &'a str,
    /// Whether it was wholly right.
    pub correct: bool,
}

/// How the questions of a set stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many the course has.
    pub questions: usize,
    /// How many were answered at least once.
    pub answered: usize,
    /// How many were right the first time they were ever answered.
    pub first_right: usize,
    /// How many were right at least once.
    pub ever_right: usize,
}

impl Tally {
    /// The share of all questions that were right at least once, from 0 to 1.
    pub fn share(self) -> f64 {
        if self.questions == 0 { 0.0 } else { self.ever_right as f64 / self.questions as f64 }
    }

    fn add(&mut self, other: Self) {
        self.questions += other.questions;
        self.answered += other.answered;
        self.first_right += other.first_right;
        self.ever_right += other.ever_right;
    }
}

/// A competency and how its questions stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompetencyMastery<'a> {
    /// Its id in the manifest.
    pub id: &'a str,
    /// What the curriculum calls it.
    pub title: &'a str,
    /// Its questions.
    pub tally: Tally,
}

/// A domain of the exam and how its questions stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainMastery<'a> {
    /// Its id in the manifest.
    pub id: &'a str,
    /// What the curriculum calls it.
    pub title: &'a str,
    /// Its share of the exam in percent.
    pub weight: u32,
    /// All its questions.
    pub tally: Tally,
    /// The same by competency.
    pub competencies: Vec<CompetencyMastery<'a>>,
}

/// Sums up a learner's answers. `questions` are the course's, each with its competency; answers to questions that the course
/// no longer has are left out.
pub fn by_domain<'a>(domains: &'a [Domain], questions: &[(&str, &str)], responses: &[Response<'_>]) -> Vec<DomainMastery<'a>> {
    let mut history: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for response in responses {
        let (_, ever) = history.entry(response.question).or_insert((response.correct, false));
        *ever |= response.correct;
    }
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (question, competency) in questions {
        let seen = history.get(question);
        let (first, ever) = seen.copied().unwrap_or_default();
        let one = Tally { questions: 1, answered: seen.is_some().into(), first_right: first.into(), ever_right: ever.into() };
        tallies.entry(competency).or_default().add(one);
    }
    domains.iter().map(|domain| sum_up(domain, &tallies)).collect()
}

fn sum_up<'a>(domain: &'a Domain, tallies: &BTreeMap<&str, Tally>) -> DomainMastery<'a> {
    let mut total = Tally::default();
    let competencies = domain.competencies.iter().map(|competency| {
        let tally = tallies.get(competency.id.as_str()).copied().unwrap_or_default();
        total.add(tally);
        CompetencyMastery { id: &competency.id, title: &competency.title, tally }
    });
    let competencies = competencies.collect();
    DomainMastery { id: &domain.id, title: &domain.title, weight: domain.weight, tally: total, competencies }
}

/// The share of questions right at least once, each domain counting by its weight in the exam. Domains without questions count as
/// nothing, so that the figure never promises more than was asked.
pub fn weighted_share(domains: &[DomainMastery<'_>]) -> f64 {
    let weights: u32 = domains.iter().map(|domain| domain.weight).sum();
    if weights == 0 {
        return 0.0;
    }
    domains.iter().map(|domain| f64::from(domain.weight) * domain.tally.share()).sum::<f64>() / f64::from(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::Competency;

    fn domain(id: &str, weight: u32, competencies: &[&str]) -> Domain {
        let competencies = competencies.iter().map(|id| Competency { id: (*id).to_owned(), title: id.to_uppercase() }).collect();
        Domain { id: id.to_owned(), title: id.to_uppercase(), weight, competencies }
    }

    fn response(question: &str, correct: bool) -> Response<'_> {
        Response { question, correct }
    }

    #[test]
    fn first_tries_and_later_successes_are_counted_apart() {
        let domains = [domain("traffic", 75, &["routing", "faults"]), domain("security", 25, &["tls"])];
        let questions = [("r1", "routing"), ("r2", "routing"), ("f1", "faults"), ("t1", "tls")];
        let responses =
            [response("r1", false), response("r1", true), response("r1", false), response("r2", true), response("f1", false), response("gone", true)];
        let mastery = by_domain(&domains, &questions, &responses);

        assert_eq!(mastery[0].tally, Tally { questions: 3, answered: 3, first_right: 1, ever_right: 2 });
        assert_eq!(mastery[0].competencies[0].tally, Tally { questions: 2, answered: 2, first_right: 1, ever_right: 2 });
        assert_eq!(mastery[1].tally, Tally { questions: 1, ..Tally::default() });
        assert!((weighted_share(&mastery) - 0.5).abs() < 1e-9, "75 % of two thirds");
    }

    #[test]
    fn nothing_asked_is_nothing_known() {
        let domains = [domain("traffic", 100, &["routing"])];
        let mastery = by_domain(&domains, &[], &[response("r1", true)]);
        assert_eq!(mastery[0].tally, Tally::default());
        assert!(weighted_share(&mastery).abs() < f64::EPSILON);
        assert!(weighted_share(&[]).abs() < f64::EPSILON);
    }
}
