//! Lines for what came, so that nobody has to learn them first.

use super::{super::answer::percent, judge::Evidence};

/// The ends with their shares, where a redirect leads, flags of what a proxy answers itself, and how a load went.
pub(super) fn lines(evidence: &Evidence<'_>) -> Vec<String> {
    let parts = &evidence.answer.parts;
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let share = if parts.len() == 1 { String::new() } else { format!("{}% ", percent(part.share)) };
        let end = part.status.map_or_else(|| part.text.clone(), |status| status.to_string());
        let from = if part.destination.is_empty() { String::new() } else { format!(" from {}", part.destination) };
        lines.push(format!("{share}{end}{from}"));
    }
    let location = evidence.journey.response_headers().get("location").map(|location| format!("response header location: {location}"));
    let is_redirected = parts.iter().any(|part| part.status.is_some_and(|status| (300..400).contains(&status)));
    lines.extend(location.filter(|_| is_redirected));
    lines.extend(evidence.flags().into_iter().map(|flag| format!("flag {flag}")));
    lines.extend(evidence.most_attempts().filter(|most| *most > 1).map(|most| format!("attempts {most}")));
    lines
}
