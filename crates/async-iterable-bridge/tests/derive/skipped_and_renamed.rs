use async_iterable_bridge::Row;

#[derive(Row)]
struct Person {
    #[row(rename = "fullName", skip)]
    name: String,
}

fn main() {}
