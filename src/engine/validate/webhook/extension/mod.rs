//! Telemetry, WasmPlugin and EnvoyFilter: what reaches into Envoy.

mod cel;
mod xds;

pub(super) mod envoy_filter;
pub(super) mod telemetry;
pub(super) mod wasm_plugin;
