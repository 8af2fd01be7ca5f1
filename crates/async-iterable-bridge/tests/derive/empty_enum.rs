use async_iterable_bridge::Row;

#[derive(Row)]
enum Never {}

fn main() {}
