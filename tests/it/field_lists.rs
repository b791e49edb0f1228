//! A program that keeps to a list of fields, against the running product: whatever it asks for or
//! writes beside the list is refused or masked, at every door. The same requests pass without a list,
//! before and after: so it is the list that refuses them, and it acts with the next request.

#![expect(clippy::too_many_lines, reason = "tables of tries")]

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::support::demo::Demo;

const D: &str = "/services/data/v60.0";
const SOAP: &str = "/services/Soap/u/60.0";
/// What the program keeps to.
const LIST: [&str; 3] = ["Contact.LastName", "Contact.Email", "Case"];
/// A value of a field that is listed, and two of fields that are not: of a class that no listed
/// field has, and of one that the listed object `Case` has.
const NAME: &str = "Kanariepiet";
const TITLE: &str = "Zwanenhoeder";
const PHONE: &str = "+31205550142";
/// A value that the CRM has in the clear, of a field that is not listed.
const SOURCE: &str = "Purchased List";

struct Program {
    demo: Demo,
    http: reqwest::Client,
}

struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    /// Whether the list has refused it, in whatever shape the door has for that.
    fn is_refused(&self) -> bool {
        self.text.contains("sluis program-fields]")
    }

    /// Whether no rule of ours has refused it.
    fn passed(&self) -> bool {
        !self.text.contains("[sluis ") && self.status < 500
    }
}

/// One request, without a session where its body has one.
struct Request {
    method: &'static str,
    path: String,
    media: &'static str,
    body: String,
}

fn get(path: &str) -> Request {
    Request {
        method: "GET",
        path: format!("{D}/{path}"),
        media: "",
        body: String::new(),
    }
}

fn send(method: &'static str, path: &str, body: &Value) -> Request {
    Request {
        method,
        path: format!("{D}/{path}"),
        media: "application/json",
        body: body.to_string(),
    }
}

/// The report of contacts as a table.
fn export() -> Request {
    Request {
        path: "/00O000000000001EAA?export=1&enc=UTF-8&xf=csv".to_owned(),
        ..get("")
    }
}

fn query(soql: &str) -> Request {
    let text: String = form_urlencoded::byte_serialize(soql.as_bytes()).collect();
    get(&format!("query?q={}", text.replace('+', "%20")))
}

fn graph(text: &str) -> Request {
    send("POST", "graphql", &json!({ "query": text }))
}

/// The report of contacts, with what the client says of it.
fn report(metadata: &Value) -> Request {
    let mut metadata = metadata.clone();
    metadata["reportType"] = json!({ "type": "ContactList" });
    let path = "analytics/reports/00O000000000001EAA?includeDetails=true";
    send("POST", path, &json!({ "reportMetadata": metadata }))
}

/// Of contacts.
fn graph_of(arguments: &str, fields: &str) -> Request {
    graph(&format!(
        "{{ uiapi {{ query {{ Contact{arguments} {{ edges {{ node {{ {fields} }} }} }} }} }} }}"
    ))
}

fn soap(inside: &str) -> Request {
    let body = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"urn:partner.soap.sforce.com\" xmlns:sf=\"urn:sobject.partner.soap.sforce.com\">\
         <e:Header><SessionHeader><sessionId>{{token}}</sessionId></SessionHeader></e:Header>\
         <e:Body>{inside}</e:Body></e:Envelope>"
    );
    Request {
        method: "POST",
        path: SOAP.to_owned(),
        media: "text/xml; charset=utf-8",
        body,
    }
}

impl Program {
    fn start() -> Result<Self> {
        let demo = Demo::start()?;
        let http = demo.client()?;
        Ok(Self { demo, http })
    }

    async fn ask(&self, request: &Request) -> Result<Answer> {
        let ready = self.demo.ready();
        let url = format!("{}{}", ready.border, request.path);
        let mut asked = self.http.request(request.method.parse()?, url);
        if request.path == SOAP {
            asked = asked.header("soapaction", "\"\"");
        } else {
            asked = asked.bearer_auth(&ready.access_token);
        }
        if !request.media.is_empty() {
            let body = request.body.replace("{token}", &ready.access_token);
            asked = asked.header("content-type", request.media).body(body);
        }
        let answer = asked.send().await?;
        Ok(Answer {
            status: answer.status().as_u16(),
            text: answer.text().await?,
        })
    }

