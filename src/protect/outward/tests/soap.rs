//! SOAP messages on their way out: the same rules as in JSON, another spelling.

use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::soap::Api;
use crate::model::Code;
use crate::policy::Plan;
use crate::protect::inward::{Answer, Shape, Viewer, read_soap};
use crate::protect::outward::survey;
use crate::protect::trial::soap::{enterprise, message, partner};
use crate::protect::trial::{CONTACT, Trial, changed};
use crate::wire::json::Document;

fn sent(operation: &str) -> String {
    Trial::start()
        .speak(Api::Partner, &partner(operation))
        .unwrap()
        .body
}

fn refused(operation: &str) -> (Code, Option<String>) {
    let refusal = Trial::start()
        .speak(Api::Partner, &partner(operation))
        .map(|sent| sent.body)
        .expect_err(operation);
    assert!(!refusal.text.contains("Jansen"), "{}", refusal.text);
    (refusal.code, refusal.field)
}

fn contact(fields: &str) -> String {
    format!("<sObjects><sf:type>Contact</sf:type>{fields}</sObjects>")
}

/// The text of the first element of that name.
fn text<'a>(body: &'a str, name: &str) -> &'a str {
    let (_, rest) = body
        .split_once(&format!("<{name}>"))
        .unwrap_or_else(|| panic!("{name}: {body}"));
    rest.split_once('<').map_or(rest, |(text, _)| text)
}

#[test]
fn a_record_leaves_with_tokens_and_what_policy_passes() {
    let body = sent(&format!(
        "<create>{}</create>",
        contact(
            "<sf:LastName>de Vries &lt;&amp;&gt; '\u{e9}'</sf:LastName><sf:Email>jan@example.nl</sf:Email>\
             <sf:Birthdate>1980-01-02</sf:Birthdate><sf:LeadSource>A &amp; B</sf:LeadSource>"
        )
    ));
    assert!(text(&body, "sf:LastName").starts_with("tq"), "{body}");
    assert!(
        text(&body, "sf:Email").ends_with("@token.example.eu"),
        "{body}"
    );
    assert_eq!(text(&body, "sf:LeadSource"), "A &amp; B");
    assert!(!body.contains("Birthdate"), "it stays here: {body}");
    assert!(!body.contains("Vries") && !body.contains("1980"), "{body}");
    assert!(body.contains("<AllowFieldTruncationHeader><allowFieldTruncation>false<"));
    assert!(
        body.contains("<create><sObjects><sf:type>Contact</sf:type>"),
        "{body}"
    );
}

#[test]
fn an_enterprise_record_has_its_type_in_an_attribute() {
    let record = "<sObjects xmlns:n='urn:sobject.enterprise.soap.sforce.com' xsi:type='n:Contact'>\
        <n:fieldsToNull>Phone</n:fieldsToNull><n:Id xsi:nil='true'/><n:LastName>Jansen</n:LastName></sObjects>";
    let message = enterprise(&format!("<create>{record}</create>"));
    let body = Trial::start()
        .speak(Api::Enterprise, &message)
        .unwrap()
        .body;
    let record =
        "<sObjects xsi:type=\"sf:Contact\"><sf:fieldsToNull>Phone</sf:fieldsToNull><sf:LastName>tq";
    assert!(body.contains(record), "{body}");
    let other = message.replace("n:Contact", "n:Other");
    let refusal = Trial::start()
        .speak(Api::Enterprise, &other)
        .map(|sent| sent.body);
    assert_eq!(refusal.unwrap_err().code, Code::PolicyUnknownObject);
}

#[test]
fn nothing_of_a_clients_form_leaves() {
    let body = sent(&format!(
        "<jansen:update xmlns:jansen='urn:partner.soap.sforce.com'>\n\t<jansen:sObjects xmlns:hidden='urn:Jansen'>\
         <sf:type>contact</sf:type><sf:Id>{CONTACT}</sf:Id><sf:Id>{CONTACT}</sf:Id>\
         <sf:fieldsToNull>leadSource</sf:fieldsToNull><sf:Phone xsi:nil='true'/>\
         <sf:LastName><![CDATA[Jans]]>e&#110;</sf:LastName></jansen:sObjects></jansen:update>"
    ));
    assert!(!body.to_lowercase().contains("jansen"), "{body}");
    let record = format!(
        "<update><sObjects><sf:type>Contact</sf:type><sf:fieldsToNull>leadSource</sf:fieldsToNull>\
         <sf:Id>{CONTACT}</sf:Id><sf:LastName>tq"
    );
    assert!(body.contains(&record), "{body}");
    assert!(!body.contains("Phone"), "a nil says nothing: {body}");
}

