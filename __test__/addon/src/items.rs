//! Streams of every type of item.

use async_iterable_bridge::{
    bridge, AsyncIterableBridge, Columns, Item, Layout, Napi, Options, Overflow, Row,
};
use bytes::Bytes;
use napi::bindgen_prelude::{Function, JsObjectValue, JsValue, ToNapiValue, Unknown};
use napi::sys;
use napi_derive::napi;
use serde_json::{json, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn of<T: Item>(values: impl IntoIterator<Item = T> + Send + 'static) -> AsyncIterableBridge<T> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        for value in values {
            let sent = producer.blocking_send(value);
            sent.map_err(|refusal| refusal.map(drop))?;
        }
        Ok(())
    })
}

/// Exports a function without arguments for each of some streams.
macro_rules! streams {
    ($($name:ident: $type:ty = $values:expr;)*) => {$(
        #[napi]
        pub fn $name() -> AsyncIterableBridge<$type> {
            of::<$type>($values)
        }
    )*};
}

#[derive(Clone, Row)]
pub struct Person {
    id: u32,
    full_name: String,
    #[row(rename = "ANSWER")]
    answer: Option<f64>,
    r#type: Kind,
    address: Address,
    tags: Vec<String>,
    samples: Vec<f32>,
    picture: Vec<u8>,
    friends: Vec<Address>,
    balance: i64,
    seen: SystemTime,
}

#[derive(Clone, Copy, Row)]
pub enum Kind {
    PlainUser,
    #[row(rename = "the administrator")]
    Administrator,
}

#[derive(Clone, Row)]
pub struct Address {
    street: Cow<'static, str>,
    coordinates: Option<(f64, f64)>,
}

#[derive(Clone, Row)]
#[row(rename_all = "snake_case")]
pub enum Entry {
    PlainFile {
        path: PathBuf,
        #[row(number)]
        size: u64,
        /// Bound by a name of the macro's own.
        columns: Vec<String>,
    },
    #[row(rename_all = "UPPERCASE")]
    Link {
        to: Box<Address>,
        next_hop: u8,
    },
    Nothing,
    Raw {
        r#match: u8,
        utf8_len: u8,
    },
}

#[derive(Clone, Row)]
#[row(tag = "kind")]
pub enum Tagged {
    #[row(rename = "first one")]
    First,
    Second,
}

#[derive(Clone, Row)]
#[row(rename_all = "kebab-case")]
pub struct Various {
    shared_by_arc: Arc<Address>,
    three_numbers: [f64; 3],
    a_hash: [u8; 4],
    pairs_of: [(u8, bool); 2],
    took: Duration,
    #[row(number)]
    sizes: Vec<i64>,
    #[row(number, rename = "size?")]
    size: Option<usize>,
    #[row(skip)]
    #[allow(dead_code)]
    socket: Option<Arc<std::net::TcpStream>>,
    by_name: BTreeMap<String, Option<Entry>>,
}

#[derive(Row)]
pub struct Generic<T> {
    value: T,
    #[row(rename = "__proto__")]
    prototype: u8,
    #[row(rename = "it's \"odd\"\n\u{1f680}")]
    odd: bool,
}

#[derive(Row)]
pub struct Converted {
    id: u32,
    value: Napi<Picky>,
}

/// A value that napi-rs cannot convert when it is negative.
pub struct Picky(i32);

impl ToNapiValue for Picky {
    #[allow(unsafe_code)]
    // SAFETY (of the caller): as that of the trait.
    unsafe fn to_napi_value(
        env: sys::napi_env,
        Picky(number): Self,
    ) -> napi::Result<sys::napi_value> {
        if number < 0 {
            return Err(napi::Error::from_reason(format!("{number} is negative")));
        }
        // SAFETY: the caller upholds the contract of the trait.
        unsafe { i32::to_napi_value(env, number) }
    }
}

