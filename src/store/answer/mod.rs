//! Answers to questions: recorded once each, durable before they are acknowledged.

mod group_commit;

pub(super) use group_commit::GroupCommit;

use sqlx::{FromRow, Sqlite, Transaction};

use super::{AttemptId, LearnerId, Millis, Result, Store};

/// An answer to be recorded.
#[derive(Debug, Clone)]
pub struct NewAnswer {
    /// The attempt it belongs to.
    pub attempt: AttemptId,
    /// Who answers; only the owner of the attempt can.
    pub learner: LearnerId,
    /// The question's id.
    pub question: String,
    /// What was answered, as JSON.
    pub given: String,
    /// Whether it is wholly right.
    pub correct: bool,
    /// Its worth from 0 to 1.
    pub score: f64,
}

/// An answer on record.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Answer {
    /// The question's id.
    pub question_id: String,
    /// What was answered, as JSON.
    pub given: String,
    /// Whether it was wholly right.
    pub correct: bool,
    /// Its worth from 0 to 1.
    pub score: f64,
    /// When it was given.
    pub answered_at: Millis,
    /// Its place among the answers of the attempt, from 1.
    pub sequence: i64,
}

/// An answer with the attempt in which it was given.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct GivenAnswer {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// The answer.
    #[sqlx(flatten)]
    pub answer: Answer,
}

/// What became of a [`NewAnswer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is on record now.
    Now,
    /// The question had an answer, which stands.
    Before,
    /// The attempt is finished and this question was left out.
    Closed,
    /// The learner has no such attempt.
    NoAttempt,
}

impl Store {
    /// Records an answer. When this returns the answer is on disk; the last answer also finishes the attempt.
    pub async fn record_answer(&self, answer: NewAnswer) -> Result<Recorded> {
        self.answers.submit(answer, self.clock.now()).await
    }

    /// The answers of an attempt in the order given.
    pub async fn list_answers(&self, attempt: &AttemptId) -> Result<Vec<Answer>> {
        let answers = sqlx::query_as(
            "SELECT question_id, given, correct, score, answered_at, sequence FROM answers WHERE attempt_id = $1 ORDER BY sequence, question_id",
        )
        .bind(attempt)
        .fetch_all(self.connections.read())
        .await?;
        Ok(answers)
    }

    /// Every answer the learner ever gave, oldest first.
    pub async fn list_answers_of(&self, learner: &LearnerId) -> Result<Vec<GivenAnswer>> {
        let answers = sqlx::query_as(
            "SELECT answers.attempt_id, answers.question_id, answers.given, answers.correct, answers.score, answers.answered_at, answers.sequence
             FROM answers JOIN attempts ON attempts.id = answers.attempt_id
             WHERE attempts.learner_id = $1 ORDER BY answers.answered_at, answers.attempt_id, answers.sequence",
        )
        .bind(learner)
        .fetch_all(self.connections.read())
        .await?;
        Ok(answers)
    }
}

/// Writes one answer within a transaction. A second answer to the same question changes nothing.
async fn write(transaction: &mut Transaction<'static, Sqlite>, answer: &NewAnswer, at: Millis) -> Result<Recorded> {
    let inserted = sqlx::query(
        "INSERT INTO answers (attempt_id, question_id, given, correct, score, answered_at, sequence)
         SELECT attempts.id, $3, $4, $5, $6, $7, (SELECT COUNT(*) + 1 FROM answers WHERE answers.attempt_id = attempts.id)
         FROM attempts WHERE attempts.id = $1 AND attempts.learner_id = $2 AND attempts.finished_at IS NULL
         ON CONFLICT (attempt_id, question_id) DO NOTHING",
    )
    .bind(&answer.attempt)
    .bind(&answer.learner)
    .bind(&answer.question)
    .bind(&answer.given)
    .bind(answer.correct)
    .bind(answer.score)
    .bind(at)
    .execute(&mut **transaction)
    .await?;
    if inserted.rows_affected() == 0 {
        return why_not(transaction, answer).await;
    }
    sqlx::query(
        "UPDATE attempts SET finished_at = $2, score = (SELECT SUM(answers.score) FROM answers WHERE answers.attempt_id = attempts.id)
         WHERE id = $1 AND finished_at IS NULL AND (SELECT COUNT(*) FROM answers WHERE answers.attempt_id = attempts.id) >= question_count",
    )
    .bind(&answer.attempt)
    .bind(at)
    .execute(&mut **transaction)
    .await?;
    Ok(Recorded::Now)
}

/// Why an answer was not written: it is there already, the attempt is finished, or there is no such attempt of this learner.
async fn why_not(transaction: &mut Transaction<'static, Sqlite>, answer: &NewAnswer) -> Result<Recorded> {
    let answered = sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(answers.question_id) FROM attempts
         LEFT JOIN answers ON answers.attempt_id = attempts.id AND answers.question_id = $3
         WHERE attempts.id = $1 AND attempts.learner_id = $2 GROUP BY attempts.id",
    )
    .bind(&answer.attempt)
    .bind(&answer.learner)
    .bind(&answer.question)
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(match answered {
        None => Recorded::NoAttempt,
        Some(0) => Recorded::Closed,
        Some(_) => Recorded::Before,
    })
}