#[test]
fn a_value_that_was_written_is_found_by_a_query_and_by_a_relation() {
    let mut trial = Trial::start();
    let key = "<upsert><externalIDFieldName>ext_id__c</externalIDFieldName>";
    let record = contact("<sf:Ext_Id__c>K-1</sf:Ext_Id__c><sf:LastName>Jansen</sf:LastName>");
    let message = partner(&format!("{key}{record}</upsert>"));
    let upsert = trial.speak(Api::Partner, &message).unwrap().body;
    let token = text(&upsert, "sf:Ext_Id__c").to_owned();
    assert!(token.starts_with("tq") && upsert.contains("<externalIDFieldName>Ext_Id__c<"));
    let query =
        "<query><queryString>SELECT Id FROM Contact WHERE Ext_Id__c = 'K-1'</queryString></query>";
    let query = trial.speak(Api::Partner, &partner(query)).unwrap().body;
    assert!(query.contains(&token) && !query.contains("K-1"), "{query}");
    let related = "<create><sObjects><sf:type>Case</sf:type><sf:Contact><sf:type>Contact</sf:type>\
                   <sf:Ext_Id__c>K-1</sf:Ext_Id__c></sf:Contact></sObjects></create>";
    let related = trial.speak(Api::Partner, &partner(related)).unwrap().body;
    let expected = format!(
        "<sf:Contact><sf:type>Contact</sf:type><sf:Ext_Id__c>{token}</sf:Ext_Id__c></sf:Contact>"
    );
    assert!(related.contains(&expected), "{related}");
}

#[test]
fn what_names_no_value_leaves_as_it_was_asked() {
    for (asked, leaves) in [
        (format!("<delete><ids>{CONTACT}</ids></delete>"), format!("<delete><ids>{CONTACT}</ids></delete>")),
        (format!("<undelete><ids>{CONTACT}</ids></undelete>"), format!("<undelete><ids>{CONTACT}</ids></undelete>")),
        (
            format!("<retrieve><fieldList>id, lastname</fieldList><sObjectType>contact</sObjectType><ids>{CONTACT}</ids></retrieve>"),
            format!("<retrieve><fieldList>Id,LastName</fieldList><sObjectType>Contact</sObjectType><ids>{CONTACT}</ids></retrieve>"),
        ),
        (
            "<queryAll><queryString>SELECT Id FROM Contact</queryString></queryAll>".to_owned(),
            "<queryAll><queryString>SELECT Id FROM Contact</queryString></queryAll>".to_owned(),
        ),
        (
            "<queryMore><queryLocator>01g000000000001-2000</queryLocator></queryMore>".to_owned(),
            "<queryMore><queryLocator>01g000000000001-2000</queryLocator></queryMore>".to_owned(),
        ),
        (
            "<describeSObjects><sObjectType>contact</sObjectType><sObjectType>Account</sObjectType></describeSObjects>".to_owned(),
            "<describeSObjects><sObjectType>Contact</sObjectType><sObjectType>Account</sObjectType></describeSObjects>".to_owned(),
        ),
        ("<describeGlobal/>".to_owned(), "<describeGlobal></describeGlobal>".to_owned()),
        ("<getServerTimestamp/>".to_owned(), "<getServerTimestamp></getServerTimestamp>".to_owned()),
    ] {
        let body = sent(&asked);
        assert!(body.contains(&leaves), "{asked}: {body}");
    }
    let merge = format!(
        "<merge><request><masterRecord><sf:type>Contact</sf:type><sf:Id>{CONTACT}</sf:Id>\
         <sf:LastName>Jansen</sf:LastName></masterRecord><recordToMergeIds>003000000000002AAA</recordToMergeIds></request></merge>"
    );
    let body = sent(&merge);
    assert!(text(&body, "sf:LastName").starts_with("tq"), "{body}");
    assert!(
        body.contains("</masterRecord><recordToMergeIds>003000000000002AAA<"),
        "{body}"
    );
}

