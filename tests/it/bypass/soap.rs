//! X01-X04: XML that two parsers read differently, and SOAP around it.

use crate::bypass::case::{Case, FAULT, call};
use crate::bypass::runner::run;
use crate::bypass::support::demo;

const PARTNER: &str = "/services/Soap/u/60.0";
const ENTERPRISE: &str = "/services/Soap/c/60.0";

pub fn cases() -> Vec<Case> {
    [entities(), encodings(), namespaces(), packages()].concat()
}

/// A message to the partner door.
fn post(row: &'static str, name: &str, body: &str) -> Case {
    let case = call(row, name, "POST", PARTNER).refused(FAULT);
    case.with(("Content-Type", "text/xml; charset=utf-8"))
        .with(("SOAPAction", "\"\""))
        .body(body.as_bytes())
}

const SESSION: &str = "<SessionHeader><sessionId>{token}</sessionId></SessionHeader>";

/// An envelope with a session: `inside` stands in its body.
fn envelope(prolog: &str, headers: &str, inside: &str) -> String {
    format!(
        "{prolog}<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"urn:partner.soap.sforce.com\" xmlns:sf=\"urn:sobject.partner.soap.sforce.com\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\
         <e:Header>{SESSION}{headers}</e:Header><e:Body>{inside}</e:Body></e:Envelope>"
    )
}

fn create(fields: &str) -> String {
    let record = format!("<sObjects><sf:type>Contact</sf:type>{fields}</sObjects>");
    envelope("", "", &format!("<create>{record}</create>"))
}

fn entities() -> Vec<Case> {
    const ROW: &str = "X01";
    let person = "<create><sObjects><sf:type>Contact</sf:type><sf:LastName>{c}&x;</sf:LastName></sObjects></create>";
    let plain = person.replace("&x;", "");
    let laughs: String = (1..30).fold("<!ENTITY x0 'ha'>".to_owned(), |text, at| {
        let before = format!("&x{};", at - 1).repeat(10);
        format!("{text}<!ENTITY x{at} '{before}'>")
    });
    let mut cases = Vec::new();
    for (name, prolog, inside) in [
        ("a document type", "<!DOCTYPE e>".to_owned(), plain.clone()),
        (
            "an entity",
            "<!DOCTYPE e [<!ENTITY x 'y'>]>".to_owned(),
            person.to_owned(),
        ),
        (
            "a file",
            "<!DOCTYPE e [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>".to_owned(),
            person.to_owned(),
        ),
        (
            "a URL",
            "<!DOCTYPE e SYSTEM 'http://example.nl/{c}'>".to_owned(),
            plain.clone(),
        ),
        (
            "a parameter entity",
            "<!DOCTYPE e [<!ENTITY % p SYSTEM 'http://example.nl/{c}'> %p;]>".to_owned(),
            plain.clone(),
        ),
        (
            "billions of laughs",
            format!("<!DOCTYPE e [{laughs}]>"),
            person.replace("&x;", "&x29;"),
        ),
        (
            "a default attribute",
            "<!DOCTYPE e [<!ATTLIST sf:LastName note CDATA '{c}'>]>".to_owned(),
            plain.clone(),
        ),
        (
            "an entity that nobody declares",
            String::new(),
            person.to_owned(),
        ),
        (
            "an entity of HTML",
            String::new(),
            person.replace("&x;", "&nbsp;"),
        ),
        (
            "a reference to no character",
            String::new(),
            person.replace("&x;", "&#0;"),
        ),
        (
            "a reference beyond Unicode",
            String::new(),
            person.replace("&x;", "&#x110000;"),
        ),
        (
            "a reference that does not end",
            String::new(),
            person.replace("&x;", "&#65"),
        ),
        (
            "a bare ampersand",
            String::new(),
            person.replace("&x;", "& "),
        ),
        ("an instruction", "<?php {c}?>".to_owned(), plain.clone()),
        (
            "a stylesheet",
            "<?xml-stylesheet href='http://example.nl/{c}'?>".to_owned(),
            plain.clone(),
        ),
        ("a comment", "<!-- {c} -->".to_owned(), plain.clone()),
        ("XML 1.1", "<?xml version='1.1'?>".to_owned(), plain.clone()),
        (
            "a declaration that says more",
            "<?xml version='1.0' note='{c}'?>".to_owned(),
            plain,
        ),
    ] {
        cases.push(post(ROW, name, &envelope(&prolog, "", &inside)));
    }
    let deep = "<a>".repeat(100_000);
    cases.push(post(ROW, "depth without end", &envelope("", "", &deep)));
    let wide = format!(
        "<a {}/>",
        (0..5_000)
            .map(|at| format!("a{at}='' "))
            .collect::<String>()
    );
    cases.push(post(
        ROW,
        "thousands of attributes",
        &envelope("", "", &wide),
    ));
    let wide: String = (0..5_000)
        .map(|at| format!("<x xmlns:a{at}='u'>"))
        .collect();
    cases.push(post(
        ROW,
        "thousands of namespaces",
        &envelope("", "", &wide),
    ));
    cases.push(
        post(
            ROW,
            "the five entities",
            &create("<sf:LastName>{c} &amp;&lt;&gt;&quot;&apos;&#65;</sf:LastName>"),
        )
        .allowed(),
    );
    cases
}

