//! Attempts: one go at the quiz of a chapter, from start to score. First attempts are told from retries here.

use sqlx::FromRow;

use super::{AttemptId, LearnerId, Millis, Result, Store};

/// The ids of an attempt's questions in the order asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionList(pub Vec<String>);

impl TryFrom<String> for QuestionList {
    type Error = serde_json::Error;

    fn try_from(json: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&json).map(Self)
    }
}

/// One go at a quiz.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Attempt {
    /// The attempt.
    pub id: AttemptId,
    /// Whose it is.
    pub learner_id: LearnerId,
    /// The slug of the chapter whose quiz it is.
    pub chapter: String,
    /// What is asked, fixed at the start.
    #[sqlx(try_from = "String")]
    pub questions: QuestionList,
    /// Whether it is the learner's first at this chapter.
    pub is_first: bool,
    /// When it began.
    pub started_at: Millis,
    /// When the last question was answered or the learner ended it; `None` while it is open.
    pub finished_at: Option<Millis>,
    /// The sum of the answers' scores once finished, from 0 to the number of questions.
    pub score: Option<f64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, learner_id, chapter, questions, is_first, started_at, finished_at, score FROM attempts ", $rest)
    };
}

impl Store {
    /// The learner's open attempt at the chapter, or a new one over `questions`: starting twice is starting once.
    pub async fn start_attempt(&self, learner: &LearnerId, chapter: &str, questions: &[String]) -> Result<AttemptId> {
        let now = self.clock.now();
        let mut transaction = self.connections.write().await?;
        let open = sqlx::query_scalar(
            "SELECT id FROM attempts WHERE learner_id = $1 AND chapter = $2 AND finished_at IS NULL ORDER BY started_at DESC, id DESC LIMIT 1",
        )
        .bind(learner)
        .bind(chapter)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(open) = open {
            return Ok(open);
        }
        let id = AttemptId::make(now);
        sqlx::query(
            "INSERT INTO attempts (id, learner_id, chapter, questions, question_count, is_first, started_at)
             SELECT $1, $2, $3, $4, $5, NOT EXISTS (SELECT 1 FROM attempts WHERE learner_id = $2 AND chapter = $3), $6",
        )
        .bind(&id)
        .bind(learner)
        .bind(chapter)
        .bind(serde_json::json!(questions).to_string())
        .bind(i64::try_from(questions.len()).unwrap_or(i64::MAX))
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The attempt, if it is the learner's own.
    pub async fn find_attempt(&self, id: &AttemptId, learner: &LearnerId) -> Result<Option<Attempt>> {
        Ok(sqlx::query_as(select!("WHERE id = $1 AND learner_id = $2")).bind(id).bind(learner).fetch_optional(self.connections.read()).await?)
    }

    /// All attempts of the learner, oldest first.
    pub async fn list_attempts(&self, learner: &LearnerId) -> Result<Vec<Attempt>> {
        Ok(sqlx::query_as(select!("WHERE learner_id = $1 ORDER BY started_at, id")).bind(learner).fetch_all(self.connections.read()).await?)
    }

    /// Ends an open attempt with the questions answered so far; the others count as nothing. Says whether it was open.
    pub async fn finish_attempt(&self, id: &AttemptId, learner: &LearnerId) -> Result<bool> {
        let mut transaction = self.connections.write().await?;
        let finished = sqlx::query(
            "UPDATE attempts SET finished_at = $3, score = (SELECT COALESCE(SUM(answers.score), 0.0) FROM answers WHERE answers.attempt_id = attempts.id)
             WHERE id = $1 AND learner_id = $2 AND finished_at IS NULL",
        )
        .bind(id)
        .bind(learner)
        .bind(self.clock.now())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(finished.rows_affected() > 0)
    }
}