#[test]
fn what_has_no_rule_is_refused_by_field() {
    let create = |fields: &str| refused(&format!("<create>{}</create>", contact(fields)));
    let at = |code, field: &str| (code, Some(field.to_owned()));
    assert_eq!(
        create("<sf:Jansen>x</sf:Jansen>"),
        at(Code::PolicyUnknownField, "Contact")
    );
    assert_eq!(
        create("<sf:Name>Jansen</sf:Name>"),
        at(Code::FieldNotWritable, "Contact.Name")
    );
    assert_eq!(
        create("<sf:CreatedDate>Jansen</sf:CreatedDate>"),
        at(Code::ValueUnfit, "Contact.CreatedDate")
    );
    assert_eq!(
        create("<sf:fieldsToNull>Jansen</sf:fieldsToNull>"),
        at(Code::PolicyUnknownField, "Contact")
    );
    let blocked = "<create><sObjects><sf:type>Trial__c</sf:type><sf:Blocked__c>Jansen</sf:Blocked__c></sObjects></create>";
    assert_eq!(
        refused(blocked),
        at(Code::PolicyBlocked, "Trial__c.Blocked__c")
    );
    let other = "<create><sObjects><sf:type>Jansen</sf:type></sObjects></create>";
    assert_eq!(refused(other), (Code::PolicyUnknownObject, None));
    let query = |text: &str| refused(&format!("<query><queryString>{text}</queryString></query>"));
    assert_eq!(
        query("SELECT Id FROM Contact WHERE LastName LIKE 'Jansen%'").0,
        Code::QueryClause
    );
    assert_eq!(
        query("SELECT Jansen FROM Contact").0,
        Code::PolicyUnknownField
    );
}

#[test]
fn what_two_readers_could_read_in_two_ways_is_refused() {
    let create = |fields: &str| refused(&format!("<create>{}</create>", contact(fields))).0;
    for fields in [
        "<sf:LastName>x</sf:LastName><sf:LastName>Jansen</sf:LastName>",
        "<sf:LastName>x</sf:LastName><sf:lastname>Jansen</sf:lastname>",
        "<sf:LastName>x</sf:LastName><LastName>Jansen</LastName>",
        "<sf:LastName>x</sf:LastName><sf:fieldsToNull>LastName</sf:fieldsToNull>",
        "<sf:LastName xsi:nil='true'>Jansen</sf:LastName>",
        "<sf:LastName xsi:nil='Jansen'/>",
        "<sf:LastName note='Jansen'>x</sf:LastName>",
        "<sf:LastName xsi:type='sf:Jansen'>x</sf:LastName>",
        "<x:LastName xmlns:x='urn:Jansen'>x</x:LastName>",
        "<sf:type>Account</sf:type>",
        "<sf:TYPE>Account</sf:TYPE>",
        "<sf:Id>003000000000001AAA</sf:Id><sf:Id>003000000000002AAA</sf:Id>",
        "<sf:Id>Jansen</sf:Id>",
    ] {
        let code = create(fields);
        assert!(
            matches!(
                code,
                Code::BodyMalformed | Code::PolicyUnknownField | Code::ValueUnfit
            ),
            "{fields}: {code:?}"
        );
    }
    for operation in [
        "<create/>",
        "<create>Jansen</create>",
        "<create><ids>003000000000001AAA</ids></create>",
        "<create xmlns='urn:Jansen'/>",
        "<create note='Jansen'><sObjects><sf:type>Contact</sf:type></sObjects></create>",
        "<query/>",
        "<query><queryString>SELECT Id FROM Contact</queryString><note>Jansen</note></query>",
        "<query><queryString xsi:nil='true'/></query>",
        "<query><queryString><x>Jansen</x></queryString></query>",
        "<delete><ids>Jansen</ids></delete>",
        "<queryMore><queryLocator>Jansen</queryLocator></queryMore>",
        "<search/>",
        "<search><searchString>FIND {x}</searchString><searchString>Jansen</searchString></search>",
        "<convertLead/>",
        "<convertLead><leadConverts>Jansen</leadConverts></convertLead>",
        "<convertLead><leadConverts><leadId>Jansen</leadId></leadConverts></convertLead>",
        "<convertLead><leadConverts><leadId>003000000000001AAA</leadId></leadConverts></convertLead>",
        "<convertLead><leadConverts><leadId>00Q000000000001EAA</leadId><note>Jansen</note></leadConverts></convertLead>",
        "<convertLead><leadConverts><leadId>00Q000000000001EAA</leadId></leadConverts><leadConverts><leadId>00Q000000000001</leadId></leadConverts></convertLead>",
        "<sendEmail><messages/></sendEmail>",
        "<Jansen/>",
        "<describeSObject><sObjectType>Contact</sObjectType><sObjectType>Account</sObjectType></describeSObject>",
        "<describeGlobal>Jansen</describeGlobal>",
        "<describeGlobal/><create/>",
    ] {
        let (code, _) = refused(operation);
        assert!(
            matches!(
                code,
                Code::BodyMalformed | Code::EndpointUnknown | Code::ValueUnfit
            ),
            "{operation}: {code:?}"
        );
    }
}

