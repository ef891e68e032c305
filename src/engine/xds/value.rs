//! Small messages and scalars used all over the API.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize, Serializer};

use super::WordMap;

/// Whether a field is at its proto3 default and therefore not written.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Protobuf's JSON writes a whole `double` without a fraction: `50`, not `50.0`.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn shortest_number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    /// Every whole number below it is exact in a double.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[allow(clippy::cast_possible_truncation, reason = "whole and within the range of i64")]
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}

/// A text that is nearly always one of a few words of the API, which then costs no memory of its own.
pub type Word = Cow<'static, str>;

message! {
    /// `core.v3.Metadata`: a `google.protobuf.Struct` by filter name.
    Metadata { filter_metadata: WordMap<WordMap<Note>> }
    /// `core.v3.Address`.
    Address { socket_address: Option<SocketAddress>, pipe: Option<Pipe>, envoy_internal_address: Option<InternalAddress> }
    /// `core.v3.SocketAddress`.
    SocketAddress { address: String, port_value: u32 }
    /// `core.v3.EnvoyInternalAddress`: a listener of the same Envoy; the id tells endpoints behind one listener apart.
    InternalAddress { server_listener_name: String, endpoint_id: String }
    /// `core.v3.Pipe`.
    Pipe { path: String }
    /// `core.v3.ConfigSource`, as Istio writes it: always ADS or SDS.
    ConfigSource { ads: Option<BTreeMap<String, String>>, api_config_source: Option<serde_json::Value>, initial_fetch_timeout: Option<crate::engine::duration::Duration>, resource_api_version: Word }
    /// `type.matcher.v3.StringMatcher`: one of its fields.
    StringMatcher { exact: Option<String>, prefix: Option<String>, suffix: Option<String>, contains: Option<String>, safe_regex: Option<RegexMatcher>, ignore_case: bool }
    /// `type.matcher.v3.RegexMatcher`; the whole value must match.
    RegexMatcher { regex: String }
    /// `type.matcher.v3.RegexMatchAndSubstitute`.
    RegexMatchAndSubstitute { pattern: RegexMatcher, substitution: String }
    /// `type.v3.FractionalPercent`.
    FractionalPercent { numerator: u32, denominator: Denominator }
    /// `core.v3.RuntimeFractionalPercent`.
    RuntimeFractionalPercent { default_value: FractionalPercent, runtime_key: String }
    /// `type.v3.Percent`.
    Percent { #[serde(serialize_with = "shortest_number")] value: f64 }
    /// `core.v3.HeaderValueOption`.
    HeaderValueOption { header: HeaderValue, append_action: AppendAction, keep_empty_value: bool }
    /// `core.v3.HeaderValue`.
    HeaderValue { key: String, value: String }
    /// `core.v3.DataSource`.
    DataSource { inline_string: Option<String>, filename: Option<String>, inline_bytes: Option<String> }
}

impl FractionalPercent {
    /// The share it stands for, 0 to 1.
    pub fn share(&self) -> f64 {
        let whole = match self.denominator {
            Denominator::Hundred => 100.0,
            Denominator::TenThousand => 10_000.0,
            Denominator::Million => 1_000_000.0,
        };
        (f64::from(self.numerator) / whole).min(1.0)
    }
}

/// A value in a `google.protobuf.Struct`; what is the same for many stands once in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Note {
    /// A text.
    Text(Arc<str>),
    /// Anything else.
    Json(Arc<serde_json::Value>),
}

impl Note {
    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(_) => None,
        }
    }
}

impl Default for Note {
    fn default() -> Self {
        Self::Text(Arc::default())
    }
}

impl From<String> for Note {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Note {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Arc<str>> for Note {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<serde_json::Value> for Note {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::String(text) => text.into(),
            other => Self::Json(Arc::new(other)),
        }
    }
}

impl PartialEq<serde_json::Value> for Note {
    fn eq(&self, value: &serde_json::Value) -> bool {
        match self {
            Self::Text(text) => value.as_str() == Some(text.as_ref()),
            Self::Json(json) => **json == *value,
        }
    }
}

/// `FractionalPercent.DenominatorType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Denominator {
    /// Per cent.
    #[default]
    Hundred,
    /// Per myriad.
    TenThousand,
    /// Per million.
    Million,
}

/// `HeaderValueOption.HeaderAppendAction`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AppendAction {
    /// One more value.
    #[default]
    AppendIfExistsOrAdd,
    /// Only where there is none.
    AddIfAbsent,
    /// In place of what there is.
    OverwriteIfExistsOrAdd,
    /// Only where there is one.
    OverwriteIfExists,
}
