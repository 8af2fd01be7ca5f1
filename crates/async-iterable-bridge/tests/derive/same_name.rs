use async_iterable_bridge::Row;

#[derive(Row)]
struct Person {
    full_name: String,
    #[row(rename = "fullName")]
    other: String,
}

fn main() {}