#[test]
fn a_search_leaves_with_the_tokens_of_whole_values() {
    let mut trial = Trial::start();
    let create = contact("<sf:LastName>Jansen</sf:LastName><sf:Email>jan@example.nl</sf:Email>");
    let message = partner(&format!("<create>{create}</create>"));
    let created = trial.speak(Api::Partner, &message).unwrap().body;
    let email = text(&created, "sf:Email").to_owned();
    let search = "<search><searchString><![CDATA[FIND {\"jan@example.nl\"}]]> IN EMAIL FIELDS \
                  RETURNING contact(id)</searchString></search>";
    let sent = trial.speak(Api::Partner, &partner(search)).unwrap().body;
    let found = text(&sent, "searchString");
    assert!(found.contains(&email), "{sent}");
    assert!(found.ends_with(" RETURNING Contact(Id)"), "{sent}");
    assert!(!sent.contains("jan@"), "{sent}");
}

#[test]
fn a_conversion_leaves_in_the_order_of_the_wsdl_with_a_token_for_a_name() {
    let lead = "<leadConverts><sendNotificationEmail>1</sendNotificationEmail>\
        <opportunityName>Jansen</opportunityName><leadId>00Q000000000001</leadId>\
        <convertedStatus>Qualified</convertedStatus><contactId xsi:nil='true'/><ownerId>005000000000001</ownerId>\
        <accountId>001000000000001</accountId></leadConverts>";
    let mut trial = Trial::start();
    let message = partner(&format!("<convertLead>{lead}</convertLead>"));
    let sent = trial.speak(Api::Partner, &message).unwrap();
    let units: Vec<&str> = sent.units.iter().map(|unit| unit.0.as_str()).collect();
    assert_eq!(units, ["Lead", "Contact", "Opportunity"]);
    let name = text(&sent.body, "opportunityName").to_owned();
    assert!(name.starts_with("tq"), "{}", sent.body);
    let expected = format!(
        "<convertLead><leadConverts><accountId>001000000000001AAA</accountId>\
         <convertedStatus>Qualified</convertedStatus><leadId>00Q000000000001EAA</leadId>\
         <opportunityName>{name}</opportunityName><ownerId>005000000000001AAA</ownerId>\
         <sendNotificationEmail>true</sendNotificationEmail></leadConverts></convertLead>"
    );
    assert!(sent.body.contains(&expected), "{}", sent.body);
}

#[test]
fn a_lead_whose_kept_value_could_not_follow_is_not_converted() {
    let message = partner(
        "<convertLead><leadConverts><leadId>00Q000000000001</leadId></leadConverts></convertLead>",
    );
    let kept = "LastName = \"family_name\"\nSalutation = \"salutation\"\n# Stable";
    for (from, to) in [
        // No such field of the contact; one of another class.
        (kept, "LastName = \"family_name\"\n# Stable"),
        (
            kept,
            &kept.replace("\"salutation\"", "{ class = \"birth_date\" }"),
        ),
    ] {
        let plan: &'static Plan = Box::leak(Box::new(changed((from, to))));
        let mut trial = Trial::start();
        trial.plan = plan;
        let refusal = trial.speak(Api::Partner, &message).map(|sent| sent.body);
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.code, Code::PolicyBlocked);
        assert_eq!(refusal.field.as_deref(), Some("Lead.Salutation"));
    }
    assert!(Trial::start().speak(Api::Partner, &message).is_ok());
}

