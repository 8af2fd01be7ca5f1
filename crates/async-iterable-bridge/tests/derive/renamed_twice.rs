use async_iterable_bridge::Row;

#[derive(Row)]
struct Person {
    #[row(rename = "a")]
    #[row(rename = "b")]
    name: String,
}

fn main() {}
