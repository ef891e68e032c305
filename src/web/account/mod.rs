//! Accounts: signing up, in and out, the password, one's own data, and leaving.

mod passwords;

pub use passwords::Passwords;