#[test]
fn what_policy_looks_for_is_looked_for_in_the_name_of_an_opportunity() {
    let scan = (
        "[detection]\nthreshold",
        "[scan]\ncomposite = [\"special\"]\n\n[detection]\nthreshold",
    );
    let plan: &'static Plan = Box::leak(Box::new(changed(scan)));
    let convert = |name: &str| {
        let lead = "<leadId>00Q000000000001</leadId>";
        let lead = format!("{lead}<opportunityName>{name}</opportunityName>");
        let mut trial = Trial::start();
        trial.plan = plan;
        let message = format!("<convertLead><leadConverts>{lead}</leadConverts></convertLead>");
        trial
            .speak(Api::Partner, &partner(&message))
            .map(|sent| sent.body)
    };
    let refusal = convert("Mevrouw Jansen heeft HIV").unwrap_err();
    assert_eq!(refusal.code, Code::SpecialCategory);
    assert_eq!(refusal.field.as_deref(), Some("Opportunity.Name"));
    assert!(convert("Mevrouw Jansen heeft honger").is_ok());
}

#[test]
fn what_is_made_of_a_lead_is_its_persons_but_for_a_business_and_what_stands_already() {
    let whose = |members: &str, person: bool| {
        let one = format!("{members}<leadId>00Q000000000001</leadId>");
        let one = format!("<leadConverts>{one}</leadConverts>");
        let text = partner(&format!("<convertLead>{one}</convertLead>"));
        let message = message(Api::Partner, &text).unwrap();
        let limits = crate::wire::json::Limits::default();
        let document = Document::parse(message.records().unwrap().as_bytes(), &limits).unwrap();
        let request = message.request(Some(&document)).unwrap();
        let trial = Trial::start();
        let by = trial.viewer(&["support"]).roles;
        let mut survey =
            survey(trial.plan, &trial.protection, by, request, Some(&document)).unwrap();
        if person {
            survey.person_account(Id::parse("00Q000000000001").unwrap());
        }
        let subjects = survey.needs().subjects.iter();
        let whose = subjects.map(|of| {
            assert!(of.follow.is_none(), "{of:?}");
            let id = of
                .record
                .as_ref()
                .map(|(_, id)| id.as_str()[..15].to_owned());
            (id, of.within)
        });
        whose.collect::<Vec<_>>()
    };
    let id = |id: &str| Some(id.to_owned());
    let (lead, new, own) = ((id("00Q000000000001"), None), (None, Some(0)), (None, None));
    assert_eq!(
        whose("", false),
        [lead.clone(), new.clone(), own, new.clone()]
    );
    assert_eq!(
        whose("", true),
        [lead.clone(), new.clone(), new.clone(), new.clone()]
    );
    // An account that stands already has a person, whose the deal does not become.
    let into = "<accountId>001000000000001</accountId><contactId>003000000000001</contactId>";
    let contact = (id("003000000000001"), Some(0));
    for person in [false, true] {
        let expected = [lead.clone(), contact.clone(), new.clone()];
        assert_eq!(whose(into, person), expected);
    }
    let deal =
        "<accountId>001000000000001</accountId><opportunityId>006000000000001</opportunityId>";
    assert_eq!(whose(deal, false), [lead, new]);
}

#[test]
fn records_of_a_conversion_are_told_by_the_members_of_its_result() {
    let one = |lead: &str, rest: &str| {
        format!("<leadConverts>{rest}<leadId>{lead}</leadId></leadConverts>")
    };
    let first = one(
        "00Q000000000001",
        "<doNotCreateOpportunity>true</doNotCreateOpportunity>",
    );
    let second = one("00Q000000000002", "<accountId>001000000000001</accountId>");
    let message = partner(&format!("<convertLead>{first}{second}</convertLead>"));
    let sent = Trial::start().speak(Api::Partner, &message).unwrap();
    let result = |lead: &str, success: bool| {
        format!(
            "<result><accountId>001000000000001AAA</accountId><contactId>{CONTACT}</contactId>\
             <leadId>{lead}</leadId><opportunityId>006000000000001AAA</opportunityId>\
             <success>{success}</success></result>"
        )
    };
    let told = |states: [bool; 2]| {
        let results =
            result("00Q000000000001EAA", states[0]) + &result("00Q000000000002EAA", states[1]);
        let text = partner(&format!(
            "<convertLeadResponse>{results}</convertLeadResponse>"
        ));
        let answer = Answer {
            text: &text,
            shape: Shape::Data,
            viewer: Viewer::new(crate::protect::trial::plan(), &[], false),
            request: &sent.request,
            aliases: &sent.aliases,
            found: &[],
        };
        let (reading, _) = read_soap(&answer).unwrap();
        let saved = reading.saved.iter();
        saved
            .map(|saved| (saved.trail[0], saved.id.to_string()[..3].to_owned()))
            .collect::<Vec<_>>()
    };
    // Lead, contact and a new account; lead, contact and opportunity of the second.
    let at = |place, prefix: &str| (place, prefix.to_owned());
    let first = [at(2, "001"), at(1, "003"), at(0, "00Q")];
    let second = [at(4, "003"), at(3, "00Q"), at(5, "006")];
    assert_eq!(told([true, false]), first);
    assert_eq!(told([false, true]), second);
    assert_eq!(told([false, false]), []);
}

