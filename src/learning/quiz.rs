//! A learner's goes at one quiz: the first apart from the best.

/// One go, as far as scores are concerned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Go {
    /// Whether it was the learner's first at this quiz.
    pub is_first: bool,
    /// The points reached; `None` while it is under way.
    pub points: Option<f64>,
    /// How many questions it has, a point each.
    pub questions: usize,
}

/// Points out of points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Reached.
    pub points: f64,
    /// Possible.
    pub of: usize,
}

/// `7.5 of 10`, with two digits behind the point at most.
impl std::fmt::Display for Score {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let points = format!("{:.2}", self.points);
        write!(formatter, "{} of {}", points.trim_end_matches('0').trim_end_matches('.'), self.of)
    }
}

impl Score {
    /// The share reached, from 0 to 1.
    pub fn share(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.points / self.of as f64 }
    }

    /// The share in whole percent, never 100 unless everything was right.
    pub fn percent(self) -> u32 {
        let percent = (self.share().clamp(0.0, 1.0) * 100.0).round();
        let limit = if self.share() < 1.0 { 99.0 } else { 100.0 };
        // In range by the clamp above.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
        {
            percent.min(limit) as u32
        }
    }
}

/// What all goes at a quiz amount to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct QuizRecord {
    /// The score of the first go, once finished: what was known before any feedback.
    pub first: Option<Score>,
    /// The best score of any finished go.
    pub best: Option<Score>,
    /// How many are finished.
    pub finished: usize,
    /// Whether one is under way.
    pub is_open: bool,
}

impl QuizRecord {
    /// Sums up the goes at one quiz.
    pub fn of(goes: impl IntoIterator<Item = Go>) -> Self {
        let mut record = Self::default();
        for go in goes {
            let Some(points) = go.points else {
                record.is_open = true;
                continue;
            };
            let score = Score { points, of: go.questions };
            record.finished += 1;
            if go.is_first {
                record.first = Some(score);
            }
            if record.best.is_none_or(|best| score.share() > best.share()) {
                record.best = Some(score);
            }
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(is_first: bool, points: impl Into<Option<f64>>) -> Go {
        Go { is_first, points: points.into(), questions: 4 }
    }

    #[test]
    fn the_first_score_stays_whatever_follows() {
        let record = QuizRecord::of([go(true, 1.0), go(false, 4.0), go(false, 2.0), go(false, None)]);
        assert_eq!(record.first, Some(Score { points: 1.0, of: 4 }));
        assert_eq!(record.best, Some(Score { points: 4.0, of: 4 }));
        assert_eq!((record.finished, record.is_open), (3, true));
    }

    #[test]
    fn an_open_first_go_has_no_score_yet() {
        let record = QuizRecord::of([go(true, None)]);
        assert_eq!((record.first, record.best), (None, None));
        assert_eq!(QuizRecord::of([]), QuizRecord::default());
    }

    #[test]
    fn a_score_is_written_as_short_as_it_can_be() {
        let written = |points| Score { points, of: 10 }.to_string();
        assert_eq!([written(10.0), written(0.0), written(7.5), written(6.333_333)], ["10 of 10", "0 of 10", "7.5 of 10", "6.33 of 10"]);
    }

    #[test]
    fn a_hundred_percent_means_everything() {
        assert_eq!(Score { points: 199.0, of: 200 }.percent(), 99);
        assert_eq!(Score { points: 3.0, of: 3 }.percent(), 100);
        assert_eq!(Score { points: 2.0, of: 3 }.percent(), 67);
        assert_eq!(Score { points: 0.0, of: 0 }.percent(), 0);
    }
}
