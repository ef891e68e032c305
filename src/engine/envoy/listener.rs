//! Which listener takes a connection.

use super::{Call, Mode, Stage, Verdict, connection::Connection, refusal::refusal, trace::Trace};
use crate::engine::xds::{Listener, ProxyConfig, SocketAddress};

/// Where iptables sends what a sidecar's workload sends out, and what comes in.
const VIRTUAL_OUTBOUND: &str = "virtualOutbound";
const VIRTUAL_INBOUND: &str = "virtualInbound";

/// The listener for a connection, if there is one.
pub(super) fn choose<'a>(config: &'a ProxyConfig, call: &Call, connection: &Connection, trace: &mut Trace) -> Option<&'a Listener> {
    let named = |name: &str, trace: &mut Trace| config.listeners.iter().find(|listener| listener.name == name).filter(|found| is_taken(found, trace));
    let (chosen, reason) = match call.mode {
        Mode::Inbound => (named(VIRTUAL_INBOUND, trace), "iptables hands every incoming connection to port 15006, where it listens.".to_owned()),
        Mode::Gateway | Mode::Tunnel => at_address(config, connection, false, trace),
        Mode::Outbound => match at_address(config, connection, true, trace) {
            (None, reason) => (named(VIRTUAL_OUTBOUND, trace), format!("{reason}, so the one on port 15001, where iptables hands over, keeps the connection.")),
            found => found,
        },
    };
    match chosen {
        Some(listener) => trace.chosen(Stage::Listener, &listener.name, reason, None),
        None => trace.lost(Stage::Listener, format!("{}:{}", connection.address, connection.port), "the proxy has no listener for this port.", None),
    }
    chosen
}

/// The listener at the very address, else the one at all addresses of the port; and why it is, or that there is none.
fn at_address<'a>(config: &'a ProxyConfig, connection: &Connection, captured: bool, trace: &mut Trace) -> (Option<&'a Listener>, String) {
    let mut on_port: Vec<(&Listener, &SocketAddress)> = config
        .listeners
        .iter()
        .filter(|listener| captured || listener.bind_to_port != Some(false))
        // What is captured on its way out reaches the one for the way in too, if it goes to its very port.
        .filter(|listener| listener.name != VIRTUAL_OUTBOUND && (captured || listener.name != VIRTUAL_INBOUND))
        .filter_map(|listener| Some((listener, listener.address.as_ref()?.socket_address.as_ref()?)))
        .filter(|(_, address)| address.port_value == connection.port)
        .collect();
    let pushed = on_port.len();
    let mut best = best_fit(&on_port, connection);
    while let Some(at) = best.filter(|at| !is_taken(on_port[*at].0, trace)) {
        on_port.remove(at);
        best = best_fit(&on_port, connection);
    }
    let no_other = if on_port.len() == pushed { "no listener" } else { "no other listener" };
    let Some(at) = best else {
        for (listener, address) in &on_port {
            trace.lost(Stage::Listener, &listener.name, format!("it is for {}, the connection goes to {}.", address.address, connection.address), None);
        }
        return (None, format!("{no_other} is for {}:{}", connection.address, connection.port));
    };
    for (other, (listener, address)) in on_port.iter().enumerate() {
        if other != at {
            let reason = if is_unspecified(&address.address) {
                (Verdict::Unreached, format!("a listener for {} itself goes first.", connection.address))
            } else {
                (
                    Verdict::Lost,
                    format!(
                        "it is for {}{}.",
                        address.address,
                        connection.named_address().map(|named| format!(", the connection goes to {named}")).unwrap_or_default()
                    ),
                )
            };
            trace.add(Stage::Listener, reason.0, &listener.name, reason.1, None);
        }
    }
    let reason = if on_port[at].1.address == connection.address {
        format!("it is for exactly {}:{}.", connection.address, connection.port)
    } else {
        let alone = connection.named_address().map(|named| format!(", and {no_other} is for {named} alone")).unwrap_or_default();
        format!("it takes port {} for every address{alone}.", connection.port)
    };
    (Some(on_port[at].0), reason)
}

/// The place of the listener at the connection's address, else of one at every address.
fn best_fit(listeners: &[(&Listener, &SocketAddress)], connection: &Connection) -> Option<usize> {
    let exact = listeners.iter().position(|(_, address)| address.address == connection.address);
    exact.or_else(|| listeners.iter().position(|(_, address)| is_unspecified(&address.address)))
}

/// Whether Envoy takes a listener; where not, it is told why.
pub(super) fn is_taken(listener: &Listener, trace: &mut Trace) -> bool {
    let refused = refusal(listener);
    if let Some(refused) = &refused {
        refused.tell(listener, trace);
    }
    refused.is_none()
}

fn is_unspecified(address: &str) -> bool {
    matches!(address, "0.0.0.0" | "::")
}