fn encodings() -> Vec<Case> {
    const ROW: &str = "X03";
    let mut cases = Vec::new();
    let person = create("<sf:LastName>{c}</sf:LastName>");
    for encoding in [
        "utf-16",
        "UTF-16LE",
        "iso-8859-1",
        "us-ascii",
        "windows-1252",
        "utf-7",
        "ebcdic-cp-us",
        "utf8",
        "{c}",
    ] {
        let text = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{person}");
        cases.push(post(ROW, encoding, &text));
    }
    let marked = format!("\u{feff}{person}");
    cases.push(post(ROW, "a byte order mark", &marked));
    let wide = |order: fn(u16) -> [u8; 2], mark: [u8; 2]| -> Vec<u8> {
        let text = person.encode_utf16().flat_map(order);
        mark.into_iter().chain(text).collect()
    };
    for (name, body) in [
        (
            "UTF-16, little end first",
            wide(u16::to_le_bytes, [0xff, 0xfe]),
        ),
        (
            "UTF-16, big end first",
            wide(u16::to_be_bytes, [0xfe, 0xff]),
        ),
        ("bytes that are no UTF-8", b"<e>\xff{c}</e>".to_vec()),
        (
            "a character in too many bytes",
            b"<e>\xc0\xbc{c}</e>".to_vec(),
        ),
        ("NUL", b"<e>\0{c}</e>".to_vec()),
    ] {
        cases.push(post(ROW, name, "").body(&body));
    }
    let declared = format!("<?xml version='1.0' encoding='utf-8'?>\n{person}");
    cases.push(post(ROW, "UTF-8 in small letters", &declared).allowed());
    cases
}

/// A lead that nobody has, of which the CRM says so in its result.
const LEAD: &str = "<leadId>00Q000000000999</leadId><convertedStatus>Qualified</convertedStatus>";

