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
pub(super) fn check(value: &str) -> Result<(), String> {
    if value.bytes().any(|b| b != b'\t' && (b < 0x20 || b == 0x7F)) {
        return Err("a header's value cannot hold control characters or line breaks".into());
    }
    let mut state = State::Literal;
    let mut bytes = value.bytes().peekable();
    while let Some(byte) = bytes.next() {
        state = match (state, byte) {
            (State::Literal, b'%') => match bytes.peek() {
                None => return Err(unescaped(value)),
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
                    return Err(format!("{value:?} ends with a backslash within a variable"));
                }
                State::String
            }
            (State::String | State::ArgumentsEnd, b')') => State::VariableEnd,
            (State::String, b'"') => State::DelimiterOrEnd,
            (state @ (State::DelimiterOrEnd | State::StringStart | State::ArgumentsEnd | State::VariableEnd), other) => {
                if other != b' ' {
                    return Err(format!("{value:?} holds a variable with {:?} where its arguments or its closing % should go on", char::from(other)));
                }
                state
            }
            (state, _) => state,
        };
    }
    match state {
        State::Literal => Ok(()),
        _ => Err(unescaped(value)),
    }
}

fn unescaped(value: &str) -> String {
    format!("{value:?} starts a variable with % and does not end it; write %% for a percent sign")
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
