use async_iterable_bridge::Row;

#[derive(Row)]
#[row(rename = "Human")]
struct Person {
    name: String,
}

fn main() {}