fn namespaces() -> Vec<Case> {
    const ROW: &str = "X02";
    let mut cases = Vec::new();
    for fields in [
        "<x:LastName xmlns:x='urn:other'>{c}</x:LastName>",
        "<x:LastName xmlns:x='urn:{c}'>x</x:LastName>",
        "<y:LastName>{c}</y:LastName>",
        "<sf:LastName>x</sf:LastName><sf:LastName>{c}</sf:LastName>",
        "<sf:LastName>x</sf:LastName><LastName>{c}</LastName>",
        "<sf:LastName>x</sf:LastName><sf:lastname>{c}</sf:lastname>",
        "<sf:LastName>x</sf:LastName><LastName xmlns=''>{c}</LastName>",
        "<sf:LastName>x</sf:LastName><sf:fieldsToNull>{c}</sf:fieldsToNull>",
        "<sf:LastName>x</sf:LastName><sf:fieldsToNull>LastName</sf:fieldsToNull>",
        "<sf:LastName note='{c}'>x</sf:LastName>",
        "<sf:LastName sf:note='{c}'>x</sf:LastName>",
        "<sf:LastName xml:space='{c}'>x</sf:LastName>",
        "<sf:LastName xsi:type='xsd:{c}'>x</sf:LastName>",
        "<sf:LastName xsi:type='{c}'>x</sf:LastName>",
        "<sf:LastName xsi:schemaLocation='urn:x {c}'>x</sf:LastName>",
        "<sf:LastName xsi:nil='true'>{c}</sf:LastName>",
        "<sf:LastName xsi:nil='{c}'/>",
        "<sf:LastName xsi:nil='true' xsi:nil='false'>{c}</sf:LastName>",
        "<sf:LastName>x<!-- {c} --></sf:LastName>",
        "<sf:LastName>x<?p {c}?></sf:LastName>",
        "<sf:LastName>x<b>{c}</b></sf:LastName>",
        "<sf:LastName><b>{c}</b></sf:LastName>",
        "<sf:LastName><![CDATA[x]]{c}</sf:LastName>",
        "<sf:LastName>]]>{c}</sf:LastName>",
        "<sf:LastName>x</sf:LastName>{c}",
        "{c}<sf:LastName>x</sf:LastName>",
        "<sf:LastName>x</sf:LastName><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='http://example.nl/{c}'/>",
        "<sf:LastName>x</sf:LastName><sf:type>{c}</sf:type>",
        "<sf:LastName>x</sf:LastName><sf:Type>{c}</sf:Type>",
        "<sf:LastName>x</sf:LastName><sf:{c}>x</sf:{c}>",
        "<sf:LastName>x</sf:LastName><sf:{c} xsi:nil='false'/>",
        "<sf:LastName>x</sf:LastName><sf:Id>{c}</sf:Id>",
        "<sf:LastName>x</sf:LastName><sf:AccountId>{c}</sf:AccountId>",
        "<sf:LastName>x</sf:LastName><sf:CreatedDate>{c}</sf:CreatedDate>",
        "<sf:LastName>x</sf:LastName><sf:Account><sf:Name>{c}</sf:Name></sf:Account>",
        "<sf:LastName>x</sf:LastName><sf:Account><sf:type>{c}</sf:type></sf:Account>",
        "<sf:LastName>x</sf:LastName><sf:{c}><sf:type>Account</sf:type></sf:{c}>",
        "<sf:LastName>x</sf:LastName><sf:Gender__c>{c}</sf:Gender__c>",
    ] {
        cases.push(post(ROW, fields, &create(fields)));
    }
    for inside in [
        "<create note='{c}'><sObjects><sf:type>Contact</sf:type></sObjects></create>",
        "<create><sObjects><sf:type>{c}</sf:type></sObjects></create>",
        "<create><sObjects note='{c}'><sf:type>Contact</sf:type></sObjects></create>",
        "<create><sObjects xsi:type='sf:{c}'><sf:type>Contact</sf:type></sObjects></create>",
        "<create><x>{c}</x></create>",
        "<create>{c}</create>",
        "<x:create xmlns:x='urn:{c}'><sObjects><sf:type>Contact</sf:type></sObjects></x:create>",
        "<upsert><externalIDFieldName>{c}</externalIDFieldName><sObjects><sf:type>Contact</sf:type></sObjects></upsert>",
        "<delete><ids>{c}</ids></delete>",
        "<retrieve><fieldList>{c}</fieldList><sObjectType>Contact</sObjectType></retrieve>",
        "<retrieve><fieldList>Id</fieldList><sObjectType>{c}</sObjectType></retrieve>",
        "<query><queryString>SELECT Id FROM Contact WHERE LastName LIKE '{c}%'</queryString></query>",
        "<query><queryString>SELECT {c} FROM Contact</queryString></query>",
        "<query><queryString>{c}</queryString></query>",
        "<queryMore><queryLocator>{c}</queryLocator></queryMore>",
        "<search><searchString>{c}</searchString></search>",
        "<search><searchString>FIND {{c}*} RETURNING Contact(Id)</searchString></search>",
        "<search><searchString>FIND {x} RETURNING Contact(Id)</searchString><searchString>{c}</searchString></search>",
        "<search><searchString>FIND {x} RETURNING Contact(Id)<!-- {c} --></searchString></search>",
        "<search><searchString>FIND {x} RETURNING Contact(Id)<b>{c}</b></searchString></search>",
        "<search><searchString note='{c}'>FIND {x} RETURNING Contact(Id)</searchString></search>",
        "<search><searchString xsi:nil='true'>FIND {{c}} RETURNING Contact(Id)</searchString></search>",
        "<search><x:searchString xmlns:x='urn:{c}'>FIND {x} RETURNING Contact(Id)</x:searchString></search>",
        "<search><searchString>FIND {x} RETURNING Contact(Id)</searchString><x>{c}</x></search>",
        "<search>{c}<searchString>FIND {x} RETURNING Contact(Id)</searchString></search>",
        "<search><searchString>FIND {x} RETURNING {c}(Id)</searchString></search>",
        "<search><searchString>FIND {{c}} RETURNING Contact(Id) WITH SNIPPET</searchString></search>",
        "<describeSObject><sObjectType>{c}</sObjectType></describeSObject>",
        "<convertLead><leadConverts><opportunityName>{c}</opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<x>{c}</x></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<sf:Description>{c}</sf:Description></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<contactRecord><sf:type>Contact</sf:type><sf:LastName>{c}</sf:LastName></contactRecord></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<accountRecord xsi:nil='true'>{c}</accountRecord></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<opportunityName>x</opportunityName><opportunityName>{c}</opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<OpportunityName>{c}</OpportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<x:opportunityName xmlns:x='urn:{c}'>x</x:opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<opportunityName note='{c}'>x</opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<opportunityName xsi:nil='true'>{c}</opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<opportunityName>x<b>{c}</b></opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<ownerId>{c}</ownerId></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<accountId>{c}</accountId></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<contactId>{c}</contactId></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<opportunityId>{c}</opportunityId></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<opportunityId>006000000000001</opportunityId><opportunityName>{c}</opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<relatedPersonAccountId>{c}</relatedPersonAccountId></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}<sendNotificationEmail>{c}</sendNotificationEmail></leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}{c}</leadConverts></convertLead>",
        "<convertLead><leadConverts note='{c}'>{lead}</leadConverts></convertLead>",
        "<convertLead><leadConverts>{lead}</leadConverts><leadConverts>{lead}<opportunityName>{c}</opportunityName></leadConverts></convertLead>",
        "<convertLead><leadConverts><leadId>{c}</leadId></leadConverts></convertLead>",
        "<convertLead><leadConverts><leadId>003000000000001AAA</leadId><opportunityName>{c}</opportunityName></leadConverts></convertLead>",
        "<sendEmail><messages><plainTextBody>{c}</plainTextBody></messages></sendEmail>",
        "<process><actions><comments>{c}</comments></actions></process>",
        "<setPassword><password>{c}</password></setPassword>",
        "<{c}/>",
        "<logout>{c}</logout>",
        "<getUserInfo>{c}</getUserInfo>",
        "<getServerTimestamp><x>{c}</x></getServerTimestamp>",
    ] {
        let message = inside.replace("{lead}", LEAD);
        cases.push(post(ROW, inside, &envelope("", "", &message)));
    }
    let many: String = (0..101)
        .map(|at| {
            let id = format!("<leadId>00Q000000000{at:03}</leadId>");
            format!("<leadConverts>{id}<opportunityName>{{c}}</opportunityName></leadConverts>")
        })
        .collect();
    let many = format!("<convertLead>{many}</convertLead>");
    cases.push(post(
        ROW,
        "a hundred and one leads",
        &envelope("", "", &many),
    ));
    for (name, inside) in [
        (
            "a search",
            "<search><searchString><![CDATA[FIND {{c}}]]> RETURNING&#32;Contact(Id)</searchString></search>",
        ),
        (
            "a conversion that names its opportunity",
            "<convertLead><leadConverts>{lead}<opportunityName>{c}</opportunityName></leadConverts></convertLead>",
        ),
        (
            "a conversion with what says nothing",
            "<convertLead><leadConverts>{lead}<accountId xsi:nil='true'/><accountRecord xsi:nil='true'/>\
             <opportunityName>{c}</opportunityName><sendNotificationEmail>0</sendNotificationEmail></leadConverts></convertLead>",
        ),
    ] {
        let message = inside.replace("{lead}", LEAD);
        cases.push(post(ROW, name, &envelope("", "", &message)).allowed());
    }
    let cdata = "<sf:LastName><![CDATA[{c}]]> x</sf:LastName><sf:LeadSource>Web</sf:LeadSource>";
    cases.push(post(ROW, "a section", &create(cdata)).allowed());
    let spelled = create("<sf:LastName>{c}</sf:LastName>")
        .replace("sf:", "soap-env:")
        .replace("xmlns:sf", "xmlns:soap-env");
    cases.push(post(ROW, "other prefixes", &spelled).allowed());
    let enterprise = create("<sf:LastName>{c}</sf:LastName>")
        .replace("partner", "enterprise")
        .replace(
            "<sObjects><sf:type>Contact</sf:type>",
            "<sObjects xsi:type='sf:Contact'>",
        );
    let mut case = call(ROW, "enterprise", "POST", ENTERPRISE);
    case = case.with(("Content-Type", "text/xml"));
    cases.push(case.clone().body(enterprise.as_bytes()).allowed());
    let other = enterprise.replace("sf:Contact", "sf:{c}");
    cases.push(case.refused(FAULT).body(other.as_bytes()));
    cases
}

