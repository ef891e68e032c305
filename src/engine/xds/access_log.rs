//! Access logs: where it is written what became of requests and connections.

use serde_json::Value;

use super::{Origin, TypedConfig};

message! {
    /// `accesslog.v3.AccessLog`.
    AccessLog {
        name: String,
        /// `accesslog.v3.AccessLogFilter`: what is not written.
        filter: Option<Value>,
        typed_config: Option<TypedConfig>,
        /// What the mesh calls it: a provider, or its file.
        #[serde(skip)]
        label: String,
        #[serde(skip)]
        origin: Option<Origin>,
    }
}

impl AccessLog {
    /// The CEL expression that an entry has to meet, where that is all that is asked of one.
    pub fn expression(&self) -> Option<&str> {
        self.filter.as_ref()?.pointer("/extensionFilter/typedConfig/expression")?.as_str()
    }
}
