//! `networking.istio.io` DestinationRule.

use super::{Labels, TrafficPolicy, WorkloadSelector, api};

api! {
    /// <https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule>
    DestinationRule { host: String, traffic_policy: Option<Box<TrafficPolicy>>, subsets: Vec<Subset>, export_to: Vec<String>, workload_selector: Option<WorkloadSelector> }
    /// A named part of a service's endpoints.
    Subset { name: String, labels: Labels, traffic_policy: Option<Box<TrafficPolicy>> }
}
