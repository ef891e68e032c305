//! An attempt laid out: its questions in order, each with the answer on record.

use crate::{
    course::{Course, Question},
    learning::Given,
    store::{Answer, Attempt, AttemptId, LearnerId, Store},
    web::{Error, urls},
};

/// An attempt with all its questions.
pub(super) struct Sheet<'a> {
    pub attempt: Attempt,
    pub slots: Vec<Slot<'a>>,
}

/// One question of an attempt.
pub(super) struct Slot<'a> {
    /// Its place, from 1.
    pub number: usize,
    /// `None` if the course has lost it since the attempt began.
    pub question: Option<&'a Question>,
    /// The answer on record.
    pub answer: Option<Answer>,
}

impl Slot<'_> {
    /// What was answered. A record of a form that is no longer read is shown as none; its verdict stands.
    pub(super) fn given(&self) -> Option<Given> {
        serde_json::from_str(&self.answer.as_ref()?.given).ok()
    }
}

impl<'a> Sheet<'a> {
    /// The learner's attempt at the chapter's quiz; anything else is not found.
    pub(super) async fn load(store: &Store, course: &'a Course, learner: Option<&LearnerId>, slug: &str, attempt: &str) -> Result<Self, Error> {
        let learner = learner.ok_or(Error::NotFound)?;
        let attempt = store.find_attempt(&AttemptId::from_text(attempt), learner).await?.ok_or(Error::NotFound)?;
        if attempt.chapter != slug {
            return Err(Error::NotFound);
        }
        let mut answers = store.list_answers(&attempt.id).await?;
        let slots = attempt.questions.0.iter().enumerate().map(|(at, id)| Slot {
            number: at + 1,
            question: course.question(id),
            answer: answers.iter().position(|answer| answer.question_id == *id).map(|at| answers.swap_remove(at)),
        });
        Ok(Self { slots: slots.collect(), attempt })
    }

    /// The slot with this number, from 1.
    pub(super) fn slot(&self, number: usize) -> Result<&Slot<'a>, Error> {
        number.checked_sub(1).and_then(|at| self.slots.get(at)).ok_or(Error::NotFound)
    }

    /// The next question without an answer, after `number` first and then from the start.
    pub(super) fn next_open(&self, number: usize) -> Option<usize> {
        let is_open = |slot: &&Slot<'_>| slot.answer.is_none() && slot.question.is_some() && slot.number != number;
        let (before, after): (Vec<_>, Vec<_>) = self.slots.iter().filter(is_open).partition(|slot| slot.number < number);
        after.first().or(before.first()).map(|slot| slot.number)
    }

    /// How many questions are answered.
    pub(super) fn answered(&self) -> usize {
        self.slots.iter().filter(|slot| slot.answer.is_some()).count()
    }

    /// Where to go on: the next open question, or the result.
    pub(super) fn onward(&self, number: usize) -> String {
        let attempt = self.attempt.id.as_str();
        match self.next_open(number).filter(|_| self.attempt.finished_at.is_none()) {
            Some(next) => urls::quiz_question(&self.attempt.chapter, attempt, next),
            None => urls::quiz_attempt(&self.attempt.chapter, attempt),
        }
    }
}