/// A number whose decoder exposes the shared numbers to the program.
#[derive(Clone)]
pub struct Shown(f64);

impl Item for Shown {
    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        size_of::<f64>()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        columns.number(self.0);
    }

    fn batch_layout() -> Layout {
        Layout::batch("(count, numbers) => globalThis.decodeShown(count, numbers)")
    }
}

/// A value whose conversion calls the program.
pub struct Calling;

impl ToNapiValue for Calling {
    #[allow(unsafe_code)]
    // SAFETY (of the caller): as that of the trait.
    unsafe fn to_napi_value(env: sys::napi_env, _: Self) -> napi::Result<sys::napi_value> {
        let global = napi::Env::from_raw(env).get_global()?;
        let called: Function<'_, (), Unknown<'_>> = global.get_named_property("convertCalling")?;
        Ok(called.call(())?.raw())
    }
}

fn people() -> Vec<Person> {
    let somewhere = Address {
        street: "Hauptstraße 1".into(),
        coordinates: Some((52.5, -0.25)),
    };
    let nowhere = Address {
        street: "".into(),
        coordinates: None,
    };
    vec![
        Person {
            id: u32::MAX,
            full_name: "Ada 👩‍🚀".into(),
            answer: Some(42.5),
            r#type: Kind::PlainUser,
            address: somewhere.clone(),
            tags: vec!["a".into(), "中文".into()],
            samples: vec![0.5, -1.0],
            picture: vec![1, 2, 3],
            friends: vec![nowhere.clone(), somewhere.clone()],
            balance: i64::MIN,
            seen: UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
        },
        Person {
            id: 0,
            full_name: String::new(),
            answer: None,
            r#type: Kind::Administrator,
            address: nowhere,
            tags: vec![],
            samples: vec![],
            picture: vec![],
            friends: vec![],
            balance: -1,
            seen: UNIX_EPOCH - Duration::from_millis(1),
        },
    ]
}

