//! The whole path of a request: "workload A calls a URL", hop by hop.
//!
//! The engine's façade for pages, course and terminal: plain data in the user's terms.

mod access;
mod access_logs;
mod ambient;
mod analysis;
mod answer;
mod apply;
mod capture;
mod credential;
mod describe;
mod diff;
mod expect;
mod journey;
mod limits;
mod load;
mod names;
mod operator;
mod proxy_config;
mod pushes;
mod requests;
mod scene;
mod send;
mod server;
mod settings;
mod suite;
mod switches;
mod url;

pub use access::{Access, AccessCell, AccessVerdict, Transport};
pub use answer::{Answer, AnswerPart};
pub use apply::{Applied, apply};
pub use credential::{Certificate, Token, claims_from_lines};
pub use diff::{Difference, FieldChange, HopChange, Kind as ChangeKind, PartChange, ProxyChange, ResourceChange};
pub use expect::{ExpectError, Expectation, Judged};
pub use journey::{Copies, Hop, HopRole, Journey, Request, RequestError};
pub use load::{Load, LoadError, LoadRun};
pub use operator::Operator;
pub use proxy_config::{ConfigKind, Filter as ProxyConfigFilter, PodError, Pushed, Row, Table};
pub use requests::{Requests, RequestsError};
pub use scene::{Caller, OUTSIDE, Scene};
pub use send::headers_from_lines;
pub use suite::{Case, CaseReport, Suite, SuiteError};
pub use switches::{DefaultMtls, MOST_NAMESPACES, Membership, Outbound, SwitchError, Switches};
