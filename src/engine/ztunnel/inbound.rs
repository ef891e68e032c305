//! The way in: a connection reaches a pod, through a tunnel or in plain text, and policies say whether it goes on.
//!
//! `assert_rbac` in `src/state.rs` of istio/ztunnel at 1.26.4: a DENY policy that matches denies; without ALLOW policies all else
//! is allowed, with some of them one has to match.

use super::{Action, Connection, OWN_PORTS, State, Step, StepKind, Workload};

/// Whether a connection goes on to the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It does.
    Allowed,
    /// It does not; the policy that says so, or none where ALLOW policies are there and none matches.
    Denied {
        /// `namespace/name`.
        policy: Option<String>,
    },
}

/// Judges a connection to a workload.
pub fn inbound(state: &State, workload: &Workload, connection: &Connection) -> (Ruling, Vec<Step>) {
    let how = match &connection.identity {
        Some(identity) => format!("it comes through a tunnel (HBONE) on port 15008, from {identity}."),
        None => "it comes in plain text, and ztunnel is put before the pod all the same; nobody vouches for the sender.".to_owned(),
    };
    let mut steps = vec![Step::taken(StepKind::Capture, format!("port {}", connection.port), how, workload.origin.as_ref())];
    if OWN_PORTS.contains(&connection.port) {
        steps.push(Step::left(StepKind::End, "closed", "the port is one of ztunnel's own, which nobody may be sent to.", None));
        return (Ruling::Denied { policy: None }, steps);
    }
    let policies = state.policies_of(workload);
    let (deny, allow): (Vec<_>, Vec<_>) = policies.into_iter().partition(|(policy, _)| policy.action == Action::Deny);
    for (policy, origin) in deny {
        match policy.matching(connection) {
            Ok(group) => {
                let origin = group.origin.as_ref().or(origin);
                let reason = format!("this DENY policy matches ({}), so the connection is closed.", connection.sender());
                steps.push(Step::taken(StepKind::Policy, policy.key(), reason, origin));
                return (Ruling::Denied { policy: Some(policy.key()) }, steps);
            }
            Err(why) => steps.push(Step::left(StepKind::Policy, policy.key(), format!("this DENY policy does not match: {why}."), origin)),
        }
    }
    let has_allow = !allow.is_empty();
    for (policy, origin) in allow {
        match policy.matching(connection) {
            Ok(group) => {
                let origin = group.origin.as_ref().or(origin);
                let reason = format!("this ALLOW policy matches: {}.", connection.sender());
                steps.push(Step::taken(StepKind::Policy, policy.key(), reason, origin));
                return (Ruling::Allowed, passed(steps));
            }
            Err(why) => steps.push(Step::left(StepKind::Policy, policy.key(), format!("this ALLOW policy does not match: {why}."), origin)),
        }
    }
    if has_allow {
        steps.push(Step::left(StepKind::End, "closed", "where there are ALLOW policies one of them has to match, and none does.", None));
        return (Ruling::Denied { policy: None }, steps);
    }
    (Ruling::Allowed, passed(steps))
}

fn passed(mut steps: Vec<Step>) -> Vec<Step> {
    steps.push(Step::taken(StepKind::End, "connected", "the bytes go on to the pod; ztunnel asks no HTTP rule.", None));
    steps
}
