//! The PROXY protocol's header, version 2: tells Envoy where a connection comes from and where it was going before it was captured.
//!
//! <https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt>

use std::net::{IpAddr, Ipv6Addr};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2, PROXY.
const COMMAND: u8 = 0x21;
const TCP_OVER_V4: u8 = 0x11;
const TCP_OVER_V6: u8 = 0x21;

/// The header for a TCP connection. Where one end is IPv6, both are written as such.
pub(super) fn header(source: (IpAddr, u16), destination: (IpAddr, u16)) -> Vec<u8> {
    let mut out = SIGNATURE.to_vec();
    out.push(COMMAND);
    match (source.0, destination.0) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            out.extend([TCP_OVER_V4, 0, 12]);
            out.extend(from.octets());
            out.extend(to.octets());
        }
        (from, to) => {
            out.extend([TCP_OVER_V6, 0, 36]);
            out.extend(as_v6(from).octets());
            out.extend(as_v6(to).octets());
        }
    }
    out.extend(source.1.to_be_bytes());
    out.extend(destination.1.to_be_bytes());
    out
}

fn as_v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_families_have_their_length() {
        let v4: IpAddr = "10.1.0.11".parse().unwrap();
        let v6: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(header((v4, 1), (v4, 9080)).len(), 16 + 12);
        assert_eq!(header((v4, 1), (v6, 9080)).len(), 16 + 36);
        assert!(header((v4, 258), (v4, 9080)).ends_with(&[1, 2, 0x23, 0x78]));
    }
}
