//! The options that a handle of a channel gives to the code that opens an end.

#[derive(Clone, Copy, Debug)]
pub struct EndOptions {
    /// The time slice of the receiver, in milliseconds.
    pub time_slice: f64,
    pub overflow: Overflow,
}

/// The policy of a sender for an item for which there is no capacity.
#[derive(Clone, Copy, Debug)]
pub enum Overflow {
    Block,
    DropOldest,
    DropNewest,
    Error,
}

impl Overflow {
    const ALL: [Overflow; 4] = [
        Overflow::Block,
        Overflow::DropOldest,
        Overflow::DropNewest,
        Overflow::Error,
    ];

    /// Returns the policy that has this name in `lib/support/options.js`.
    pub fn from_name(name: &str) -> Option<Overflow> {
        let mut all = Overflow::ALL.into_iter();
        all.find(|overflow| overflow.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Overflow::Block => "block",
            Overflow::DropOldest => "drop-oldest",
            Overflow::DropNewest => "drop-newest",
            Overflow::Error => "error",
        }
    }
}
