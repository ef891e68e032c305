//! A certificate counts only for a time, and what time it is the caller says.

use std::{fs, time::Duration};

use meshwright::engine::analyze::{Question, analyze};

use super::Cluster;

/// What is said of the credentials of a fixture whose good certificate counts from 2020 to 2099.
fn said(now: Option<Duration>) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/analyze/IST0161/certificates.yaml");
    let cluster = Cluster::new(&fs::read_to_string(path).unwrap());
    let snapshot = cluster.snapshot();
    let snapshot = if let Some(now) = now { snapshot.at(now) } else { snapshot };
    let findings = analyze(&snapshot, &Question::default());
    findings.into_iter().filter(|finding| finding.code.id == "IST0161").map(|finding| finding.diagnostic.message).collect()
}

/// The beginning of a year, near enough.
fn year(year: u64) -> Duration {
    Duration::from_secs((year - 1970) * 31_556_952)
}

#[test]
fn certificates_expire_where_the_time_is_known() {
    for fine in [None, Some(year(2050))] {
        let said = said(fine);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said.iter().all(|message| !message.contains("expired") && !message.contains("not valid yet")), "{said:?}");
    }
    for (time, word) in [(year(2001), "not valid yet"), (year(2101), "has expired")] {
        let said = said(Some(time));
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said.iter().all(|message| message.contains(word)), "{said:?}");
    }
}
