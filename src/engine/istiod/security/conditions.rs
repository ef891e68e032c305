//! The keys of a rule: what each asks of a request, or of who sends it.
//!
//! `pilot/pkg/security/authz/model/generator.go`.

use super::matchers::{addresses, claim, exact, header, host, one_of, one_text_of, plain_claim, prefix, regex, something, suffix, text, text_after};
use super::rule::Target;
use crate::engine::xds::{
    Authenticated, ExtensionConfig, FilterStateMatcher, MetadataMatcher, PathMatcher, Permission, PermissionSet, Principal, PrincipalSet, StringMatcher,
    TypedConfig, ValueMatcher,
};

/// What can be asked of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    DestinationIp,
    DestinationPort,
    Sni,
    /// A key that reads what an Envoy filter left behind.
    FilterMetadata(String),
    Host,
    Method,
    Path,
}

/// What can be asked of who sends it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asker {
    SourceIp,
    RemoteIp,
    Namespace,
    /// With the policy's own namespace.
    ServiceAccount(String),
    Principal,
    RequestPrincipal,
    Audiences,
    Presenter,
    /// A key with the header's name in brackets.
    Header(String),
    /// A key with the claim's path in brackets.
    Claim(String),
}

/// Why a value comes to nothing: only HTTP has it, or it cannot be read.
pub(super) struct Unusable;

type Usable<T> = Result<T, Unusable>;

impl Asked {
    /// Values as permissions, of which one has to hold.
    pub(super) fn permissions(&self, values: &[String], for_tcp: bool) -> Vec<Usable<Permission>> {
        match self {
            Self::FilterMetadata(key) if !values.is_empty() => vec![filter_metadata(key, values)],
            Self::FilterMetadata(_) => Vec::new(),
            _ => values.iter().map(|value| self.permission(value, for_tcp)).collect(),
        }
    }

    /// Whether all values make one matcher.
    pub(super) fn is_joint(&self) -> bool {
        matches!(self, Self::FilterMetadata(_))
    }

    fn permission(&self, value: &str, for_tcp: bool) -> Usable<Permission> {
        if for_tcp && matches!(self, Self::Host | Self::Method | Self::Path) {
            return Err(Unusable);
        }
        let mut permission = Permission::default();
        match self {
            Self::DestinationIp => permission.destination_ip = Some(addresses(value).ok_or(Unusable)?),
            Self::DestinationPort => permission.destination_port = Some(value.parse().ok().filter(|port| *port <= 65535).ok_or(Unusable)?),
            Self::Sni => permission.requested_server_name = Some(text(value)),
            Self::Host => permission.header = Some(host(value)),
            Self::Method => permission.header = Some(header(":method", value)),
            Self::Path if value.contains("{*}") || value.contains("{**}") => permission.uri_template = Some(template(value)),
            Self::Path => permission.url_path = Some(PathMatcher { path: Some(text(value)) }),
            Self::FilterMetadata(_) => return Err(Unusable),
        }
        Ok(permission)
    }
}

/// `{*}` for a segment, `{**}` for any number of them.
fn template(path: &str) -> ExtensionConfig {
    let template = path.replace("{*}", "*").replace("{**}", "**");
    ExtensionConfig {
        name: "uri-template".into(),
        typed_config: Some(TypedConfig::other(
            "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
            serde_json::json!({ "pathTemplate": template }),
        )),
    }
}

/// `experimental.envoy.filters.a.b[c]`; a value in brackets is one of a list.
fn filter_metadata(key: &str, values: &[String]) -> Usable<Permission> {
    let name = key.strip_prefix("experimental.").unwrap_or(key);
    let (filter, field) = name.strip_suffix(']').unwrap_or(name).split_once('[').ok_or(Unusable)?;
    let one = |value: &String| match value.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => ValueMatcher::element(ValueMatcher::text(text(inner.trim_matches(['[', ']'])))),
        None => ValueMatcher::text(text(value)),
    };
    let value = one_of(values.iter().map(one).collect());
    Ok(Permission { metadata: Some(MetadataMatcher::new(filter, [field], value)), ..Permission::default() })
}

impl Asker {
    /// Values as principals, of which one has to hold.
    pub(super) fn principals(&self, values: &[String], target: Target) -> Vec<Usable<Principal>> {
        if values.is_empty() {
            return Vec::new();
        }
        if self.is_joint() { vec![self.joint(values, target.for_tcp)] } else { values.iter().map(|value| self.principal(value, target)).collect() }
    }