#[test]
fn headers_are_read_written_again_or_refused() {
    let with = |headers: &str| {
        let text = partner("<query><queryString>SELECT Id FROM Contact</queryString></query>");
        let text = text.replace(
            "<e:Body>",
            &format!("<e:Header>{headers}</e:Header><e:Body>"),
        );
        Trial::start().speak(Api::Partner, &text)
    };
    let body = with(
        "<SessionHeader><sessionId>geheim</sessionId></SessionHeader>\
         <CallOptions><client>Jansen</client></CallOptions>\
         <AllowFieldTruncationHeader><allowFieldTruncation>true</allowFieldTruncation></AllowFieldTruncationHeader>\
         <AssignmentRuleHeader><assignmentRuleId xsi:nil='true'/><useDefaultRule>1</useDefaultRule></AssignmentRuleHeader>\
         <QueryOptions e:mustUnderstand='1'><batchSize>200</batchSize></QueryOptions>",
    )
    .unwrap()
    .body;
    assert!(
        !body.contains("geheim") && !body.contains("Jansen"),
        "{body}"
    );
    assert!(!body.contains("ation>true"), "{body}");
    assert!(
        body.contains("<SessionHeader><sessionId></sessionId></SessionHeader>"),
        "{body}"
    );
    assert!(body.contains(
        "<AssignmentRuleHeader><useDefaultRule>true</useDefaultRule></AssignmentRuleHeader>"
    ));
    assert!(
        body.contains("<QueryOptions><batchSize>200</batchSize></QueryOptions>"),
        "{body}"
    );
    for header in [
        "<Jansen/>",
        "<x:QueryOptions xmlns:x='urn:Jansen'/>",
        "<QueryOptions><batchSize>Jansen</batchSize></QueryOptions>",
        "<QueryOptions><batchSize>5</batchSize></QueryOptions>",
        "<QueryOptions note='Jansen'/>",
        "<QueryOptions><batchSize>200</batchSize><batchSize>300</batchSize></QueryOptions>",
        "<QueryOptions/><QueryOptions/>",
        "<AllOrNoneHeader><allOrNone>Jansen</allOrNone></AllOrNoneHeader>",
        "<CallOptions><defaultNamespace>Jansen</defaultNamespace></CallOptions>",
        "<LocaleOptions><language>Jansen</language></LocaleOptions>",
        "<PackageVersionHeader/>",
        "<DebuggingHeader/>",
    ] {
        let refusal = with(header).map(|sent| sent.body).expect_err(header);
        assert!(!refusal.text.contains("Jansen"), "{}", refusal.text);
    }
}

#[test]
fn a_mask_may_come_back_to_its_place_and_to_no_other() {
    let mut trial = Trial::start();
    let update = |name: &str, id: &str| {
        let record = contact(&format!(
            "<sf:Id>{id}</sf:Id><sf:LastName>{name}</sf:LastName>"
        ));
        partner(&format!("<update>{record}</update>"))
    };
    let first = trial
        .speak(Api::Partner, &update("Jansen", CONTACT))
        .unwrap()
        .body;
    let token = text(&first, "sf:LastName").to_owned();
    let again = trial
        .speak(Api::Partner, &update(&token, CONTACT))
        .unwrap()
        .body;
    assert!(
        !again.contains("LastName"),
        "what the CRM has stays: {again}"
    );
    let moved = trial.speak(Api::Partner, &update(&token, "003000000000002AAA"));
    assert_eq!(
        moved.map(|sent| sent.body).unwrap_err().code,
        Code::TokenForeign
    );
}
