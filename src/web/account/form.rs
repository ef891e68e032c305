//! What the forms of this area share: faults beside their fields, rules for names and passwords, where to go afterwards.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    store::Account,
    web::{Error, middleware::session::Session, page::render, urls},
};

const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=254;
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=1024;

/// What is wrong with a form; `field` is the id of the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub field: &'static str,
    pub text: String,
}

/// All that is wrong with a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub list: Vec<Fault>,
    is_too_often: bool,
}

impl Faults {
    pub(super) fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.list.push(Fault { field, text: text.into() });
    }

    pub(super) fn one(field: &'static str, text: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(field, text);
        faults
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The fault of a field; for templates.
    pub(super) fn of(&self, field: &str) -> Option<&str> {
        self.list.iter().find(|fault| fault.field == field).map(|fault| fault.text.as_str())
    }

    fn status(&self) -> StatusCode {
        if self.is_too_often {
            StatusCode::TOO_MANY_REQUESTS
        } else if self.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    /// The page of the form, with the status that its faults deserve.
    pub(super) fn respond(&self, page: &impl askama::Template) -> Result<Response, Error> {
        Ok((self.status(), render(page)?).into_response())
    }
}

/// Refuses a name that nobody could type again.
pub(super) fn check_name(name: &str, faults: &mut Faults) {
    let key = Account::key(name);
    if !NAME_LENGTH.contains(&key.chars().count()) {
        faults.add("name", "Choose a name of 2 to 254 characters, or give your e-mail address.");
    } else if key.chars().any(char::is_control) {
        faults.add("name", "The name holds a character that cannot be seen; type it again.");
    }
}

/// Refuses a password that is easily guessed.
pub(super) fn check_password(field: &'static str, password: &str, name: &str, faults: &mut Faults) {
    if password.chars().count() < *PASSWORD_LENGTH.start() {
        faults.add(field, "The password needs at least 10 characters. A few words in a row make a good one.");
    } else if password.len() > *PASSWORD_LENGTH.end() {
        faults.add(field, "The password is too long; 1,024 characters are enough.");
    } else if Account::key(password) == Account::key(name) {
        faults.add(field, "The password must not be the name.");
    } else if password.chars().all(|letter| password.starts_with(letter)) {
        faults.add(field, "One character over and over is guessed at once; choose another password.");
    }
}

/// Counts a try of a password. One too many becomes a fault of the form, so that nothing typed is lost.
pub(super) fn count_try(session: &Session, name: &str) -> Result<(), Faults> {
    let limits = session.limits();
    let by_address = limits.password_by_address.check(&session.neighbourhood());
    match by_address.and_then(|()| limits.password_by_name.check(&Account::key(name))) {
        Err(Error::TooManyRequests { retry_after }) => {
            let seconds = retry_after.as_secs() + 1;
            let mut faults = Faults::one("password", format!("Too many tries. Wait {seconds} seconds, then try again."));
            faults.is_too_often = true;
            Err(faults)
        }
        _ => Ok(()),
    }
}

/// Where to go after signing in: a path of this portal, whatever a link on another site asks for.
pub(super) fn destination(next: &str) -> &str {
    let is_local = next.starts_with('/') && !next.starts_with("//") && !next.contains(|letter: char| letter == '\\' || letter.is_control());
    if is_local { next } else { urls::PROGRESS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_portal_are_followed() {
        assert_eq!(destination("/course/mesh#istiod"), "/course/mesh#istiod");
        for bad in ["", "https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "/\u{1}", "/\u{7f}", "javascript:alert(1)"] {
            assert_eq!(destination(bad), urls::PROGRESS, "{bad}");
        }
    }

    #[test]
    fn weak_passwords_and_unusable_names_are_told_apart() {
        let told = |name: &str, password: &str| {
            let mut faults = Faults::default();
            check_name(name, &mut faults);
            check_password("password", password, name, &mut faults);
            faults.list.iter().map(|fault| fault.field).collect::<Vec<_>>()
        };
        assert_eq!(told("anna", "correct horse"), Vec::<&str>::new());
        assert_eq!(told(" a ", "correct horse"), ["name"]);
        assert_eq!(told("an\u{7}na", "correct horse"), ["name"]);
        assert_eq!(told("anna", "too short"), ["password"]);
        assert_eq!(told("anna", "aaaaaaaaaaaa"), ["password"]);
        assert_eq!(told("anna.long.name", "Anna.Long.Name"), ["password"]);
        assert_eq!(told("anna", &"x1".repeat(600)), ["password"]);
    }
}