    /// Whether all values make one matcher.
    pub(super) fn is_joint(&self) -> bool {
        matches!(self, Self::RequestPrincipal | Self::Audiences | Self::Presenter | Self::Claim(_))
    }

    fn joint(&self, values: &[String], for_tcp: bool) -> Usable<Principal> {
        if for_tcp {
            return Err(Unusable);
        }
        let of_claim = |path: &[String]| of_metadata(claim(path.iter().map(String::as_str), one_text_of(values)));
        match self {
            Self::RequestPrincipal => {
                let mut each: Vec<Principal> = values.iter().map(|value| request_principal(value)).collect();
                Ok(if each.len() == 1 { each.remove(0) } else { any_of(each) })
            }
            Self::Audiences => Ok(of_claim(&["aud".into()])),
            Self::Presenter => Ok(of_claim(&["azp".into()])),
            Self::Claim(key) => Ok(of_claim(&nested_names(key.strip_prefix("request.auth.claims").unwrap_or(key)).ok_or(Unusable)?)),
            _ => Err(Unusable),
        }
    }

    fn principal(&self, value: &str, target: Target) -> Usable<Principal> {
        let mut principal = Principal::default();
        let named = |name| named(name, target.by_state);
        match self {
            Self::SourceIp => principal.direct_remote_ip = Some(addresses(value).ok_or(Unusable)?),
            Self::RemoteIp => principal.remote_ip = Some(addresses(value).ok_or(Unusable)?),
            Self::Namespace => principal = named(regex(format!(".*/ns/{}/.*", value.replace('*', ".*")))),
            Self::ServiceAccount(own) => {
                let (namespace, account) = value.split_once('/').unwrap_or((own, value));
                principal = named(regex(format!("spiffe://.+/ns/{namespace}/(.+/|)sa/{account}(/.+)?")));
            }
            Self::Principal => principal = named(text_after("spiffe://", value)),
            Self::Header(key) if !target.for_tcp => {
                let name = key.strip_prefix("request.headers").unwrap_or(key);
                let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).ok_or(Unusable)?;
                principal.header = Some(header(name, value));
            }
            _ => return Err(Unusable),
        }
        Ok(principal)
    }
}

/// Who the peer is, by its certificate or by what the tunnel's end has written down of it.
fn named(name: StringMatcher, by_state: bool) -> Principal {
    if by_state {
        let matcher = FilterStateMatcher { key: "io.istio.peer_principal".into(), string_match: Some(name) };
        return Principal { filter_state: Some(matcher), ..Principal::default() };
    }
    Principal { authenticated: Some(Authenticated { principal_name: Some(name) }), ..Principal::default() }
}

fn of_metadata(matcher: MetadataMatcher) -> Principal {
    Principal { metadata: Some(matcher), ..Principal::default() }
}

/// One of several.
pub(super) fn any_of(ids: Vec<Principal>) -> Principal {
    Principal { or_ids: Some(PrincipalSet { ids }), ..Principal::default() }
}

/// One of several.
pub(super) fn any_permission_of(rules: Vec<Permission>) -> Permission {
    Permission { or_rules: Some(PermissionSet { rules }), ..Permission::default() }
}

/// `issuer/subject`, where the issuer may have slashes of its own.
fn request_principal(value: &str) -> Principal {
    let parts = value.rsplit_once('/');
    let (issuer, subject) = if value == "*" {
        (something(), something())
    } else if let Some(end) = value.strip_prefix('*') {
        match parts {
            Some((issuer, subject)) => (if issuer == "*" { something() } else { suffix(issuer.strip_prefix('*').unwrap_or(issuer)) }, exact(subject)),
            None => (something(), suffix(end)),
        }
    } else if let Some(start) = value.strip_suffix('*') {
        match parts {
            Some((issuer, subject)) => (exact(issuer), if subject == "*" { something() } else { prefix(subject.strip_suffix('*').unwrap_or(subject)) }),
            None => (prefix(start), something()),
        }
    } else {
        let (issuer, subject) = parts.unwrap_or((value, ""));
        (exact(issuer), exact(subject))
    };
    let ids = vec![of_metadata(plain_claim("iss", issuer)), of_metadata(plain_claim("sub", subject))];
    Principal { and_ids: Some(PrincipalSet { ids }), ..Principal::default() }
}

/// `[a][b]` as two names; where brackets do not pair, all between the outermost as one.
fn nested_names(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'))?;
    let names: Vec<&str> = inner.split("][").collect();
    if names.iter().any(|name| name.contains(['[', ']'])) { Some(vec![inner.to_owned()]) } else { Some(names.into_iter().map(str::to_owned).collect()) }
}
