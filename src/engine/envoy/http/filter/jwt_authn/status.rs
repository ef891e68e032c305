//! What can be wrong with a token, in Envoy's words and in more of them.

/// A verdict on a token. The texts are those of the body that the client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Missing,
    BadFormat,
    BadHeaderBase64,
    BadHeaderJson,
    BadAlgorithm,
    UnknownAlgorithm,
    BadPayloadBase64,
    BadPayloadJson,
    BadSignatureBase64,
    UnknownIssuer,
    Expired,
    AudienceNotAllowed,
    NoKeys,
    VerificationFails,
    /// Of a token whose signature nobody can vouch for here.
    Unverifiable,
}

impl Status {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Missing => "Jwt is missing",
            Self::BadFormat => "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
            Self::BadHeaderBase64 => "Jwt header is an invalid Base64url encoded",
            Self::BadHeaderJson => "Jwt header is an invalid JSON",
            Self::BadAlgorithm => "Jwt header [alg] field is required but missing or not a string",
            Self::UnknownAlgorithm => "Jwt header [alg] is not supported",
            Self::BadPayloadBase64 => "Jwt payload is an invalid Base64url encoded",
            Self::BadPayloadJson => "Jwt payload is an invalid JSON",
            Self::BadSignatureBase64 => "Jwt signature is an invalid Base64url encoded",
            Self::UnknownIssuer => "Jwt issuer is not configured",
            Self::Expired => "Jwt is expired",
            Self::AudienceNotAllowed => "Audiences in Jwt are not allowed",
            Self::NoKeys => "Jwks doesn't have any valid public key",
            Self::VerificationFails | Self::Unverifiable => "Jwt verification fails",
        }
    }

    /// In a sentence for a learner.
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Missing => "no token was sent where one is looked for.",
            Self::BadFormat
            | Self::BadHeaderBase64
            | Self::BadHeaderJson
            | Self::BadAlgorithm
            | Self::UnknownAlgorithm
            | Self::BadPayloadBase64
            | Self::BadPayloadJson
            | Self::BadSignatureBase64 => "what was sent in the place of a token is none.",
            Self::UnknownIssuer => "no rule names its issuer for the place where it was sent.",
            Self::Expired => "its time is over.",
            Self::AudienceNotAllowed => "it was not made for any of the audiences that the rule names.",
            Self::NoKeys => "the issuer's keys are not there: they are fetched by istiod, and here there is no network to fetch them from.",
            Self::VerificationFails => "it was not signed by any of the issuer's keys.",
            Self::Unverifiable => "its signature cannot be computed here, so a token that is written out counts as badly signed.",
        }
    }
}