    async fn made(&self, object: &str, fields: &Value) -> Result<String> {
        let request = send("POST", &format!("sobjects/{object}"), fields);
        let answer = self.ask(&request).await?;
        ensure!(answer.status == 201, "{}", answer.text);
        let told: Value = serde_json::from_str(&answer.text)?;
        Ok(told["id"].as_str().context("no id")?.to_owned())
    }

    fn operate(&self, words: &[&str]) -> Result<String> {
        let (code, text) = self.demo.operator(words)?;
        ensure!(code == Some(0), "{words:?}: {text}");
        Ok(text)
    }

    fn keeps_to(&self, list: &[&str]) -> Result<()> {
        let words = [&["client", "only", "demo"], list].concat();
        self.operate(&words).map(drop)
    }
}

/// What the list refuses, of a contact.
fn refused(id: &str) -> Vec<Request> {
    let record = format!("sobjects/Contact/{id}");
    let title = json!({ "Title": TITLE });
    let lead = json!({ "LastName": NAME, "Company": "Duiventil" });
    let typed = |object: &str, fields: &Value| {
        let mut record = fields.clone();
        record["attributes"] = json!({ "type": object });
        json!({ "records": [record] })
    };
    let mut all = vec![
        send("PATCH", &record, &title),
        send(
            "POST",
            "sobjects/Contact",
            &json!({ "LastName": NAME, "Title": TITLE }),
        ),
        send("POST", "sobjects/Lead", &lead),
        send(
            "PATCH",
            "sobjects/Contact/Ext_Id__c/K-1",
            &json!({ "LastName": NAME }),
        ),
        send("POST", "composite/sobjects", &typed("Lead", &lead)),
        send(
            "POST",
            "composite/sobjects",
            &typed("Contact", &json!({ "LastName": NAME, "Title": TITLE })),
        ),
        send(
            "POST",
            "composite",
            &json!({ "compositeRequest": [{
            "method": "PATCH", "url": format!("{D}/{record}"), "referenceId": "one", "body": title,
        }] }),
        ),
        send(
            "POST",
            "composite/batch",
            &json!({ "batchRequests": [{
            "method": "GET", "url": format!("v60.0/{record}?fields=Title"),
        }] }),
        ),
        get(&format!("{record}?fields=Title")),
        get(&format!(
            "composite/sobjects/Contact?ids={id}&fields=Id,Title"
        )),
        get("sobjects/Lead"),
        get("limits/recordCount?sObjects=Lead"),
        get("sobjects/Lead/describe"),
        get(&format!(
            "search?q=FIND%20%7B{NAME}%7D%20RETURNING%20Contact(Id,LastName)"
        )),
        get(&format!("search?q=FIND%20%7B{NAME}%7D")),
        get(&format!("parameterizedSearch?q={NAME}&sobject=Contact")),
        get(&format!("ui-api/records/{id}?fields=Contact.Title")),
        get("ui-api/object-info/Lead"),
        get("ui-api/list-records/Contact/__Recent?fields=Contact.Title"),
        get("ui-api/list-records/Contact/__Recent?fields=Contact.Email&sortBy=Contact.CreatedDate"),
        get("ui-api/lookups/Case/ContactId/Contact?q=Niemand&searchType=Search"),
        send(
            "PATCH",
            &format!("ui-api/records/{id}"),
            &json!({ "fields": title }),
        ),
        send(
            "POST",
            "ui-api/records",
            &json!({ "apiName": "Lead", "fields": lead }),
        ),
        get("chatter/feeds/news/me/feed-elements"),
        get("sobjects/ContentVersion/068000000000001AAA/VersionData"),
        report(&json!({ "detailColumns": ["EMAIL", "Contact.LeadSource"] })),
        report(&json!({ "reportFilters": [{
            "column": "CONTACT.PHONE", "operator": "equals", "value": PHONE,
        }] })),
        report(&json!({ "reportFilters": [{
            "column": "Contact.LeadSource", "operator": "equals", "value": "Web",
        }] })),
        report(&json!({ "sortBy": [{ "sortColumn": "CREATED_DATE", "sortOrder": "Asc" }] })),
        graph_of("", "Title { value }"),
        graph_of("(where: {LeadSource: {eq: \"Web\"}})", "Id"),
        graph_of("", "Account { Id }"),
        graph("{ uiapi { query { Lead { totalCount } } } }"),
        graph(&format!(
            "mutation {{ uiapi {{ ContactCreate(input: {{Contact: {{LastName: \"{NAME}\", Title: \"{TITLE}\"}}}}) {{ Record {{ Id }} }} }} }}"
        )),
        soap("<query><queryString>SELECT Title FROM Contact</queryString></query>"),
        soap("<query><queryString>SELECT Id FROM Lead</queryString></query>"),
        soap(&format!(
            "<retrieve><fieldList>Id, Title</fieldList><sObjectType>Contact</sObjectType><ids>{id}</ids></retrieve>"
        )),
        soap("<describeSObject><sObjectType>Lead</sObjectType></describeSObject>"),
        soap(&format!(
            "<create><sObjects><sf:type>Contact</sf:type><sf:LastName>{NAME}</sf:LastName><sf:Title>{TITLE}</sf:Title></sObjects></create>"
        )),
        soap(&format!(
            "<create><sObjects><sf:type>Lead</sf:type><sf:LastName>{NAME}</sf:LastName><sf:Company>Duiventil</sf:Company></sObjects></create>"
        )),
        soap(&format!(
            "<update><sObjects><sf:type>Contact</sf:type><sf:Id>{id}</sf:Id><sf:Title>{TITLE}</sf:Title></sObjects></update>"
        )),
        soap(&format!(
            "<update><sObjects><sf:type>Contact</sf:type><sf:fieldsToNull>Title</sf:fieldsToNull><sf:Id>{id}</sf:Id></sObjects></update>"
        )),
        soap(&format!(
            "<search><searchString>FIND {{{NAME}}} RETURNING Contact(Id)</searchString></search>"
        )),
        soap(&format!(
            "<convertLead><leadConverts><leadId>00Q000000000001</leadId><opportunityName>{NAME}</opportunityName></leadConverts></convertLead>"
        )),
        send(
            "POST",
            "jobs/ingest",
            &json!({ "object": "Lead", "operation": "insert" }),
        ),
        send(
            "POST",
            "jobs/ingest",
            &json!({
                "object": "Contact", "operation": "upsert", "externalIdFieldName": "Ext_Id__c",
            }),
        ),
        send(
            "POST",
            "jobs/query",
            &json!({ "operation": "query", "query": "SELECT Id, Title FROM Contact" }),
        ),
    ];
    for soql in [
        "SELECT Title FROM Contact",
        "SELECT Id FROM Lead",
        "SELECT Id FROM Contact WHERE Ext_Id__c = 'K-1'",
        "SELECT Id FROM Contact WHERE MobilePhone = '+31205550142'",
        "SELECT Id FROM Contact WHERE LeadSource = 'Web'",
        "SELECT Id FROM Contact WHERE LastName = 'Kanariepiet' OR (NOT LeadSource = 'Web')",
        "SELECT Id FROM Contact ORDER BY CreatedDate",
        "SELECT Id FROM Contact WHERE CreatedDate = TODAY",
        "SELECT LeadSource, COUNT(Id) FROM Contact GROUP BY LeadSource",
        "SELECT COUNT(Title) FROM Contact",
        "SELECT MAX(CreatedDate) FROM Contact",
        "SELECT Id, Account.Name FROM Contact",
        "SELECT Account.Id FROM Contact",
        "SELECT Id FROM Contact WHERE Account.Name = 'Duiventil'",
        "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)",
        "SELECT Id, (SELECT Id FROM Tasks) FROM Contact",
        "SELECT Id FROM Case WHERE Contact.LeadSource = 'Web'",
        "SELECT Id FROM Case WHERE Account.Name = 'Duiventil'",
        "SELECT Id FROM Case WHERE ContactId IN (SELECT Id FROM Contact WHERE LeadSource = 'Web')",
        "SELECT Owner.Name FROM Case",
    ] {
        all.push(query(soql));
    }
    all
}