fn packages() -> Vec<Case> {
    const ROW: &str = "X04";
    let person = create("<sf:LastName>{c}</sf:LastName>");
    let mut cases = Vec::new();
    for kind in [
        "application/soap+xml; charset=utf-8",
        "application/xop+xml",
        "multipart/related; type=\"application/xop+xml\"; boundary=x",
        "multipart/related; type=\"text/xml\"; boundary=x",
        "text/xml; charset=utf-16",
        "text/xml; charset=iso-8859-1",
        "text/xml; charset=utf-8; action={c}",
        "application/xml",
        "text/plain",
        "application/json",
    ] {
        let case = call(ROW, kind, "POST", PARTNER).refused(FAULT);
        cases.push(case.with(("Content-Type", kind)).body(person.as_bytes()));
    }
    for (method, query) in [
        ("POST", "?wsdl"),
        ("POST", "?{c}"),
        ("GET", "?wsdl"),
        ("GET", ""),
        ("PUT", ""),
    ] {
        let case = call(
            ROW,
            &format!("{method} {query}"),
            method,
            &format!("{PARTNER}{query}"),
        );
        let case = match method {
            "POST" => case.refused(FAULT),
            _ => case,
        };
        let case = case.with(("Content-Type", "text/xml"));
        cases.push(match method {
            "GET" => case,
            _ => case.body(person.as_bytes()),
        });
    }
    for path in [
        "/services/Soap/m/60.0",
        "/services/Soap/s/60.0",
        "/services/Soap/T/60.0",
        "/services/Soap/class/Contacts",
        "/services/Soap/u/60.0/{c}",
        "/services/Soap/u",
        "/services/soap/u/60.0/00D000000000001AAA/x",
    ] {
        let case = call(ROW, path, "POST", path);
        let case = match path.starts_with("/services/Soap/") {
            true => case.refused(FAULT),
            false => case,
        };
        cases.push(
            case.with(("Content-Type", "text/xml"))
                .body(person.as_bytes()),
        );
    }
    let bare = call(ROW, "no media type", "POST", PARTNER).refused(FAULT);
    cases.push(bare.body(person.as_bytes()));
    for action in [
        "delete",
        "\"update\"",
        "urn:partner.soap.sforce.com/Soap/deleteRequest",
        "{c}",
    ] {
        let case = call(ROW, action, "POST", PARTNER).refused(FAULT);
        let case = case
            .with(("Content-Type", "text/xml"))
            .with(("SOAPAction", action));
        cases.push(case.body(person.as_bytes()));
    }
    for header in [
        "<w:Security xmlns:w='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'><w:UsernameToken>{c}</w:UsernameToken></w:Security>",
        "<a:To xmlns:a='http://www.w3.org/2005/08/addressing'>{c}</a:To>",
        "<{c}/>",
        "<QueryOptions><batchSize>{c}</batchSize></QueryOptions>",
        "<QueryOptions e:actor='{c}'><batchSize>200</batchSize></QueryOptions>",
        "<AssignmentRuleHeader><assignmentRuleId>{c}</assignmentRuleId></AssignmentRuleHeader>",
        "<CallOptions><defaultNamespace>{c}</defaultNamespace></CallOptions>",
        "<PackageVersionHeader><packageVersions><namespace>{c}</namespace></packageVersions></PackageVersionHeader>",
        "<LocaleOptions><language>{c}</language></LocaleOptions>",
        "<EmailHeader><triggerUserEmail>{c}</triggerUserEmail></EmailHeader>",
    ] {
        let text = envelope(
            "",
            header,
            "<query><queryString>SELECT Id FROM Contact</queryString></query>",
        );
        cases.push(post(ROW, header, &text));
    }
    let newer = person.replace(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    );
    cases.push(post(ROW, "SOAP 1.2", &newer));
    let styled = person.replace("<e:Body>", "<e:Body e:encodingStyle='{c}'>");
    cases.push(post(ROW, "an encoding style", &styled));
    for (name, session) in [
        ("no session", ""),
        (
            "an empty session",
            "<SessionHeader><sessionId/></SessionHeader>",
        ),
        (
            "a session that nobody gave out",
            "<SessionHeader><sessionId>00D!{c}</sessionId></SessionHeader>",
        ),
        (
            "a session in another namespace",
            "<x:SessionHeader xmlns:x='urn:x'><x:sessionId>{token}</x:sessionId></x:SessionHeader>",
        ),
    ] {
        cases.push(post(ROW, name, &person.replace(SESSION, session)));
    }
    let login = "<login><username>{c}</username><password>{c}123456</password></login>";
    cases.push(post(ROW, "a sign-in of nobody", &envelope("", "", login)));
    for path in ["?wsdl", "?{c}", "/{c}", "/00D000000000001EAA/{c}"] {
        let case = call(ROW, path, "POST", &format!("{PARTNER}{path}")).refused(FAULT);
        cases.push(
            case.with(("Content-Type", "text/xml"))
                .body(person.as_bytes()),
        );
    }
    for path in [
        "/services/Soap/m/60.0",
        "/services/Soap/s/60.0",
        "/services/Soap/T/60.0",
        "/services/Soap/class/{c}",
        "/services/Soap/u/99.0",
        "/services/Soap/u/20.0",
    ] {
        let case = call(ROW, path, "POST", path).refused(FAULT);
        cases.push(
            case.with(("Content-Type", "text/xml"))
                .body(person.as_bytes()),
        );
    }
    let headers = "<CallOptions><client>{c}</client></CallOptions><AllowFieldTruncationHeader><allowFieldTruncation>true</allowFieldTruncation></AllowFieldTruncationHeader>";
    let text = envelope(
        "",
        headers,
        "<create><sObjects><sf:type>Contact</sf:type><sf:LastName>{c}</sf:LastName></sObjects></create>",
    );
    cases.push(post(ROW, "headers that clients send", &text).allowed());
    cases
}

