//! Header values with Envoy's variables, such as `%REQ(:path)%`
//! (<https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators>).
//!
//! Only their form is read, as istiod reads it (`header_value_validator.go`), not whether Envoy knows the variable.

enum State {
    Literal,
    Name,
    Arguments,
    DelimiterOrEnd,
    StringStart,
    String,
    ArgumentsEnd,
    VariableEnd,
}

/// What is wrong with the form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A line break or another control character.
    Control,
    /// A percent sign ends the value.
    Unescaped,
    /// A variable begins and does not end.
    Open,
    /// A backslash within a variable ends the value.
    Backslash,
    /// Within a variable, something else should go on.
    Unexpected { wanted: &'static str, found: u8 },
}

impl Fault {
    /// Which values istiod says the same of.
    pub fn gist(self, value: &str) -> String {
        match self {
            Self::Control | Self::Open => format!("{self:?} {value:?}"),
            Self::Unescaped | Self::Backslash => format!("{self:?}"),
            Self::Unexpected { wanted, .. } => format!("no {wanted}"),
        }
    }

    /// In words.
    pub fn message(self, value: &str) -> String {
        match self {
            Self::Control => "a header's value cannot hold control characters or line breaks".into(),
            Self::Unescaped | Self::Open => format!("{value:?} starts a variable with % and does not end it; write %% for a percent sign"),
            Self::Backslash => format!("{value:?} ends with a backslash within a variable"),
            Self::Unexpected { wanted, found } => {
                format!("{value:?} holds a variable with {:?} where {wanted} should follow", char::from(found))
            }
        }
    }
}

/// Reads a value.
pub(super) fn check(value: &str) -> Result<(), Fault> {
    if value.bytes().any(|b| b != b'\t' && (b < 0x20 || b == 0x7F)) {
        return Err(Fault::Control);
    }
    let mut state = State::Literal;
    let mut bytes = value.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let otherwise = |state: State, wanted: &'static str| if byte == b' ' { Ok(state) } else { Err(Fault::Unexpected { wanted, found: byte }) };
        state = match (state, byte) {
            (State::Literal, b'%') => match bytes.peek() {
                None => return Err(Fault::Unescaped),
                Some(b'%') => {
                    bytes.next();
                    State::Literal
                }
                Some(_) => State::Name,
            },
            (State::Name | State::VariableEnd, b'%') => State::Literal,
            (State::Name, b'(') | (State::Arguments, b' ') => State::Arguments,
            (State::Arguments, b'[') | (State::DelimiterOrEnd, b',') => State::StringStart,
            (State::Arguments, _) | (State::StringStart, b'"') => State::String,
            (State::DelimiterOrEnd, b']') => State::ArgumentsEnd,
            (State::String, b'\\') => {
                if bytes.next().is_none() {
                    return Err(Fault::Backslash);
                }
                State::String
            }
            (State::String | State::ArgumentsEnd, b')') => State::VariableEnd,
            (State::String, b'"') => State::DelimiterOrEnd,
            (State::DelimiterOrEnd, _) => otherwise(State::DelimiterOrEnd, "a comma or ]")?,
            (State::StringStart, _) => otherwise(State::StringStart, "a quote")?,
            (State::ArgumentsEnd, _) => otherwise(State::ArgumentsEnd, "its )")?,
            (State::VariableEnd, _) => otherwise(State::VariableEnd, "its closing %")?,
            (state, _) => state,
        };
    }
    match state {
        State::Literal => Ok(()),
        _ => Err(Fault::Open),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn variables_must_be_closed() {
        for fine in ["", "a", "%HOSTNAME%", "100%%", "a %HOSTNAME% b", "%REQ(:path)%", "%UPSTREAM_METADATA([\"ns\", \"key\"])%"] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for bad in ["abc%123", "%START_TIME%%", "%", "%A(", "%UPSTREAM_METADATA([\"ns\" x])%", "a\nb"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
