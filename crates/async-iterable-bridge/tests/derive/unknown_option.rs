use async_iterable_bridge::Row;

#[derive(Row)]
struct Person {
    #[row(name = "fullName")]
    name: String,
}

fn main() {}
