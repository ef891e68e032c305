//! Ranges of addresses.

use std::net::IpAddr;

/// The first address of the range that has so many leading bits in common with an address; more bits than it has are all of them.
pub(super) fn first_of_range(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4((address.to_bits() & u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0)).into()),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & u128::MAX.checked_shl(128_u32.saturating_sub(bits)).unwrap_or(0)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_that_do_not_count_are_cleared() {
        for (address, bits, first) in [("10.1.2.3", 8, "10.0.0.0"), ("10.1.2.3", 32, "10.1.2.3"), ("10.1.2.3", 40, "10.1.2.3"), ("10.1.2.3", 0, "0.0.0.0")] {
            assert_eq!(first_of_range(address.parse().unwrap(), bits), first.parse::<IpAddr>().unwrap(), "{address}/{bits}");
        }
        for (address, bits, first) in [("fd00:1::2", 16, "fd00::"), ("fd00:1::2", 128, "fd00:1::2"), ("fd00:1::2", 0, "::")] {
            assert_eq!(first_of_range(address.parse().unwrap(), bits), first.parse::<IpAddr>().unwrap(), "{address}/{bits}");
        }
    }
}