/// What deletes a contact, which takes all its fields with it.
fn deleting(id: &str) -> Vec<Request> {
    vec![
        send(
            "POST",
            "jobs/ingest",
            &json!({ "object": "Contact", "operation": "delete" }),
        ),
        Request {
            method: "DELETE",
            ..get(&format!("ui-api/records/{id}"))
        },
        Request {
            method: "DELETE",
            ..get(&format!("composite/sobjects?ids={id}"))
        },
        Request {
            method: "DELETE",
            ..get(&format!("sobjects/Contact/{id}"))
        },
        soap(&format!("<delete><ids>{id}</ids></delete>")),
        soap(&format!(
            "<merge><request><masterRecord><sf:type>Contact</sf:type><sf:Id>{id}</sf:Id></masterRecord><recordToMergeIds>{id}</recordToMergeIds></request></merge>"
        )),
        graph(&format!(
            "mutation {{ uiapi {{ ContactDelete(input: {{Id: \"{id}\"}}) {{ Id }} }} }}"
        )),
    ]
}

/// What a list leaves open, with what stands in its answer.
fn open(id: &str, case: &str) -> Vec<(Request, &'static str)> {
    let record = format!("sobjects/Contact/{id}");
    vec![
        (get(&format!("{record}?fields=Id,LastName,Email")), NAME),
        (get(&record), NAME),
        (send("PATCH", &record, &json!({ "LastName": NAME })), ""),
        (
            send("POST", "sobjects/Contact", &json!({ "LastName": NAME })),
            "success",
        ),
        (
            get(&format!("ui-api/records/{id}?fields=Contact.LastName")),
            NAME,
        ),
        (
            graph_of(
                &format!("(where: {{LastName: {{eq: \"{NAME}\"}}}})"),
                "Id LastName { value }",
            ),
            NAME,
        ),
        (
            soap("<query><queryString>SELECT Id, LastName FROM Contact</queryString></query>"),
            NAME,
        ),
        (
            soap(&format!(
                "<create><sObjects><sf:type>Contact</sf:type><sf:LastName>{NAME}</sf:LastName></sObjects></create>"
            )),
            "<success>true",
        ),
        (
            query("SELECT Id, LastName FROM Contact WHERE LastName = 'Kanariepiet'"),
            NAME,
        ),
        (
            query("SELECT Contact.LastName FROM Case WHERE Contact.LastName = 'Kanariepiet'"),
            NAME,
        ),
        (
            query(
                "SELECT Id, (SELECT Subject FROM Cases) FROM Contact WHERE LastName = 'Kanariepiet'",
            ),
            "Duivenvoer",
        ),
        (query("SELECT COUNT(Id) FROM Contact"), "records"),
        (get(&format!("sobjects/Case/{case}")), "Duivenvoer"),
        (get("sobjects/Contact/describe"), "LastName"),
        (
            send(
                "POST",
                "jobs/query",
                &json!({ "operation": "query", "query": "SELECT Id, LastName FROM Contact" }),
            ),
            "id",
        ),
    ]
}

