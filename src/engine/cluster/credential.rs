//! The certificate that a gateway's Secret holds, as istiod reads it before it hands it out.
//!
//! Retells `ExtractCertInfo` (`pilot/pkg/credentials/kube/secrets.go`) and `ValidateCertificate` (`pilot/pkg/xds/sds.go`) of
//! istio/istio at 1.26.4: the key only has to be there, and of the certificates only the first PEM block is read. Knows no
//! clock: the time is an input.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use x509_cert::{
    Certificate,
    der::{Decode, Reader, SliceReader},
};

use crate::engine::resource::Secret;

/// Why istiod cannot hand out the certificate of a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialFault {
    /// There is no pair of keys that istiod knows.
    Missing,
    /// The values stand under `stringData`, which only the API server turns into `data`.
    StringData,
    /// One of the two values is empty.
    Empty,
    /// The certificate is not PEM.
    NotPem,
    /// The first PEM block is no X.509 certificate.
    NotCertificate,
    /// It does not count any more.
    Expired,
    /// It does not count yet.
    NotYetValid,
}

impl fmt::Display for CredentialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "it has neither tls.crt and tls.key nor cert and key",
            Self::StringData => "its values stand under stringData, of which only the API server makes data; istioctl reads data alone",
            Self::Empty => "its certificate or its key is empty",
            Self::NotPem => "its certificate is not PEM (-----BEGIN CERTIFICATE-----)",
            Self::NotCertificate => "the first PEM block is no X.509 certificate; the server's own comes first, and the key stands apart",
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
        })
    }
}

/// The names under which a Secret may hold a certificate and its key, the first that has both counts.
const PAIRS: [(&str, &str); 2] = [("cert", "key"), ("tls.crt", "tls.key")];

/// Whether Kubernetes can read the Secret at all: every value of `data` is base64.
pub fn is_readable(secret: &Secret) -> bool {
    secret.data.values().all(|value| decoded(value).is_some())
}

/// What keeps istiod from handing out the certificate at a time since the epoch; certificates never expire where that is unknown.
pub fn fault(secret: &Secret, now: Option<Duration>) -> Option<CredentialFault> {
    let pair = PAIRS.iter().find(|(certificate, key)| [certificate, key].iter().all(|name| secret.data.get(**name).is_some_and(|value| !value.is_empty())));
    let Some((certificate, _)) = pair else { return Some(missing(secret)) };
    let Some(block) = secret.data.get(*certificate).and_then(|value| decoded(value)).and_then(|pem| first_block(&String::from_utf8_lossy(&pem))) else {
        return Some(CredentialFault::NotPem);
    };
    let Some(certificates) = certificates(&block) else { return Some(CredentialFault::NotCertificate) };
    let now = now?;
    certificates.iter().find_map(|certificate| {
        let validity = certificate.tbs_certificate().validity();
        let is_over = now > validity.not_after.to_unix_duration();
        let is_to_come = now < validity.not_before.to_unix_duration();
        is_over.then_some(CredentialFault::Expired).or(is_to_come.then_some(CredentialFault::NotYetValid))
    })
}

fn missing(secret: &Secret) -> CredentialFault {
    let has =
        |part: &std::collections::BTreeMap<String, String>| PAIRS.iter().any(|(certificate, key)| part.contains_key(*certificate) && part.contains_key(*key));
    match () {
        () if has(&secret.data) => CredentialFault::Empty,
        () if has(&secret.string_data) => CredentialFault::StringData,
        () => CredentialFault::Missing,
    }
}

/// Base64, in which line breaks do not count.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

/// The bytes of the first block of a PEM text, whatever its label; what stands around it does not count, and a block that is
/// broken is passed over.
fn first_block(text: &str) -> Option<Vec<u8>> {
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else { continue };
        let end = format!("-----END {label}-----");
        let mut rest = lines.clone();
        // Headers such as `Proc-Type: 4,ENCRYPTED` come before the body, which has no colon.
        let body: String = rest.by_ref().take_while(|line| *line != end).filter(|line| !line.contains(':')).collect();
        if let Some(block) = decoded(&body) {
            return Some(block);
        }
    }
    None
}

/// The certificates of a block, one after the other.
fn certificates(block: &[u8]) -> Option<Vec<Certificate>> {
    let mut reader = SliceReader::new(block).ok()?;
    let mut certificates = Vec::new();
    while !reader.is_finished() {
        certificates.push(Certificate::decode(&mut reader).ok()?);
    }
    Some(certificates)
}
