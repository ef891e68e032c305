//! Which of a proxy's access logs get an entry of what it has done.
//!
//! Of filters only a comparison of the status is computed; what an expression cannot find makes it false:
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/access_loggers/filters/cel/v3/cel.proto>.

use std::collections::BTreeMap;

use super::{Outcome, Stage, Step, Verdict, http::percent, trace::Trace};
use crate::engine::xds::AccessLog;

/// Access logs of one place that are told of.
const MOST: usize = 16;

/// Tells of each access log whether it gets an entry. `statuses`: the share of each; nothing for a connection whose bytes are not read.
pub(super) fn tell(logs: &[AccessLog], statuses: &BTreeMap<u16, f64>, outcome: &mut Outcome, trace: &mut Trace) {
    outcome.access_logs = logs.iter().take(MOST).cloned().collect();
    for Step { stage, verdict, subject, reason, origin } in access_log_entries(&outcome.access_logs, Some(statuses)) {
        trace.add(stage, verdict, subject, reason, origin.as_ref());
    }
}

/// Whether each access log gets an entry; where the statuses are not known, only those without a filter are certain.
pub fn access_log_entries(logs: &[AccessLog], statuses: Option<&BTreeMap<u16, f64>>) -> Vec<Step> {
    let step = |log: &AccessLog| {
        let (verdict, reason) = match statuses {
            None if log.filter.is_some() => (Verdict::Unreached, "whether it gets an entry is not computed; what comes back this way decides.".to_owned()),
            statuses => entry(log, statuses.unwrap_or(&BTreeMap::new())),
        };
        let subject = if log.label.is_empty() { log.name.clone() } else { log.label.clone() };
        Step { stage: Stage::AccessLog, verdict, subject, reason, origin: log.origin.clone() }
    };
    logs.iter().map(step).collect()
}

fn entry(log: &AccessLog, statuses: &BTreeMap<u16, f64>) -> (Verdict, String) {
    if log.filter.is_none() {
        return (Verdict::Chosen, "it gets an entry.".into());
    }
    let Some(condition) = log.expression().and_then(|text| Some((text.trim(), Condition::read(text)?))) else {
        let filter = log.expression().unwrap_or("its filter");
        return (Verdict::Unreached, format!("whether it gets an entry is not computed; {filter} decides."));
    };
    let (text, condition) = condition;
    let share: f64 = statuses.iter().filter(|(status, _)| condition.holds(**status)).map(|(_, share)| share).sum();
    if statuses.is_empty() {
        (Verdict::Lost, format!("it gets no entry: the filter {text} asks for a status, and nobody reads one here."))
    } else if share > 1.0 - 1e-9 {
        (Verdict::Chosen, format!("it gets an entry: the filter {text} holds."))
    } else if share > 0.0 {
        (Verdict::Chosen, format!("it gets an entry of {} of the requests: for them the filter {text} holds.", percent(share)))
    } else {
        (Verdict::Lost, format!("it gets no entry: the filter {text} does not hold."))
    }
}

/// `response.code` compared with a number.
struct Condition {
    operator: &'static str,
    number: i64,
}

/// The longer ones first.
const OPERATORS: [&str; 6] = [">=", "<=", "==", "!=", ">", "<"];

impl Condition {
    fn read(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("response.code")?.trim_start();
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator))?;
        let digits = rest[operator.len()..].trim_start();
        let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { operator, number: digits.parse().ok().filter(|_| is_whole)? })
    }

    fn holds(&self, status: u16) -> bool {
        let order = i64::from(status).cmp(&self.number);
        match self.operator {
            ">=" => order.is_ge(),
            "<=" => order.is_le(),
            "==" => order.is_eq(),
            "!=" => order.is_ne(),
            ">" => order.is_gt(),
            _ => order.is_lt(),
        }
    }
}
