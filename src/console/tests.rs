use super::*;
use crate::console::routes::matched;

#[test]
fn a_path_is_of_a_form_or_it_is_not() {
    assert_eq!(matched("/people", "/people"), Some(vec![]));
    let found = matched("/people/{}/roles", "/people/sanne.v/roles");
    assert_eq!(found, Some(vec!["sanne.v".to_owned()]));
    for (form, path) in [
        ("/people", "/people/"),
        ("/people/{}", "/people/"),
        ("/people/{}", "/people"),
        ("/people/{}", "/people/a/b"),
        ("/people/{}/roles", "/people/a/role"),
        ("/", "/people"),
        ("/people/{}", "/people/%ff"),
    ] {
        assert_eq!(matched(form, path), None, "{form} {path}");
    }
}

#[test]
fn no_two_routes_answer_one_request_and_each_has_its_roles() {
    for (place, one) in ROUTES.iter().enumerate() {
        let open = matches!(one.kind, Kind::Asset(_));
        assert_eq!(open, one.roles.is_empty(), "{}", one.path);
        let mut others = ROUTES.iter().skip(place + 1);
        let same = others.any(|other| other.method == one.method && other.path == one.path);
        assert!(!same, "{} {}", one.method, one.path);
    }
}
