//! Outlier detection.

use crate::engine::{
    resource,
    xds::{Cluster, CommonLbConfig, OutlierDetection, Percent},
};

/// Puts a rule's outlier detection into a cluster. By success rates Istio never ejects, and panic is off unless asked for.
pub(super) fn apply_outlier_detection(outlier: &resource::OutlierDetection, cluster: &mut Cluster) {
    let enforced = |count: Option<u32>| count.map(|count| if count > 0 { 100 } else { 0 });
    let mut out = OutlierDetection {
        consecutive_5xx: outlier.consecutive_5xx_errors,
        enforcing_consecutive_5xx: enforced(outlier.consecutive_5xx_errors),
        consecutive_gateway_failure: outlier.consecutive_gateway_errors,
        enforcing_consecutive_gateway_failure: enforced(outlier.consecutive_gateway_errors),
        enforcing_success_rate: Some(0),
        interval: outlier.interval,
        base_ejection_time: outlier.base_ejection_time,
        max_ejection_percent: u32::try_from(outlier.max_ejection_percent).ok().filter(|percent| *percent > 0),
        ..OutlierDetection::default()
    };
    if outlier.split_external_local_origin_errors {
        out.split_external_local_origin_errors = true;
        out.consecutive_local_origin_failure = outlier.consecutive_local_origin_failures.filter(|count| *count > 0);
        out.enforcing_consecutive_local_origin_failure = out.consecutive_local_origin_failure.map(|_| 100);
        out.enforcing_local_origin_success_rate = Some(0);
    }
    cluster.outlier_detection = Some(out);
    if outlier.min_health_percent >= 0 {
        let common = cluster.common_lb_config.get_or_insert_with(CommonLbConfig::default);
        common.healthy_panic_threshold = Some(Percent { value: f64::from(outlier.min_health_percent) });
    }
}
