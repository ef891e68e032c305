//! `networking.k8s.io` Ingress and IngressClass.

use super::api;

api! {
    /// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/>
    Ingress { ingress_class_name: Option<String>, tls: Vec<IngressTls>, rules: Vec<IngressRule> }
    IngressTls { hosts: Vec<String>, secret_name: String }
    IngressRule { host: String, http: Option<IngressHttp> }
    IngressHttp { paths: Vec<IngressPath> }
    IngressPath { path: String, path_type: Option<String>, backend: Option<IngressBackend> }
    IngressBackend { service: Option<IngressService> }
    IngressService { name: String, port: IngressPort }
    IngressPort { name: String, number: u32 }
    /// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-class-v1/>
    IngressClass { controller: String }
}