/// The bytes of a message of which not all may be sent.
fn request(host: &str, (coding, length): (&str, usize), body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {PARTNER} HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/xml\r\n\
         Content-Encoding: {coding}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn nobody_unknown_makes_the_border_read_more_than_the_beginning() {
    let demo = demo();
    let _alone = demo.alone();
    let message = |session: &str| {
        let blanks = " ".repeat(20_000);
        let query =
            format!("<query>{blanks}<queryString>SELECT Id FROM Contact</queryString></query>");
        envelope("", "", &query).replace("{token}", session)
    };
    // Five million bytes are announced, and twenty thousand come.
    let stranger = message("00D000000000001!nobody");
    let bytes = request(&demo.host, ("identity", 5_000_000), stranger.as_bytes());
    let answer = demo.exchange(&bytes);
    assert_eq!(answer.status(), 500, "{}", answer.text());
    assert!(answer.text().contains("<faultcode>sf:INVALID_SESSION_ID<"));
    assert!(answer.ended, "the rest is nobody's");
    let known = message(&demo.token);
    let bytes = request(&demo.host, ("identity", known.len()), known.as_bytes());
    let answer = demo.exchange(&bytes);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let known = known.replace(&" ".repeat(15_000), "");
    let coded = sluis::wire::coding::encode_gzip(known.as_bytes(), 6);
    let answer = demo.exchange(&request(&demo.host, ("gzip", coded.len()), &coded));
    assert_eq!(answer.status(), 200, "{}", answer.text());
}

#[test]
fn entities_and_bombs() {
    run(&entities());
}

#[test]
fn other_encodings_than_the_one() {
    run(&encodings());
}

#[test]
fn names_that_two_parsers_read_differently() {
    run(&namespaces());
}

#[test]
fn what_stands_around_a_message() {
    run(&packages());
}
