use super::{Api, Asked, Envelope, Operation, Place, denied, fault};
use crate::model::{Code, Refusal};
use crate::wire::xml::{Document, Limits};

const HEAD: &str = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns='urn:partner.soap.sforce.com'>";

fn asked(inside: &str, action: Option<&str>) -> Result<Asked, Refusal> {
    let text = format!("{HEAD}{inside}</e:Envelope>");
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let place = Place {
        api: Api::Partner,
        version: 60,
    };
    Envelope::read(place, &document)?.asked(action)
}

#[test]
fn a_door_is_found_by_its_path_and_nothing_else_is_one() {
    for (path, api) in [
        ("/services/Soap/u/60.0", Api::Partner),
        ("/services/Soap/c/60.0", Api::Enterprise),
        ("/services/Soap/u/60.0/00D000000000001EAA", Api::Partner),
        ("/services/Soap/c/60.0/00D000000000001", Api::Enterprise),
    ] {
        let place = Place::of(path).unwrap();
        assert_eq!(place, Place { api, version: 60 });
        assert!(path.starts_with(&place.target()));
    }
    for path in [
        "/services/Soap/m/60.0",
        "/services/Soap/s/60.0",
        "/services/Soap/T/60.0",
        "/services/Soap/U/60.0",
        "/services/Soap/class/Jansen",
        "/services/Soap/u",
        "/services/Soap/u/60",
        "/services/Soap/u/060.0",
        "/services/Soap/u/60.1",
        "/services/Soap/u/60.0/",
        "/services/Soap/u/60.0/Jansen",
        "/services/Soap/u/60.0/003000000000001AAA",
        "/services/Soap/u/60.0/00D000000000001EAA/x",
        "/services/soap/u/60.0",
    ] {
        let refusal = Place::of(path).expect_err(path);
        assert!(!refusal.text.contains("Jansen"));
    }
}

#[test]
fn an_envelope_has_one_form() {
    let logout = "<e:Body><logout/></e:Body>";
    assert!(matches!(
        asked(logout, None),
        Ok(Asked::Own(Operation::Logout))
    ));
    for inside in [
        "",
        "<e:Header/>",
        "<e:Body/>",
        "<e:Body>Jansen</e:Body>",
        "<e:Body><logout/><logout/></e:Body>",
        "<e:Body><logout/></e:Body><e:Body><logout/></e:Body>",
        "<e:Body><logout/></e:Body><e:Header/>",
        "<e:Header/><e:Header/><e:Body><logout/></e:Body>",
        "<Body><logout/></Body>",
        "<e:Body e:encodingStyle='Jansen'><logout/></e:Body>",
        "<e:Body><logout xmlns='urn:enterprise.soap.sforce.com'/></e:Body>",
        "<e:Body><x:logout xmlns:x='urn:Jansen'/></e:Body>",
        "<e:Body><e:Fault/></e:Body>",
        "<e:Body><logout>Jansen</logout></e:Body>",
        "<e:Header note='Jansen'/><e:Body><logout/></e:Body>",
    ] {
        let refusal = asked(inside, None).expect_err(inside);
        assert!(!refusal.text.contains("Jansen"), "{}", refusal.text);
    }
    let newer =
        "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body/></e:Envelope>";
    let document = Document::parse(newer.as_bytes(), &Limits::default()).unwrap();
    let place = Place::of("/services/Soap/u/60.0").unwrap();
    assert!(Envelope::read(place, &document).is_err());
}

#[test]
fn the_field_soapaction_agrees_with_the_body() {
    let logout = "<e:Body><logout/></e:Body>";
    for action in [
        None,
        Some(""),
        Some("\"\""),
        Some("logout"),
        Some("\"urn:partner.soap.sforce.com/Soap/logoutRequest\""),
    ] {
        assert!(asked(logout, action).is_ok(), "{action:?}");
    }
    for action in [
        "create",
        "\"create\"",
        "urn:partner.soap.sforce.com/Soap/createRequest",
        "Jansen",
    ] {
        assert!(asked(logout, Some(action)).is_err(), "{action}");
    }
}

#[test]
fn sign_in_is_read_and_neither_name_nor_password_prints() {
    let login = "<e:Body><login><username>portaal</username><password>p&lt;w&amp;123456</password></login></e:Body>";
    let Ok(Asked::Own(operation)) = asked(login, None) else {
        panic!("it is a sign-in");
    };
    assert!(!format!("{operation:?}").contains("123456"));
    let Operation::Login { username, password } = operation else {
        panic!("it is a sign-in");
    };
    assert_eq!(
        (username.as_str(), password.expose()),
        ("portaal", b"p<w&123456".as_slice())
    );
}

#[test]
fn the_session_is_that_of_the_header() {
    let text = format!(
        "{HEAD}<e:Header><SessionHeader><sessionId> 00D!x </sessionId></SessionHeader></e:Header><e:Body><logout/></e:Body></e:Envelope>"
    );
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let place = Place::of("/services/Soap/u/60.0").unwrap();
    let envelope = Envelope::read(place, &document).unwrap();
    assert!(envelope.session().unwrap().matches(b"00D!x"));
    assert!(!envelope.signs_in());
}

#[test]
fn a_fault_has_the_shape_that_clients_read() {
    let refusal = Refusal::at(
        Code::PolicyBlocked,
        "Contact.Gender__c",
        "the rule says <block>",
    );
    let text = String::from_utf8(fault(Api::Partner, &refusal)).unwrap();
    let inside = "<soapenv:Fault><faultcode>sf:TXN_SECURITY_NO_ACCESS</faultcode>\
        <faultstring>TXN_SECURITY_NO_ACCESS: Contact.Gender__c: the rule says &lt;block&gt; [sluis policy-blocked]</faultstring>\
        <detail><sf:UnexpectedErrorFault xsi:type=\"sf:UnexpectedErrorFault\">\
        <sf:exceptionCode>TXN_SECURITY_NO_ACCESS</sf:exceptionCode>\
        <sf:exceptionMessage>Contact.Gender__c: the rule says &lt;block&gt; [sluis policy-blocked]</sf:exceptionMessage>\
        </sf:UnexpectedErrorFault></detail></soapenv:Fault>";
    assert!(text.contains(inside), "{text}");
    let malformed = fault(
        Api::Partner,
        &Refusal::new(Code::BodyMalformed, "malformed"),
    );
    assert!(
        String::from_utf8(malformed)
            .unwrap()
            .contains("<faultcode>soapenv:Client</faultcode>")
    );
    let session = String::from_utf8(denied(Api::Enterprise, "INVALID_SESSION_ID", "x")).unwrap();
    assert!(
        session.contains("xmlns:sf=\"urn:fault.enterprise.soap.sforce.com\""),
        "{session}"
    );
    for bytes in [text.as_bytes(), session.as_bytes()] {
        assert!(Document::parse(bytes, &Limits::default()).is_ok());
    }
}
