//! Gateway (`ValidateGateway`).

use std::collections::HashMap;

use super::tls;
use crate::engine::validate::{
    names::is_dns_label,
    webhook::{
        hosts::{check_ip, check_namespaced_host},
        part::{Context, Part, check_port},
        protocol::{NAMES, Protocol, check_unix_path},
    },
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, root: &Part<'_>, spec: &Part<'_>) {
    if !is_dns_label(context.name) && !context.is_converted {
        let message = format!(
            "{:?} is not a Gateway's name: it must be one DNS label, without dots, because VirtualServices refer to it as namespace/name",
            context.name
        );
        context.refuse(&root.get("metadata").get("name"), message);
    }
    let servers = spec.get("servers");
    if !servers.is_set() {
        context.refuse(&servers, "a Gateway needs at least one server");
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (at, server) in servers.items().enumerate() {
        judge_server(context, &server);
        let port = server.get("port");
        if !port.is_set() {
            continue;
        }
        let name = port.get("name");
        if let Some(first) = names.get(name.text()) {
            let gist = format!("port name {:?} again", name.text());
            context.refuse_as(gist, &name, format!("the port name {:?} is taken by server {first}; names must be unique within a Gateway", name.text()));
        } else {
            names.insert(name.text(), at);
        }
        let redirect = server.get("tls").get("httpsRedirect");
        if redirect.flag() && Protocol::parse(port.get("protocol").text()) != Protocol::Http {
            context.warn(&redirect, "httpsRedirect answers plain HTTP requests, so it belongs to a server with protocol HTTP");
        }
    }
}

fn judge_server(context: &mut Context<'_, '_>, server: &Part<'_>) {
    let hosts = server.get("hosts");
    if !hosts.is_set() {
        context.refuse(&hosts, "a server needs at least one host; \"*\" stands for all");
    }
    for host in hosts.items() {
        check_namespaced_host(context, &host, true);
    }
    let is_port_fine = judge_port(context, server);
    judge_bind(context, server);
    let settings = server.get("tls");
    tls::check_server(context, &settings);
    if is_port_fine {
        judge_tls_for_protocol(context, server, &settings);
    }
}

fn judge_port(context: &mut Context<'_, '_>, server: &Part<'_>) -> bool {
    let before = context.refusals;
    let port = server.get("port");
    if !port.is_set() {
        context.refuse(&port, "a server needs a port with number, name and protocol");
        return false;
    }
    let protocol = port.get("protocol");
    if Protocol::parse(protocol.text()) == Protocol::Unknown {
        let message = if protocol.text().is_empty() {
            format!("the port needs a protocol: {NAMES}")
        } else {
            format!("{:?} is no protocol that Istio knows; use one of {NAMES}", protocol.text())
        };
        context.refuse(&protocol, message);
    }
    if port.get("number").whole() > 0 || !server.get("bind").text().starts_with("unix://") {
        check_port(context, &port.get("number"));
    }
    if port.get("targetPort").whole() > 0 {
        context.refuse(&port.get("targetPort"), "targetPort has no effect in a Gateway; the Service in front of the gateway's pods maps ports");
    }
    if port.get("name").text().is_empty() {
        context.refuse_as(format!("port without name {}", shown(&port)), &port.get("name"), "the port needs a name, unique within the Gateway");
    }
    context.refusals == before
}

/// A port as istiod prints it, all in all.
fn shown(port: &Part<'_>) -> String {
    format!("{} {} {} {}", port.get("number").whole(), port.get("protocol").text(), port.get("name").text(), port.get("targetPort").whole())
}

fn judge_bind(context: &mut Context<'_, '_>, server: &Part<'_>) {
    let bind = server.get("bind");
    if let Some(path) = bind.text().strip_prefix("unix://") {
        check_unix_path(context, &bind, path);
        let number = server.get("port").get("number");
        if number.whole() != 0 {
            context.refuse_as(format!("port of socket {}", shown(&server.get("port"))), &number, "a Unix domain socket has no port; set the number to 0");
        }
    } else if !bind.text().is_empty() {
        check_ip(context, &bind);
    }
}

fn judge_tls_for_protocol(context: &mut Context<'_, '_>, server: &Part<'_>, settings: &Part<'_>) {
    let protocol = server.get("port").get("protocol");
    match (Protocol::parse(protocol.text()), settings.is_set()) {
        (Protocol::Tls, false) => {
            context.refuse_as(
                "no TLS settings",
                &server.get("tls"),
                format!("a server for {} needs tls settings, with a mode and where the certificate comes from", protocol.text()),
            );
        }
        (Protocol::Tls, true) | (_, false) => {}
        (Protocol::Http, true) => {
            let is_passed_through = matches!(settings.get("mode").text(), "" | "PASSTHROUGH" | "AUTO_PASSTHROUGH");
            if !is_passed_through || ["caCertificates", "privateKey", "serverCertificate"].iter().any(|key| !settings.get(key).text().is_empty()) {
                context.refuse_as(
                    "TLS settings for HTTP",
                    settings,
                    format!("a server for plain {} takes httpsRedirect alone in tls; for encrypted traffic use protocol HTTPS", protocol.text()),
                );
            }
        }
        _ => context.refuse_as(
            "TLS settings without TLS",
            settings,
            format!("a server for {} has no tls; for encrypted traffic use protocol TLS", protocol.text()),
        ),
    }
}
