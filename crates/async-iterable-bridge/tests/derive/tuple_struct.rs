use async_iterable_bridge::Row;

#[derive(Row)]
struct Pair(u32, u32);

fn main() {}