streams! {
    items_i8: i8 = [i8::MIN, 0, i8::MAX];
    items_u8: u8 = [0, u8::MAX];
    items_i16: i16 = [i16::MIN, i16::MAX];
    items_u16: u16 = [0, u16::MAX];
    items_i32: i32 = [i32::MIN, -1, i32::MAX];
    items_u32: u32 = [0, u32::MAX];
    items_i64: i64 = [i64::MIN, -1, 0, i64::MAX];
    items_u64: u64 = [0, 1 << 63, u64::MAX, 0x7FF0_0000_0000_0001];
    items_isize: isize = [-1, 1];
    items_usize: usize = [0, 1];
    items_i128: i128 = [i128::MIN, -1, 0, i128::MAX];
    items_u128: u128 = [0, 1 << 64, u128::MAX];
    items_f32: f32 = [0.5, f32::MAX, f32::NAN];
    items_f64: f64 = [0.1, -0.0, f64::MAX, f64::NAN, f64::INFINITY];
    items_bool: bool = [true, false];
    items_char: char = ['a', 'ß', '中', '🚀', '\0'];
    items_string: String = ["".into(), "plain".into(), "grün 中 🚀".into()];
    items_str: &'static str = ["static"];
    items_box_str: Box<str> = ["boxed".into()];
    items_arc_str: Arc<str> = ["shared".into()];
    items_cow: Cow<'static, str> = [Cow::Borrowed("borrowed"), Cow::Owned("owned".into())];
    items_buffer: Vec<u8> = [vec![], vec![1, 2, 3], vec![7; 100_000], vec![255]];
    items_bytes: Bytes = [Bytes::from_static(b"static"), Bytes::from(vec![0])];
    items_option: Option<String> = [None, Some("some".into()), Some("".into())];
    items_nested_option: Option<Option<u8>> = [None, Some(None), Some(Some(1))];
    items_unit: () = [(), ()];
    items_tuple: (u8, String, Option<bool>, (f64,)) = [(1, "one".into(), None, (0.5,))];
    items_i8_array: Vec<i8> = [vec![], vec![-1, 1]];
    items_i16_array: Vec<i16> = [vec![-1], vec![1, 2]];
    items_u16_array: Vec<u16> = [vec![u16::MAX]];
    items_i32_array: Vec<i32> = [vec![i32::MIN]];
    items_u32_array: Vec<u32> = [vec![u32::MAX, 1]];
    items_i64_array: Vec<i64> = [vec![i64::MIN, 1]];
    items_u64_array: Vec<u64> = [vec![u64::MAX]];
    items_f32_array: Vec<f32> = [vec![0.5], vec![], vec![1.5, 2.5]];
    items_f64_array: Vec<f64> = [vec![0.1, f64::NAN], vec![]];
    items_mixed_arrays: (Vec<u8>, Vec<f64>, Vec<u16>, Vec<i64>) =
        [(vec![1], vec![2.5], vec![3], vec![4]), (vec![1; 3], vec![0.5; 2], vec![9; 5], vec![-4])];
    items_large_array: Vec<f64> = [(0..100_000).map(f64::from).collect()];
    items_strings: Vec<String> = [vec![], vec!["a".into(), "b".into()]];
    items_many_strings: Vec<String> = [vec!["a".into()], (0..20_000).map(|n| n.to_string()).collect(), vec!["z".into()]];
    items_bools: Vec<bool> = [vec![true, false]];
    items_nested: Vec<Vec<Option<Vec<u8>>>> = [vec![vec![None, Some(vec![1])], vec![]]];
    items_date: SystemTime = [UNIX_EPOCH, UNIX_EPOCH + Duration::from_micros(1_500)];
    items_json: Value = [json!(null), json!({ "a": [1, "zwei", { "__proto__": 3 }], "ü": 0.5 }), json!("\u{2028}")];
    items_person: Person = people();
    items_kind: Kind = [Kind::PlainUser, Kind::Administrator, Kind::PlainUser];
    items_entry: Entry = entries();
    items_tagged: Tagged = [Tagged::First, Tagged::Second];
    items_various: Various = [various(Vec::new()), various(entries().into())];
    items_map: BTreeMap<&'static str, u8> = [
        BTreeMap::from([("toString", 1), ("__proto__", 2), ("polluted", 3), ("b", 4), ("a", 5)]),
        BTreeMap::new(),
    ];
    items_hash_map: HashMap<String, Vec<u8>> = [HashMap::from([("ü".to_owned(), vec![1, 2])])];
    items_boxes: Box<Option<Arc<f64>>> = [Box::new(None), Box::new(Some(Arc::new(0.5)))];
    items_hashes: [u8; 3] = [[1, 2, 3], [4, 5, 6]];
    items_duration: Duration = [Duration::ZERO, Duration::from_micros(1500), Duration::from_secs(86_400)];
    items_path: PathBuf = ["/tmp/ü".into(), PathBuf::new()];
    items_generic: Generic<Option<String>> = [
        Generic { value: Some("generic".into()), prototype: 7, odd: true },
    ];
    items_napi: Napi<Vec<(u32, String)>> = [Napi::new(vec![(1, "one".into())]), Napi::new(vec![])];
    items_optional_napi: Option<Napi<bool>> = [None, Some(true.into()), None, Some(false.into())];
    items_failing_napi: Napi<Picky> = [1, 2, -3, 4].map(|number| Picky(number).into());
    items_failing_first: Napi<Picky> = [-3, 4].map(|number| Picky(number).into());
    items_calling: Napi<Calling> = [Napi::new(Calling), Napi::new(Calling)];
    items_shown: Shown = [Shown(1.0), Shown(2.0)];
    items_failing_row: Converted =
        [1, 2, -3, 4].map(|number| Converted { id: 10, value: Picky(number).into() });
}

