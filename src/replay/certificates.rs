//! Throw-away certificates: made for one replay, signed by an authority of its own, never written to a disk outside its folder.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime},
};

use super::ReplayError;
use crate::engine::envoy::{Call, Tls, offered_protocols};

/// Whose certificate a client shows where the call does not say.
const SOME_PRINCIPAL: &str = "cluster.local/ns/default/sa/default";

/// What a stub takes where TLS is passed through to it: all that clients in a mesh offer.
const SPOKEN: &[&str] = &["http/1.1", "h2", "istio-peer-exchange", "istio", "istio-http/1.0", "istio-http/1.1", "istio-h2"];

/// An authority that servers trust, one that they do not, and a server's certificate.
pub(super) struct Certificates {
    trusted: Issuer<'static, KeyPair>,
    other: Issuer<'static, KeyPair>,
    authority_pem: String,
    server: (String, String),
    provider: Arc<CryptoProvider>,
}

pub(super) fn failed(error: impl std::fmt::Display) -> ReplayError {
    ReplayError::Certificate(error.to_string())
}

impl Certificates {
    pub(super) fn new() -> Result<Self, ReplayError> {
        let (trusted, authority_pem) = authority("meshwright replay")?;
        let (other, _) = authority("meshwright replay, not trusted")?;
        let (certificate, key) = leaf(&trusted, &[SanType::DnsName("localhost".try_into().map_err(failed)?)])?;
        let server = (certificate.pem(), key.serialize_pem());
        Ok(Self { trusted, other, authority_pem, server, provider: Arc::new(ring::default_provider()) })
    }

    /// What servers trust, as PEM.
    pub(super) fn authority(&self) -> &str {
        &self.authority_pem
    }

    /// Certificate and key of every server, as PEM. Clients of a replay take any.
    pub(super) fn server(&self) -> (&str, &str) {
        (&self.server.0, &self.server.1)
    }

    /// How a stub ends TLS that is passed through to it.
    pub(super) fn stub(&self) -> Result<Arc<ServerConfig>, ReplayError> {
        let (certificate, key) = leaf(&self.trusted, &[])?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions().map_err(failed)?;
        let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private(&key)).map_err(failed)?;
        config.alpn_protocols = SPOKEN.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Ok(Arc::new(config))
    }

    /// How the client of a call speaks TLS; none for one that does not.
    pub(super) fn client(&self, call: &Call) -> Result<Option<Arc<ClientConfig>>, ReplayError> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions().map_err(failed)?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyServer(Arc::clone(&self.provider))));
        let mut config = match call.tls {
            Tls::Plaintext => return Ok(None),
            Tls::Tls => builder.with_no_client_auth(),
            Tls::Mtls => {
                let peer = call.peer.as_ref();
                let principal = peer.map_or(SOME_PRINCIPAL, |peer| &peer.principal);
                let issuer = if peer.is_some_and(|peer| peer.trusted == Some(false)) { &self.other } else { &self.trusted };
                let (certificate, key) = leaf(issuer, &[SanType::URI(format!("spiffe://{principal}").try_into().map_err(failed)?)])?;
                builder.with_client_auth_cert(vec![certificate.der().clone()], private(&key)).map_err(failed)?
            }
        };
        config.alpn_protocols = offered_protocols(call).iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Ok(Some(Arc::new(config)))
    }
}

fn authority(name: &str) -> Result<(Issuer<'static, KeyPair>, String), ReplayError> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().map_err(failed)?;
    let pem = params.self_signed(&key).map_err(failed)?.pem();
    Ok((Issuer::new(params, key), pem))
}

fn leaf(issuer: &Issuer<'static, KeyPair>, names: &[SanType]) -> Result<(rcgen::Certificate, KeyPair), ReplayError> {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names.to_vec();
    let key = KeyPair::generate().map_err(failed)?;
    Ok((params.signed_by(&key, issuer).map_err(failed)?, key))
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(key.serialize_der().into())
}

/// Takes any certificate: which one a server shows is not what a replay looks at, and both ends are ours.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(&self, message: &[u8], cert: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(&self, message: &[u8], cert: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
