//! The token of a call: what it claims and where the client puts it.

use serde_json::{Map, Value, json};

use super::{Call, Jwt};

/// Stands for the text of the call's token wherever the request or the answer would repeat it.
pub const TOKEN: &str = "(token)";

/// Where a client puts its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenPlace {
    /// A header, by its name in lower case, with what stands in front of the token. A header of that name that the call has itself goes before it.
    Header {
        /// In lower case.
        name: String,
        /// For example `Bearer `.
        prefix: String,
    },
    /// A parameter of the query.
    Query(String),
    /// A cookie.
    Cookie(String),
}

impl Jwt {
    /// Where the token stands; none where the call names a place that there is not.
    pub fn place(&self) -> Option<TokenPlace> {
        let name = self.name.as_deref();
        match self.location.as_deref() {
            None | Some("header") => {
                let header = name.unwrap_or("authorization").to_ascii_lowercase();
                let usual = if header == "authorization" { "Bearer " } else { "" };
                let prefix = self.prefix.as_deref().unwrap_or(usual).to_owned();
                Some(TokenPlace::Header { name: header, prefix })
            }
            Some("query") => Some(TokenPlace::Query(name.unwrap_or("access_token").to_owned())),
            Some("cookie") => Some(TokenPlace::Cookie(name.unwrap_or("token").to_owned())),
            Some(_) => None,
        }
    }

    /// What the token claims. A time at which it ends is not among it.
    pub fn payload(&self) -> Map<String, Value> {
        let mut payload = Map::new();
        for (key, value) in [("iss", &self.issuer), ("sub", &self.subject)] {
            if !value.is_empty() {
                payload.insert(key.into(), value.clone().into());
            }
        }
        if !self.audiences.is_empty() {
            payload.insert("aud".into(), json!(self.audiences));
        }
        payload.extend(self.claims.clone());
        payload
    }
}

impl Call {
    /// The call with a text in the place of its token, which is then a part of it like any other.
    #[must_use]
    pub fn with_token(&self, text: &str) -> Self {
        let mut call = self.clone();
        let names: Vec<String> = call.headers.keys().map(|name| name.trim().to_ascii_lowercase()).collect();
        match call.jwt.take().and_then(|jwt| jwt.place()) {
            Some(TokenPlace::Header { name, prefix }) if !names.contains(&name) => drop(call.headers.insert(name, format!("{prefix}{text}"))),
            Some(TokenPlace::Query(name)) => {
                let path = if call.path.is_empty() { "/" } else { &call.path };
                let sign = if path.contains('?') { '&' } else { '?' };
                call.path = format!("{path}{sign}{name}={text}");
            }
            Some(TokenPlace::Cookie(name)) => {
                let own = format!("{name}={text}");
                let cookies = call.headers.iter_mut().find(|(name, _)| name.trim().eq_ignore_ascii_case("cookie"));
                match cookies {
                    Some((_, cookies)) => *cookies = format!("{cookies}; {own}"),
                    None => drop(call.headers.insert("cookie".into(), own)),
                }
            }
            _ => {}
        }
        call
    }
}
