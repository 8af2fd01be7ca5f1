use async_iterable_bridge::Row;

#[derive(Row)]
struct Person {
    #[row(rename = 1)]
    name: String,
}

fn main() {}
