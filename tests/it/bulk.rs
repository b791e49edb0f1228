//! Bulk jobs from the attacker's side: tables with two readings, data for jobs that nobody made, bodies
//! that are not what they say. Whatever is refused, nothing of its portion reaches the CRM.

#![expect(clippy::too_many_lines, reason = "tables of tries")]

use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::canary::{self, Canary};
use crate::support::demo::Demo;

const JOBS: &str = "/services/data/v60.0/jobs";

/// A client of a demo's.
struct Client {
    demo: Demo,
    http: reqwest::Client,
    canary: Canary,
}

impl Client {
    fn start() -> Result<Self> {
        let demo = Demo::start()?;
        let http = demo.client()?;
        let canary = Canary::load()?;
        Ok(Self { demo, http, canary })
    }

    async fn send(&self, method: &str, path: &str, body: (&str, Vec<u8>)) -> Result<(u16, String)> {
        let ready = self.demo.ready();
        let request = self
            .http
            .request(method.parse()?, format!("{}{path}", ready.border))
            .bearer_auth(&ready.access_token);
        let request = match body {
            ("", _) => request,
            (kind, body) => request.header("content-type", kind).body(body),
        };
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    async fn get(&self, path: &str) -> Result<(u16, String)> {
        self.send("GET", path, ("", vec![])).await
    }

    async fn job(&self, kind: &str, job: &Value) -> Result<(u16, String)> {
        let body = ("application/json", job.to_string().into_bytes());
        self.send("POST", &format!("{JOBS}/{kind}"), body).await
    }

    /// A job for new contacts, with what is said beside that.
    async fn made(&self, more: &Value) -> Result<String> {
        let mut job = json!({"object": "Contact", "operation": "insert"});
        for (name, value) in more.as_object().into_iter().flatten() {
            job[name] = value.clone();
        }
        let (status, text) = self.job("ingest", &job).await?;
        ensure!(status == 200, "{status}: {text}");
        let told: Value = serde_json::from_str(&text)?;
        let id = told.get("id").and_then(Value::as_str);
        id.map(str::to_owned).context("no id")
    }

    async fn upload(&self, job: &str, table: impl Into<Vec<u8>>) -> Result<(u16, String)> {
        let path = format!("{JOBS}/ingest/{job}/batches");
        self.send("PUT", &path, ("text/csv", table.into())).await
    }

    async fn coded(&self, job: &str, coding: &str, table: Vec<u8>) -> Result<(u16, String)> {
        let ready = self.demo.ready();
        let path = format!("{}{JOBS}/ingest/{job}/batches", ready.border);
        let request = self.http.put(path).bearer_auth(&ready.access_token);
        let request = request.header("content-type", "text/csv");
        let request = request.header("content-encoding", coding).body(table);
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// What the CRM got of an upload.
    async fn uploads(&self) -> Result<usize> {
        let crm = &self.demo.ready().crm;
        let all: Vec<Value> = serde_json::from_slice(&self.demo.plain(crm, "/_requests").await?)?;
        Ok(all
            .iter()
            .filter(|request| request["method"] == "PUT")
            .count())
    }

    /// Whether an answer is a refusal by this rule that says nothing of a value.
    fn refused(&self, (status, text): &(u16, String), code: &str) -> Result<()> {
        ensure!((400..404).contains(status), "{status}: {text}");
        ensure!(text.contains(&format!("[sluis {code}]")), "{text}");
        ensure!(!text.to_lowercase().contains(&self.canary.text), "{text}");
        Ok(())
    }
}

#[tokio::test]
async fn tables_with_two_readings_are_refused_and_nothing_of_them_leaves() -> Result<()> {
    let client = Client::start()?;
    let value = format!("Van {}", client.canary.text);
    for (name, table, code) in [
        (
            "a bare quote",
            format!("LastName\n{value}\"\n"),
            "body-malformed",
        ),
        (
            "text behind a quote",
            format!("LastName\n\"a\"{value}\n"),
            "body-malformed",
        ),
        (
            "a quote without end",
            format!("LastName\n\"{value}\n"),
            "body-malformed",
        ),
        (
            "a cell too many",
            format!("LastName\na,{value}\n"),
            "body-malformed",
        ),
        (
            "a cell too few",
            format!("LastName,FirstName\n{value}\n"),
            "body-malformed",
        ),
        (
            "a column twice",
            format!("LastName,LASTNAME\na,{value}\n"),
            "body-malformed",
        ),
        (
            "another delimiter",
            format!("LastName;FirstName\na;{value}\n"),
            "policy-unknown-field",
        ),
        (
            "another line end",
            format!("LastName\r\n{value}\r\n"),
            "body-malformed",
        ),
        (
            "a carriage return",
            format!("LastName\ra,{value}\n"),
            "body-malformed",
        ),
        (
            "a separator line",
            format!("sep=,\nLastName\n{value}\n"),
            "body-malformed",
        ),
        (
            "a value as the header",
            format!("{value}\na\n"),
            "policy-unknown-field",
        ),
        (
            "a field without a rule",
            format!("LastName,Nickname__c\na,{value}\n"),
            "policy-unknown-field",
        ),
        (
            "a field without a rule, empty",
            format!("Nickname__c,LastName\n,{value}\n"),
            "policy-unknown-field",
        ),
        (
            "a relation without a rule",
            format!("LastName,Jansen__r.Name\na,{value}\n"),
            "policy-unknown-field",
        ),
        (
            "a relation by a name",
            format!("LastName,Account.Name\na,{value}\n"),
            "body-malformed",
        ),
        (
            "a computed field",
            format!("LastName,Name\na,{value}\n"),
            "field-not-writable",
        ),
        (
            "a name as an id",
            format!("LastName,AccountId\na,{value}\n"),
            "value-unfit",
        ),
        (
            "a name as a date",
            format!("LastName,CreatedDate\na,{value}\n"),
            "value-unfit",
        ),
        (
            "a null byte",
            format!("LastName\n{value}\0\n"),
            "body-malformed",
        ),
        ("no header", String::new(), "body-malformed"),
    ] {
        let job = client.made(&json!({})).await?;
        let answer = client.upload(&job, table).await?;
        client.refused(&answer, code).context(name)?;
        let (_, told) = client.get(&format!("{JOBS}/ingest/{job}")).await?;
        ensure!(told.contains("\"Aborted\""), "{name}: {told}");
    }
    let mut latin = format!("LastName\n{value}").into_bytes();
    latin.extend_from_slice(b"\xe9\n");
    let job = client.made(&json!({})).await?;
    client.refused(&client.upload(&job, latin).await?, "body-malformed")?;
    ensure!(client.uploads().await? == 0, "something reached the CRM");

    // The positive control: the same values, in a table that has one reading.
    let job = client
        .made(&json!({"columnDelimiter": "PIPE", "lineEnding": "CRLF"}))
        .await?;
    let table =
        format!("\u{feff}lastname|\"DESCRIPTION\"\r\n{value}|\"Regel, 1\nregel \"\"2\"\"\"\r\n");
    let (status, text) = client.upload(&job, table).await?;
    ensure!(status == 201, "{status}: {text}");
    let close = (
        "application/json",
        b"{\"state\":\"UploadComplete\"}".to_vec(),
    );
    let path = format!("{JOBS}/ingest/{job}");
    let (status, text) = client.send("PATCH", &path, close).await?;
    ensure!(status == 200, "{status}: {text}");
    let (_, rows) = client.get(&format!("{path}/successfulResults")).await?;
    ensure!(
        rows.contains(&value) && rows.contains("regel \"\"2\"\""),
        "{rows}"
    );
    canary::nothing_is_left(client.demo).await
}

#[tokio::test]
async fn data_for_a_job_that_nobody_made_is_refused() -> Result<()> {
    let client = Client::start()?;
    let value = format!("Van {}", client.canary.text);
    let table = format!("LastName\n{value}\n");
    let made = client.made(&json!({})).await?;
    let asked = json!({"operation": "query", "query": "SELECT Id FROM Contact"});
    let (status, text) = client.job("query", &asked).await?;
    ensure!(status == 200, "{status}: {text}");
    let told: Value = serde_json::from_str(&text)?;
    let query = told["id"].as_str().context("no id")?.to_owned();
    let before = client.uploads().await?;
    // A job that the CRM has and the border has not made, one of another kind, none at all.
    for job in ["750000000000999AAA", query.as_str()] {
        client.refused(
            &client.upload(job, table.clone()).await?,
            "endpoint-unknown",
        )?;
        for rows in ["successfulResults", "failedResults", "unprocessedrecords"] {
            let answer = client.get(&format!("{JOBS}/ingest/{job}/{rows}")).await?;
            client.refused(&answer, "endpoint-unknown")?;
        }
    }
    let path = |job: &str| format!("/services/async/60.0/job/{job}/batch");
    let csv = |text: &str| ("text/csv", text.as_bytes().to_vec());
    let answer = client.send("POST", &path(&made), csv(&table)).await?;
    client.refused(&answer, "endpoint-unknown")?;
    for target in [
        "results?locator=MTAw",
        "results?locator=Jan%20Jansen",
        "resultPages",
    ] {
        let (status, text) = client
            .get(&format!("{JOBS}/query/{query}/{target}"))
            .await?;
        ensure!((400..404).contains(&status), "{target}: {status} {text}");
    }
    // What a job may not say.
    for (more, code) in [
        (json!({"object": "Jansen__c"}), "policy-unknown-object"),
        (json!({"contentType": "ZIP_CSV"}), "body-media-type"),
        (json!({"note": value}), "body-malformed"),
        (json!({"assignmentRuleId": value}), "body-malformed"),
        (json!({"operation": "upsert"}), "body-malformed"),
        (
            json!({"operation": "upsert", "externalIdFieldName": "LastName"}),
            "field-not-writable",
        ),
    ] {
        let mut job = json!({"object": "Contact", "operation": "insert"});
        for (name, value) in more.as_object().into_iter().flatten() {
            job[name] = value.clone();
        }
        client
            .refused(&client.job("ingest", &job).await?, code)
            .context(more.to_string())?;
    }
    // Bodies that are not what they say.
    let path = format!("{JOBS}/ingest/{made}/batches");
    for kind in [
        "application/json",
        "text/plain",
        "text/csv; charset=latin1",
        "zip/csv",
        "multipart/form-data; boundary=x",
    ] {
        let answer = client
            .send("PUT", &path, (kind, table.clone().into_bytes()))
            .await?;
        client.refused(&answer, "body-media-type").context(kind)?;
    }
    for (method, target) in [("POST", &path), ("PATCH", &path), ("GET", &path)] {
        let (status, text) = client.send(method, target, csv(&table)).await?;
        ensure!((400..406).contains(&status), "{method}: {status} {text}");
    }
    ensure!(
        client.uploads().await? == before,
        "something reached the CRM"
    );
    let (status, text) = client.upload(&made, table).await?;
    ensure!(status == 201, "the control: {status} {text}");
    canary::nothing_is_left(client.demo).await
}

impl Client {
    async fn close(&self, job: &str) -> Result<()> {
        let close = b"{\"state\":\"UploadComplete\"}".to_vec();
        let path = format!("{JOBS}/ingest/{job}");
        let (status, text) = self
            .send("PATCH", &path, ("application/json", close))
            .await?;
        ensure!(status == 200, "{status}: {text}");
        Ok(())
    }

    /// What is told of a job, or of its rows.
    async fn told(&self, job: &str, what: &str) -> Result<String> {
        let (status, text) = self.get(&format!("{JOBS}/ingest/{job}{what}")).await?;
        ensure!(status == 200, "{status}: {text}");
        Ok(text)
    }
}

#[tokio::test]
async fn a_record_that_policy_refuses_fails_by_itself() -> Result<()> {
    let client = Client::start()?;
    let text = &client.canary.text;
    let mut table = "LastName,Email\n".to_owned();
    for at in 1..=1000 {
        table.push_str(&match at {
            300 | 301 | 1000 => format!("Van {text},geen adres {text}\n"),
            _ => format!("Van {text}{at},{text}.{at}@example.nl\n"),
        });
    }
    let job = client.made(&json!({})).await?;
    let (status, answer) = client.upload(&job, table).await?;
    ensure!(status == 201, "{status}: {answer}");
    client.close(&job).await?;
    let failed = client.told(&job, "/failedResults").await?;
    ensure!(failed.lines().count() == 4, "{failed}");
    for number in [300, 301, 1000] {
        let named = |line: &str| line.contains(&format!("record {number}: "));
        let row = failed.lines().find(|line| named(line)).context("no row")?;
        ensure!(
            row.starts_with("\"\",\"")
                && row.contains("[sluis value-unfit]")
                && row.contains("Email"),
            "{row}"
        );
    }
    ensure!(!failed.to_lowercase().contains(text), "{failed}");
    let taken = client.told(&job, "/successfulResults").await?;
    ensure!(taken.lines().count() == 998, "{}", taken.lines().count());
    ensure!(taken.matches(&format!("Van {text}")).count() == 997);
    let told: Value = serde_json::from_str(&client.told(&job, "").await?)?;
    ensure!(
        told["numberRecordsProcessed"] == 1000 && told["numberRecordsFailed"] == 3,
        "{told}"
    );
    canary::nothing_is_left(client.demo).await
}

#[tokio::test]
async fn a_record_that_cannot_be_read_takes_the_whole_job_with_it() -> Result<()> {
    let client = Client::start()?;
    let text = &client.canary.text;
    let many = |count: usize, last: &str| {
        let rows: String = (0..count)
            .map(|at| format!("Van {text}{at},{text}.{at}@example.nl\n"))
            .collect();
        format!("LastName,Email\n{rows}{last}\n")
    };
    let refused = vec!["Van,geen adres"; 1001].join("\n");
    for (table, code, named) in [
        (many(1000, "a,b,c"), "body-malformed", "record 1001"),
        // Nothing else is there to be sent.
        (
            format!("LastName,Email\nVan {text},geen adres {text}\n"),
            "value-unfit",
            "record 1",
        ),
        (many(100, &refused), "value-unfit", "more than 1000"),
    ] {
        let job = client.made(&json!({})).await?;
        let answer = client.upload(&job, table).await?;
        client.refused(&answer, code)?;
        ensure!(answer.1.contains(named), "{}", answer.1);
        let told = client.told(&job, "").await?;
        ensure!(told.contains("\"Aborted\""), "{told}");
    }
    ensure!(
        client.uploads().await? == 0,
        "the CRM took half a table for a table"
    );
    canary::nothing_is_left(client.demo).await
}

/// A batch of five records in each form, of which policy refuses the first, third and fifth, and the
/// CRM the fourth.
fn batches_in_part_refused(text: &str) -> [(&'static str, &'static str, String); 3] {
    let (name, mail) = (
        |at: &str| format!("Van {text}{at}"),
        |at: u8| format!("{text}.{at}@example.nl"),
    );
    let bad = (Some(name("")), format!("geen adres {text}"));
    let records = [
        bad.clone(),
        (Some(name("1")), mail(1)),
        bad.clone(),
        (None, mail(2)),
        bad,
    ];
    let csv = records.iter().map(|(name, mail)| {
        let name = name.as_deref().unwrap_or_default();
        format!("{name},{mail}\n")
    });
    let json = records.iter().map(|(name, mail)| match name {
        Some(name) => json!({"LastName": name, "Email": mail}),
        None => json!({"Email": mail}),
    });
    let xml = records.iter().map(|(name, mail)| {
        let name = name.as_ref();
        let name = name.map_or(String::new(), |name| format!("<LastName>{name}</LastName>"));
        format!("<sObject>{name}<Email>{mail}</Email></sObject>")
    });
    let space = "http://www.force.com/2009/06/asyncapi/dataload";
    let xml = xml.collect::<String>();
    [
        (
            "CSV",
            "text/csv",
            format!("LastName,Email\n{}", csv.collect::<String>()),
        ),
        (
            "JSON",
            "application/json",
            json.collect::<Value>().to_string(),
        ),
        (
            "XML",
            "application/xml",
            format!("<sObjects xmlns=\"{space}\">{xml}</sObjects>"),
        ),
    ]
}

/// The results of a batch, one text each.
fn results_of(form: &str, text: &str) -> Result<Vec<String>> {
    Ok(match form {
        "CSV" => text.lines().skip(1).map(str::to_owned).collect(),
        "JSON" => {
            let all: Vec<Value> = serde_json::from_str(text)?;
            all.iter().map(Value::to_string).collect()
        }
        _ => text.split("<result>").skip(1).map(str::to_owned).collect(),
    })
}

#[tokio::test]
async fn a_record_that_policy_refuses_fails_at_its_place_in_a_batch_of_1_0() -> Result<()> {
    const OLD: &str = "/services/async/60.0/job";
    let client = Client::start()?;
    let text = &client.canary.text;
    for (form, media, table) in batches_in_part_refused(text) {
        let new = json!({"object": "Contact", "operation": "insert", "contentType": form});
        let body = ("application/json", new.to_string().into_bytes());
        let (status, told) = client.send("POST", OLD, body).await?;
        ensure!(status == 201, "{status}: {told}");
        let told: Value = serde_json::from_str(&told)?;
        let batches = format!("{OLD}/{}/batch", told["id"].as_str().context("no id")?);
        let body = (media, table.into_bytes());
        let (status, told) = client.send("POST", &batches, body).await?;
        ensure!(status == 201, "{status}: {told}");
        let id = told.split_once("751").context("no id")?.1;
        let id: String = id.chars().take_while(char::is_ascii_alphanumeric).collect();
        let (status, rows) = client.get(&format!("{batches}/751{id}/result")).await?;
        ensure!(status == 200, "{status}: {rows}");
        let rows = results_of(form, &rows)?;
        ensure!(rows.len() == 5, "{rows:?}");
        for (row, ours) in [(0, true), (1, false), (2, true), (3, false), (4, true)] {
            let line = rows.get(row).context("no row")?;
            ensure!(line.contains("[sluis value-unfit]") == ours, "{rows:?}");
            ensure!(line.contains("true") == (row == 1), "{rows:?}");
            ensure!(!line.to_lowercase().contains(text.as_str()), "{rows:?}");
        }
        let (status, told) = client.get(&format!("{batches}/751{id}")).await?;
        ensure!(status == 200, "{status}: {told}");
        let numbers = told.replace(['"', '<', '>', '/'], " ");
        let number = |name: &str| {
            let (_, rest) = numbers.split_once(name)?;
            let digits = |c: char| c.is_ascii_digit();
            let start = rest.find(digits)?;
            rest.get(start..)?
                .split(|c| !digits(c))
                .next()?
                .parse::<u32>()
                .ok()
        };
        ensure!(number("numberRecordsProcessed") == Some(5), "{told}");
        ensure!(number("numberRecordsFailed") == Some(4), "{told}");
    }
    canary::nothing_is_left(client.demo).await
}

fn zip(body: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    Ok(encoder.finish()?)
}

#[tokio::test]
async fn a_zipped_table_is_read_as_it_comes_and_a_broken_one_refused() -> Result<()> {
    let client = Client::start()?;
    let value = format!("Van {}", client.canary.text);
    let mut table = "LastName\n".to_owned();
    for at in 0..1000 {
        table.push_str(&format!("{value}{at}\n"));
    }
    let whole = zip(table.as_bytes())?;
    let cut = whole[..whole.len() - 4].to_vec();
    let twice = [whole.as_slice(), &whole].concat();
    let bomb = zip(format!("LastName\n{}\n", value.repeat(400_000)).as_bytes())?;
    for (name, coding, body) in [
        ("cut", "gzip", cut),
        ("two members", "gzip", twice),
        ("a bomb", "gzip", bomb),
        ("not zipped", "gzip", table.clone().into_bytes()),
        ("zipped within", "identity", zip(&whole)?),
        ("twice", "gzip", zip(&whole)?),
    ] {
        let job = client.made(&json!({})).await?;
        let answer = client.coded(&job, coding, body).await?;
        client.refused(&answer, "body-malformed").context(name)?;
        let (_, told) = client.get(&format!("{JOBS}/ingest/{job}")).await?;
        ensure!(told.contains("\"Aborted\""), "{name}: {told}");
    }
    for coding in ["br", "gzip, gzip", "x-gzip"] {
        let job = client.made(&json!({})).await?;
        let answer = client.coded(&job, coding, whole.clone()).await?;
        client.refused(&answer, "body-media-type").context(coding)?;
    }
    ensure!(client.uploads().await? == 0, "something reached the CRM");

    let job = client.made(&json!({})).await?;
    let (status, text) = client.coded(&job, "gzip", whole).await?;
    ensure!(status == 201, "{status}: {text}");
    let path = format!("{JOBS}/ingest/{job}");
    let close = b"{\"state\":\"UploadComplete\"}".to_vec();
    let (status, text) = client
        .send("PATCH", &path, ("application/json", close))
        .await?;
    ensure!(status == 200, "{status}: {text}");
    let (_, rows) = client.get(&format!("{path}/successfulResults")).await?;
    ensure!(rows.contains(&format!("{value}999")), "{rows}");
    canary::nothing_is_left(client.demo).await
}

#[tokio::test]
async fn a_batch_in_xml_that_is_no_plain_one_is_refused_and_nothing_of_it_leaves() -> Result<()> {
    const SPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";
    const JOBS: &str = "/services/async/60.0/job";
    let client = Client::start()?;
    let value = format!("Van {}", client.canary.text);
    let new = json!({"object": "Contact", "operation": "insert", "contentType": "XML"});
    let body = ("application/json", new.to_string().into_bytes());
    let (status, text) = client.send("POST", JOBS, body).await?;
    ensure!(status == 201, "{status}: {text}");
    let told: Value = serde_json::from_str(&text)?;
    let batches = format!("{JOBS}/{}/batch", told["id"].as_str().context("no id")?);
    let batch = |inside: &str| {
        let xsi = "http://www.w3.org/2001/XMLSchema-instance";
        format!("<sObjects xmlns=\"{SPACE}\" xmlns:xsi=\"{xsi}\">{inside}</sObjects>")
    };
    let record = |fields: &str| batch(&format!("<sObject>{fields}</sObject>"));
    let good = format!("<LastName>{value}</LastName>");
    let xml = |text: String| ("application/xml", text.into_bytes());
    let before = client
        .demo
        .plain(&client.demo.ready().crm, "/_requests")
        .await?;
    for (name, text, code) in [
        (
            "a document type",
            format!(
                "<!DOCTYPE x [<!ENTITY v \"{value}\">]>{}",
                record("<LastName>&v;</LastName>")
            ),
            "body-malformed",
        ),
        (
            "an instruction",
            format!("<?v {value}?>{}", record(&good)),
            "body-malformed",
        ),
        (
            "a comment",
            record(&format!("{good}<!-- {value} -->")),
            "body-malformed",
        ),
        (
            "an attribute",
            record(&format!("<LastName v=\"{value}\">a</LastName>")),
            "body-malformed",
        ),
        (
            "an attribute of the record",
            batch(&format!("<sObject v=\"{value}\">{good}</sObject>")),
            "body-malformed",
        ),
        (
            "text beside fields",
            record(&format!("{value}{good}")),
            "body-malformed",
        ),
        (
            "text beside records",
            batch(&format!("{value}<sObject>{good}</sObject>")),
            "body-malformed",
        ),
        (
            "another namespace",
            record(&format!(
                "<x:LastName xmlns:x=\"urn:x\">{value}</x:LastName>"
            )),
            "body-malformed",
        ),
        (
            "a value as a namespace",
            record(&format!("<LastName xmlns:x=\"urn:{value}\">a</LastName>")),
            "body-malformed",
        ),
        (
            "a field twice",
            record(&format!("<LastName>a</LastName>{good}")),
            "body-malformed",
        ),
        (
            "a field twice, in two cases",
            record(&format!("<LASTNAME>a</LASTNAME>{good}")),
            "body-malformed",
        ),
        (
            "nil with content",
            record(&format!("<LastName xsi:nil=\"true\">{value}</LastName>")),
            "body-malformed",
        ),
        (
            "a field without a rule",
            record(&format!("{good}<Nickname__c>{value}</Nickname__c>")),
            "policy-unknown-field",
        ),
        (
            "a value as a field",
            record("<Jansen>a</Jansen>"),
            "policy-unknown-field",
        ),
        (
            "a type of its own",
            record(&format!("<type>{value}</type>{good}")),
            "policy-unknown-field",
        ),
        (
            "a relation by a name",
            record(&format!(
                "{good}<Account><sObject><Name>{value}</Name></sObject></Account>"
            )),
            "body-malformed",
        ),
        (
            "JSON",
            format!("[{{\"LastName\":\"{value}\"}}]"),
            "body-malformed",
        ),
    ] {
        let (status, text) = client.send("POST", &batches, xml(text)).await?;
        ensure!(status == 400, "{name}: {status} {text}");
        ensure!(text.contains(&format!("[sluis {code}]")), "{name}: {text}");
        ensure!(
            !text.to_lowercase().contains(&client.canary.text),
            "{name}: {text}"
        );
    }
    let after = client
        .demo
        .plain(&client.demo.ready().crm, "/_requests")
        .await?;
    ensure!(before.len() == after.len(), "something reached the CRM");

    let cdata = format!("<LastName><![CDATA[{value} & Zn]]></LastName><Email xsi:nil=\"true\"/>");
    let (status, text) = client.send("POST", &batches, xml(record(&cdata))).await?;
    ensure!(status == 200 || status == 201, "{status}: {text}");
    canary::nothing_is_left(client.demo).await
}

#[tokio::test]
async fn what_the_bulk_api_has_beside_its_doors_is_refused_in_its_own_words() -> Result<()> {
    let client = Client::start()?;
    let value = client.canary.text.clone();
    let job = "/services/async/60.0/job";
    let asked = format!("{job}/750000000000001AAA");
    let targets = [
        ("GET", job.to_owned()),
        ("PUT", job.to_owned()),
        ("DELETE", asked.clone()),
        ("GET", format!("{asked}/spec")),
        ("POST", format!("{asked}/spec")),
        ("GET", format!("{asked}/batch/751000000000001AAA/request")),
        ("GET", format!("{job}/{value}")),
        ("GET", format!("{asked}?name={value}")),
        ("GET", format!("/services/async/{value}/job")),
        ("GET", "/services/async/60.0/batch".to_owned()),
        ("GET", "/services/async/10.0/job".to_owned()),
        ("GET", "/services/async/".to_owned()),
    ];
    for (method, target) in targets {
        let body = ("text/csv", value.clone().into_bytes());
        let body = match method {
            "GET" | "DELETE" => ("", vec![]),
            _ => body,
        };
        let (status, text) = client.send(method, &target, body).await?;
        ensure!((400..406).contains(&status), "{target}: {status} {text}");
        ensure!(
            text.contains("<exceptionCode>") && text.contains("[sluis "),
            "{target}: {text}"
        );
        ensure!(!text.to_lowercase().contains(&value), "{target}: {text}");
    }
    let crm = &client.demo.ready().crm;
    let requests: Vec<Value> =
        serde_json::from_slice(&client.demo.plain(crm, "/_requests").await?)?;
    let told = requests
        .iter()
        .any(|request| request["target"].to_string().contains("/async/"));
    ensure!(!told, "something reached the CRM");
    canary::nothing_is_left(client.demo).await
}

#[tokio::test]
async fn held_values_of_an_update_show_once_its_results_are_fetched() -> Result<()> {
    let client = Client::start()?;
    let value = format!("Van {}", client.canary.text);
    let upload = async |job: &str, table: String| -> Result<()> {
        let (status, text) = client.upload(job, table).await?;
        ensure!(status == 201, "{status}: {text}");
        client.close(job).await
    };
    let rows = async |job: &str| -> Result<String> {
        let (status, rows) = client
            .get(&format!("{JOBS}/ingest/{job}/successfulResults"))
            .await?;
        ensure!(status == 200, "{rows}");
        Ok(rows)
    };
    let job = client.made(&json!({})).await?;
    upload(&job, format!("LastName,Birthdate\n{value},1980-01-02\n")).await?;
    let told = rows(&job).await?;
    let id = told.lines().nth(1).and_then(|row| row.split(',').next());
    let id = id
        .map(|id| id.trim_matches('"').to_owned())
        .context("no id")?;
    let birthdate = async || -> Result<String> {
        let path = format!("/services/data/v60.0/sobjects/Contact/{id}?fields=Birthdate");
        let (status, text) = client.get(&path).await?;
        ensure!(status == 200, "{text}");
        let told: Value = serde_json::from_str(&text)?;
        Ok(told["Birthdate"].to_string())
    };
    ensure!(birthdate().await? == "\"1980-01-02\"");
    // No token tells of the record here: the id does.
    let job = client.made(&json!({"operation": "update"})).await?;
    upload(&job, format!("Id,Birthdate\n{id},1981-03-04\n")).await?;
    rows(&job).await?;
    ensure!(
        birthdate().await? == "\"1981-03-04\"",
        "the older one stands"
    );
    let job = client.made(&json!({"operation": "update"})).await?;
    upload(&job, format!("Id,Birthdate\n{id},#N/A\n")).await?;
    rows(&job).await?;
    ensure!(birthdate().await? == "null", "it was emptied");
    Ok(())
}

#[tokio::test]
async fn records_that_results_could_not_tell_of_are_refused() -> Result<()> {
    let client = Client::start()?;
    let value = format!("Van {}", client.canary.text);
    for (name, table) in [
        ("an empty line", format!("LastName\n{value}\n\n{value}\n")),
        ("empty quotes", format!("LastName\n{value}\n\"\"\n")),
        (
            "blanks",
            format!("LastName,FirstName\n{value},\n  ,\" \"\n"),
        ),
        ("only new and held", "Birthdate\n1980-01-02\n".to_owned()),
    ] {
        let job = client.made(&json!({})).await?;
        let (status, text) = client.upload(&job, table).await?;
        ensure!((400..404).contains(&status), "{name}: {status} {text}");
        ensure!(!text.to_lowercase().contains(&client.canary.text), "{text}");
    }
    let hard = json!({"object": "Contact", "operation": "hardDelete"});
    client.refused(&client.job("ingest", &hard).await?, "endpoint-unknown")?;
    let new = json!({"object": "Account", "operation": "insert", "contentType": "JSON"});
    let body = ("application/json", new.to_string().into_bytes());
    let (_, text) = client
        .send("POST", "/services/async/60.0/job", body)
        .await?;
    let told: Value = serde_json::from_str(&text)?;
    let id = told["id"].as_str().context("no id")?;
    let batches = format!("/services/async/60.0/job/{id}/batch");
    let children = json!([{"Name": value, "Contacts": {"records": [{"LastName": value}]}}]);
    let many: Vec<Value> = vec![json!({"Name": "x"}); 10_001];
    for (records, code) in [
        (children, "body-malformed"),
        (many.into(), "body-too-large"),
    ] {
        let body = ("application/json", records.to_string().into_bytes());
        let answer = client.send("POST", &batches, body).await?;
        client.refused(&answer, code)?;
    }
    ensure!(client.uploads().await? == 0, "something reached the CRM");
    let some = json!([{"Name": value}, {"Name": value}])
        .to_string()
        .into_bytes();
    let (status, text) = client
        .send("POST", &batches, ("application/json", some))
        .await?;
    ensure!(status == 201, "{status}: {text}");
    canary::nothing_is_left(client.demo).await
}