/// Answers in which a value stands that the list does not name: it goes, and what is listed stays.
fn masked(id: &str) -> Vec<Request> {
    vec![
        get(&format!("sobjects/Contact/{id}")),
        get("analytics/reports/00O000000000001EAA?includeDetails=true"),
        export(),
        query("SELECT FIELDS(ALL) FROM Contact WHERE LastName = 'Kanariepiet' LIMIT 5"),
        soap(&format!(
            "<query><queryString>SELECT FIELDS(ALL) FROM Contact WHERE LastName = '{NAME}' LIMIT 5</queryString></query>"
        )),
    ]
}

#[tokio::test]
async fn a_program_keeps_to_its_list_at_every_door_and_from_its_next_request_on() -> Result<()> {
    let program = Program::start()?;
    let contact = json!({
        "LastName": NAME, "Email": "kanariepiet@example.nl", "Title": TITLE,
        "Phone": PHONE, "Ext_Id__c": "K-1", "LeadSource": SOURCE,
    });
    let id = program.made("Contact", &contact).await?;
    let case = json!({ "Subject": "Duivenvoer", "ContactId": id, "SuppliedPhone": PHONE });
    let case = program.made("Case", &case).await?;

    // Without a list, all of it passes.
    let mut wrong = Vec::new();
    let mut told = |what: &str, request: &Request, answer: &Answer| {
        let (path, body) = (&request.path, &request.body);
        wrong.push(format!(
            "{what}: {path} {body}: {} {}",
            answer.status, answer.text
        ));
    };
    for request in masked(&id) {
        let answer = program.ask(&request).await?;
        if !(answer.text.contains(SOURCE) && answer.text.contains(PHONE)) {
            told("masked without a list", &request, &answer);
        }
    }
    for request in refused(&id) {
        let answer = program.ask(&request).await?;
        if !answer.passed() {
            told("refused without a list", &request, &answer);
        }
    }
    // What the last of them took away stands there again.
    let again = send("PATCH", &format!("sobjects/Contact/{id}"), &contact);
    ensure!(program.ask(&again).await?.status == 204);

    program.keeps_to(&LIST)?;
    for request in refused(&id) {
        let answer = program.ask(&request).await?;
        let tells = answer.text.contains(TITLE) || answer.text.contains(PHONE);
        if !answer.is_refused() || answer.status == 401 || tells {
            told("not refused", &request, &answer);
        }
    }
    for (request, within) in open(&id, &case) {
        let answer = program.ask(&request).await?;
        if !(answer.passed() && answer.text.contains(within)) {
            told("not open", &request, &answer);
        }
    }
    for request in masked(&id) {
        let answer = program.ask(&request).await?;
        let tells = [TITLE, PHONE, SOURCE, "K-1"]
            .iter()
            .any(|value| answer.text.contains(value));
        if !answer.text.contains(NAME) || tells {
            told("not masked", &request, &answer);
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n\n"));

    // Whoever may not see all of a record does not delete it; whoever may, does.
    for request in deleting(&id) {
        let answer = program.ask(&request).await?;
        ensure!(
            answer.is_refused(),
            "{} {}: {}",
            request.path,
            request.body,
            answer.text
        );
    }
    let gone = get(&format!("sobjects/Contact/{id}?fields=LastName"));
    ensure!(program.ask(&gone).await?.text.contains(NAME));
    program.keeps_to(&["Contact"])?;
    for request in deleting(
        &program
            .made("Contact", &json!({ "LastName": NAME }))
            .await?,
    ) {
        let answer = program.ask(&request).await?;
        ensure!(
            answer.passed(),
            "{} {}: {}",
            request.path,
            request.body,
            answer.text
        );
    }

    // Behind a relation to several objects, each of them must have the field listed.
    let who = query("SELECT Who.Email FROM Task WHERE Who.Email = 'kanariepiet@example.nl'");
    program.keeps_to(&["Task", "Contact.Email", "Lead.Email"])?;
    let answer = program.ask(&who).await?;
    ensure!(answer.passed(), "{}", answer.text);
    for list in [
        &["Task", "Contact.Email", "Lead.Phone"][..],
        &["Task", "Contact.Email"],
        &["Task.Subject", "Contact.Email", "Lead.Email"],
    ] {
        program.keeps_to(list)?;
        let answer = program.ask(&who).await?;
        ensure!(answer.is_refused(), "{list:?}: {}", answer.text);
    }

    // Another list acts at once, and so does none.
    program.keeps_to(&["Contact.Title"])?;
    let title = get(&format!("sobjects/Contact/{id}?fields=Title"));
    let name = get(&format!("sobjects/Contact/{id}?fields=LastName"));
    ensure!(program.ask(&title).await?.text.contains(TITLE));
    ensure!(program.ask(&name).await?.is_refused());
    program.operate(&["client", "only", "demo", "--all"])?;
    ensure!(program.ask(&name).await?.text.contains(NAME));
    Ok(())
}

/// Makes a job for new contacts and gives a table to it.
async fn uploaded(program: &Program, table: &str) -> Result<Answer> {
    let job = json!({ "object": "Contact", "operation": "insert" });
    let made = program.ask(&send("POST", "jobs/ingest", &job)).await?;
    let told: Value = serde_json::from_str(&made.text)?;
    let id = told["id"].as_str().context("no job")?;
    let request = Request {
        method: "PUT",
        path: format!("{D}/jobs/ingest/{id}/batches"),
        media: "text/csv",
        body: table.to_owned(),
    };
    program.ask(&request).await
}

#[tokio::test]
async fn tables_events_and_pages_go_by_the_list_too() -> Result<()> {
    let program = Program::start()?;
    let both = format!("LastName,Title\n{NAME},{TITLE}\n");
    let one = format!("LastName\n{NAME}\n");
    let page = |program: &Program| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let action = json!({ "actions": [{
            "id": "1;a", "descriptor": "aura://RecordUiController/ACTION$createRecord",
            "callingDescriptor": "UNKNOWN",
            "params": { "recordInput": { "apiName": "Contact", "fields": { "LastName": NAME } } },
        }] });
        form.append_pair("message", &action.to_string());
        form.append_pair("aura.pageURI", "/lightning/page/home");
        form.append_pair("aura.token", "null");
        let url = format!("{}/aura?r=1", program.demo.ready().border);
        let request = program.http.post(url).body(form.finish());
        let kind = "application/x-www-form-urlencoded; charset=UTF-8";
        request
            .header("content-type", kind)
            .bearer_auth(&program.demo.ready().access_token)
    };
    ensure!(uploaded(&program, &both).await?.passed());
    let free = page(&program).send().await?.text().await?;
    ensure!(!free.contains("[sluis "), "{free}");

    // Two clients of CometD, of which one has asked for its events already.
    let (client, cookies) = shaken(&program).await?;
    let subscribe = |object: &str| {
        let channel = format!("/data/{object}ChangeEvent");
        json!([{ "channel": "/meta/subscribe", "clientId": client, "subscription": channel }])
    };
    let free = polled(&program, &subscribe("Lead"), &cookies).await?;
    ensure!(!free.contains("[sluis "), "{free}");

    program.keeps_to(&["Contact.LastName"])?;
    let answer = uploaded(&program, &both).await?;
    ensure!(answer.is_refused(), "{}", answer.text);
    ensure!(uploaded(&program, &one).await?.passed());
    let listed = page(&program).send().await?.text().await?;
    ensure!(listed.contains("sluis program-fields]"), "{listed}");
    let refused = polled(&program, &subscribe("Lead"), &cookies).await?;
    ensure!(refused.contains("sluis program-fields]"), "{refused}");
    let topic = json!([{
        "channel": "/meta/subscribe", "clientId": client, "subscription": "/topic/Contacts",
    }]);
    let refused = polled(&program, &topic, &cookies).await?;
    ensure!(refused.contains("[sluis "), "{refused}");
    let open = polled(&program, &subscribe("Contact"), &cookies).await?;
    ensure!(!open.contains("[sluis "), "{open}");
    Ok(())
}

async fn polled(program: &Program, messages: &Value, cookies: &str) -> Result<String> {
    let url = format!("{}/cometd/60.0", program.demo.ready().border);
    let asked = program.http.post(url).header("cookie", cookies);
    let asked = asked.bearer_auth(&program.demo.ready().access_token);
    Ok(asked.json(messages).send().await?.text().await?)
}

/// A client's name, and its cookies.
async fn shaken(program: &Program) -> Result<(String, String)> {
    let url = format!("{}/cometd/60.0", program.demo.ready().border);
    let hello = json!([{ "channel": "/meta/handshake", "version": "1.0",
        "supportedConnectionTypes": ["long-polling"] }]);
    let asked = program.http.post(url).json(&hello);
    let asked = asked.bearer_auth(&program.demo.ready().access_token);
    let answer = asked.send().await?;
    let set = answer.headers().get_all("set-cookie").iter();
    let pairs = set.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    let cookies = pairs.collect::<Vec<_>>().join("; ");
    let told: Value = answer.json().await?;
    let client = told[0]["clientId"].as_str().context("no client")?;
    Ok((client.to_owned(), cookies))
}

#[tokio::test]
async fn a_token_of_a_field_beside_the_list_is_opened_nowhere() -> Result<()> {
    let program = Program::start()?;
    let contact = json!({ "LastName": NAME, "FirstName": "Merel", "Email": "m@example.nl" });
    let id = program.made("Contact", &contact).await?;
    let name = |fields: &str| get(&format!("sobjects/Contact/{id}?fields={fields}"));
    // The CRM makes a name of both tokens.
    let whole = program.ask(&name("Name")).await?;
    ensure!(whole.text.contains("Merel Kanariepiet"), "{}", whole.text);

    program.keeps_to(&["Contact.Name", "Contact.FirstName"])?;
    let answer = program.ask(&name("Name,FirstName")).await?;
    ensure!(answer.text.contains("\"Merel"), "{}", answer.text);
    ensure!(!answer.text.contains(NAME), "{}", answer.text);
    let told: Value = serde_json::from_str(&answer.text)?;
    let token = told["Name"]
        .as_str()
        .and_then(|name| name.rsplit(' ').next());
    let token = token.context("no token")?;
    ensure!(token.len() == 18, "{}", answer.text);
    // Nor does it get anywhere by being written: not even where a text is listed.
    let write = send(
        "PATCH",
        &format!("sobjects/Contact/{id}"),
        &json!({ "FirstName": token }),
    );
    let moved = program.ask(&write).await?;
    ensure!(
        moved.text.contains("[sluis token-foreign]"),
        "{}",
        moved.text
    );
    Ok(())
}

#[tokio::test]
async fn a_list_names_what_the_policy_knows_and_is_shown() -> Result<()> {
    let program = Program::start()?;
    for (list, says) in [
        (&["Contact.Emial"][..], "did you mean `Email`?"),
        (&["Contcat"], "did you mean `Contact`?"),
        (&["Contact.Email", "Walrus__c"], "no object `Walrus__c`"),
        (&["Contact.Account.Name"], "a list has 1 to 500 names"),
        (&[], "required"),
    ] {
        let words = [&["client", "only", "demo"], list].concat();
        let (code, text) = program.demo.operator(&words)?;
        ensure!(code != Some(0) && text.contains(says), "{list:?}: {text}");
    }
    let words = [
        "client",
        "add",
        "narrow",
        "--purpose",
        "invoicing",
        "--role",
        "sales",
        "--only",
        "contact.email",
        "--only",
        "Lead",
    ];
    program.operate(&words)?;
    program.keeps_to(&["CONTACT.lastname"])?;
    let list = program.operate(&["client", "list"])?;
    ensure!(list.contains("only Contact.Email Lead"), "{list}");
    ensure!(list.contains("only Contact.LastName"), "{list}");
    ensure!(
        list.contains("demo-blind") && list.contains("all fields"),
        "{list}"
    );
    Ok(())
}

/// Sends a file beside its record.
async fn filed(program: &Program, title: &str) -> Result<Answer> {
    let record = json!({ "Title": title, "PathOnClient": "brief.pdf" });
    let body = format!(
        "--bb\r\nContent-Disposition: form-data; name=\"entity_content\"\r\n\
         Content-Type: application/json\r\n\r\n{record}\r\n\
         --bb\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"brief.pdf\"\r\n\
         Content-Type: application/pdf\r\n\r\nBriefinhoud\r\n--bb--\r\n"
    );
    let request = Request {
        method: "POST",
        path: format!("{D}/sobjects/ContentVersion"),
        media: "multipart/form-data; boundary=bb",
        body,
    };
    program.ask(&request).await
}

#[tokio::test]
async fn files_and_results_of_jobs_go_by_the_list_of_the_moment() -> Result<()> {
    let program = Program::start()?;
    let contact = json!({ "LastName": NAME, "Title": TITLE });
    program.made("Contact", &contact).await?;
    let asked = json!({ "operation": "query", "query": "SELECT Id, LastName, Title FROM Contact" });
    let job = program.ask(&send("POST", "jobs/query", &asked)).await?;
    let job: Value = serde_json::from_str(&job.text)?;
    let job = job["id"].as_str().context("no job")?;
    let results = get(&format!("jobs/query/{job}/results"));
    let free = program.ask(&results).await?;
    ensure!(
        free.text.contains(NAME) && free.text.contains(TITLE),
        "{}",
        free.text
    );
    let free = filed(&program, "Vrij").await?;
    ensure!(free.status == 201, "{}", free.text);

    program.keeps_to(&[
        "Contact.LastName",
        "ContentVersion.VersionData",
        "ContentVersion.PathOnClient",
    ])?;
    let listed = program.ask(&results).await?;
    ensure!(listed.text.contains(NAME), "{}", listed.text);
    ensure!(!listed.text.contains(TITLE), "{}", listed.text);
    let titled = filed(&program, "Genoemd").await?;
    ensure!(titled.is_refused(), "{}", titled.text);

    program.keeps_to(&["ContentVersion"])?;
    let whole = filed(&program, "Geheel").await?;
    ensure!(whole.status == 201, "{}", whole.text);
    let told: Value = serde_json::from_str(&whole.text)?;
    let id = told["id"].as_str().context("no file")?;
    let content = get(&format!("sobjects/ContentVersion/{id}/VersionData"));
    ensure!(program.ask(&content).await?.text == "Briefinhoud");
    let gone = program.ask(&results).await?;
    ensure!(
        gone.text.contains("[sluis ") && !gone.text.contains(NAME),
        "{}",
        gone.text
    );
    program.keeps_to(&["ContentVersion.Title"])?;
    ensure!(program.ask(&content).await?.is_refused());
    let shut = filed(&program, "Dicht").await?;
    ensure!(shut.text.contains("[sluis "), "{}", shut.text);
    Ok(())
}

/// Doors that tell of records without being asked for a field of theirs.
fn telling(id: &str) -> Vec<Request> {
    vec![
        get("sobjects/Contact"),
        get("recent?limit=20"),
        get(&format!("sobjects/Contact/{id}")),
        get("analytics/reports/00O000000000001EAA?includeDetails=true"),
        export(),
        get("analytics/dashboards/01Z000000000001EAA"),
        get(&format!("ui-api/record-ui/{id}?layoutTypes=Full")),
        get(&format!("ui-api/records/{id}?layoutTypes=Full")),
        get(&format!("ui-api/record-defaults/clone/{id}")),
        get("ui-api/list-records/Contact/__Recent?fields=Contact.Email"),
        query("SELECT FIELDS(ALL) FROM Contact LIMIT 200"),
    ]
}

#[tokio::test]
async fn what_is_told_unasked_keeps_to_the_list() -> Result<()> {
    let program = Program::start()?;
    let contact = json!({
        "LastName": NAME, "FirstName": "Merelwit", "Email": "zwaluw@example.nl", "Title": TITLE,
        "Phone": PHONE, "LeadSource": SOURCE,
    });
    let id = program.made("Contact", &contact).await?;
    let values = [NAME, "Merelwit", TITLE, PHONE, SOURCE];
    let tells = |answer: &Answer| values.iter().any(|value| answer.text.contains(value));
    let mut told = 0;
    for request in telling(&id) {
        let answer = program.ask(&request).await?;
        told += usize::from(tells(&answer));
    }
    ensure!(told >= 5, "without a list, {told} of them tell something");
    for list in [
        &["Contact.Email"][..],
        &["Contact.Email", "Account", "Case"],
    ] {
        program.keeps_to(list)?;
        let mut listed = 0;
        for request in telling(&id) {
            let answer = program.ask(&request).await?;
            ensure!(!tells(&answer), "{}: {}", request.path, answer.text);
            listed += usize::from(answer.text.contains("zwaluw@example.nl"));
        }
        ensure!(listed >= 2, "what is listed stays: {listed}");
    }
    Ok(())
}