fn entries() -> [Entry; 5] {
    let file = |size: u64| Entry::PlainFile {
        path: format!("/tmp/{size}").into(),
        size,
        columns: vec!["a".into(); size as usize % 3],
    };
    let to = Box::new(Address {
        street: "x".into(),
        coordinates: None,
    });
    [
        file(1),
        Entry::Link { to, next_hop: 3 },
        Entry::Nothing,
        Entry::Raw {
            r#match: 1,
            utf8_len: 2,
        },
        file(1 << 53),
    ]
}

fn various(entries: Vec<Entry>) -> Various {
    let by_name = entries.into_iter().map(Some).chain([None]).enumerate();
    Various {
        shared_by_arc: Arc::new(Address {
            street: "shared".into(),
            coordinates: Some((1.0, 2.0)),
        }),
        three_numbers: [1.0, 2.5, -3.0],
        a_hash: [1, 2, 3, 4],
        pairs_of: [(1, true), (2, false)],
        took: Duration::from_millis(1500),
        sizes: vec![-1, 1 << 40],
        size: None,
        socket: None,
        by_name: by_name
            .map(|(index, entry)| (format!("n{index}"), entry))
            .collect(),
    }
}

/// Sends Buffers of these lengths, each filled with its index.
#[napi]
pub fn buffers(lengths: Vec<u32>) -> AsyncIterableBridge<Vec<u8>> {
    of(lengths
        .into_iter()
        .enumerate()
        .map(|(index, length)| vec![index as u8; length as usize]))
}

/// Sends rows of a text and a Buffer, of these lengths.
#[napi]
pub fn text_and_buffers(
    texts: Vec<u32>,
    buffers: Vec<u32>,
) -> AsyncIterableBridge<(String, Vec<u8>)> {
    of(texts
        .into_iter()
        .zip(buffers)
        .map(|(text, buffer)| ("ü".repeat(text as usize), vec![text as u8; buffer as usize])))
}

/// A number that crosses in batches with a head: the count of their items, and the first number. Each number crosses
/// as its difference to the first.
pub struct Headed(f64);

impl Item for Headed {
    const JOINS: bool = false;

    fn layout() -> Layout {
        f64::layout()
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    fn encode(&self, columns: &mut Columns<'_>) {
        self.0.encode(columns);
    }

    fn batch_layout() -> Layout {
        Layout::batch(
            "(count, numbers) =>
                Array.from({ length: count }, (_, index) => numbers[0] + numbers[index + 1])",
        )
    }

    fn encode_batch(items: &[Self], columns: &mut Columns<'_>) {
        let first = items[0].0;
        columns.number(first);
        for Headed(number) in items {
            columns.number(number - first);
            columns.finish_item();
        }
    }
}

/// Sends the numbers below `items`, some alone and some together.
#[napi]
pub fn headed(items: u32) -> AsyncIterableBridge<Headed> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        let mut numbers = (0..items).map(|number| Headed(number.into()));
        while let Some(number) = numbers.next() {
            producer.blocking_send(number)?;
            let sent = producer.blocking_send_all(numbers.by_ref().take(10));
            sent.map_err(|refusal| refusal.map(drop))?;
        }
        Ok(())
    })
}

type Mixed = (f64, String, Vec<f32>, Napi<u32>);

/// Sends rows of every column; all but the last `capacity` are dropped before the first is read.
#[napi]
pub fn latest_rows(items: u32, capacity: u32, together: bool) -> AsyncIterableBridge<Mixed> {
    let options = Options::new()
        .capacity(capacity as usize)
        .overflow(Overflow::DropOldest);
    let (producer, stream) = bridge(options);
    let row = |number: u32| {
        let samples = vec![number as f32; number as usize % 3];
        let text = format!("ü{number}");
        (number.into(), text, samples, Napi::new(number))
    };
    if together {
        let _ = producer.blocking_send_all((0..items).map(row));
    } else {
        for number in 0..items {
            let _ = producer.try_send(row(number));
        }
    }
    stream
}
