//! Tests of the web face: the real handlers, without a socket.

mod assets;
