use async_iterable_bridge::Row;

#[derive(Row)]
enum Shape {
    Circle(f64),
    Point,
}

fn main() {}
