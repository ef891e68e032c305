//! The catalogue of our own hints: what Istio accepts without a word and learners regret.
//!
//! A code is never used for anything else; a retired one stays as a comment.

use super::code::catalog;

catalog! {
    MW0001 SubsetSelectsNoWorkload { subset: String, host: String, labels: String }
        = Warning, "A subset's labels match none of the service's workloads",
        "Requests for the subset find an empty cluster and are answered 503 UH.",
        "subset {subset:?} of {host} selects {labels}, which no workload of that service carries; mend the labels, or take the subset out";
}
