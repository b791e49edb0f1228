#[test]
fn todo_report() {
    assert!(super::all().len() > 300, "{}", super::all().len());
    println!("{}", super::all().len());
}
