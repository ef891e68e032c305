//! `gateway.networking.k8s.io`, as far as it is read beyond its metadata.

use super::api;

api! {
    /// <https://gateway-api.sigs.k8s.io/reference/spec/#gateway>
    K8sGateway { gateway_class_name: String, listeners: Vec<K8sListener>, addresses: Vec<K8sGatewayAddress> }
    K8sListener { name: String, hostname: String, port: u32, protocol: String }
    K8sGatewayAddress { r#type: Option<String>, value: String }
}
