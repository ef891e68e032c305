//! The playground: configuration and a request in, the answer with all its reasons out.
