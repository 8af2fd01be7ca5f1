//! The id of a channel: the UUID in its handle, as a number.

use std::fmt;

const PREFIX: &str = "channel:";

/// The numbers of digits between the hyphens of a UUID.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// The number in a handle. It takes 16 bytes, and the text 44.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(u128);

impl Id {
    /// Reads a handle as `lib/channel` makes it. Returns `None` for any other text.
    pub fn parse(handle: &str) -> Option<Id> {
        let mut groups = handle.strip_prefix(PREFIX)?.split('-');
        let mut number = 0;
        for length in GROUPS {
            let group = groups.next().filter(|group| group.len() == length)?;
            number = number << (4 * length) | u128::from_str_radix(group, 16).ok()?;
        }
        groups.next().is_none().then_some(Id(number))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let mut rest = &digits[..];
        let groups = GROUPS.map(|length| {
            let (group, others) = rest.split_at(length);
            rest = others;
            group
        });
        write!(formatter, "{PREFIX}{}", groups.join("-"))
    }
}

#[cfg(all(test, not(bridge_loom)))]
mod tests {
    use super::*;

    const HANDLE: &str = "channel:00112233-4455-6677-8899-aabbccddeeff";

    #[test]
    fn an_id_is_written_as_it_was_read() {
        let id = Id::parse(HANDLE).expect("it is a handle");
        assert_eq!(id, Id(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff));
        assert_eq!(id.to_string(), HANDLE);
    }

    #[test]
    fn other_text_is_no_id() {
        let uuid = &HANDLE[PREFIX.len()..];
        let others = [
            uuid,
            &HANDLE[..HANDLE.len() - 1],
            &format!("{HANDLE}-"),
            &HANDLE.replace("44", "4g"),
            "channel:0011223-34455-6677-8899-aabbccddeeff",
            "channel:",
        ];
        for other in others {
            assert_eq!(Id::parse(other), None, "{other}");
        }
    }
}
