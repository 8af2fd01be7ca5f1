use async_iterable_bridge::Row;

#[derive(Row)]
enum Shape {
    Circle { r#type: String },
    Point,
}

fn main() {}
