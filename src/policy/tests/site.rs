//! Routes of a CRM that its policy describes: what compiles, and each way to get it wrong.

use crate::policy::{FieldTable, Plan, Report, Source, compare, compile, explain, explain_route};

pub const BASE: &str = r#"
version = 1
crm = "small"
token_domain = "token.example.eu"

[roles]
sales = "They sell."

[purposes]
relations = "Keeping in touch."

[defaults]
purpose = "relations"
lawful_basis = "contract"
retention = "P7Y"
roles = ["sales"]

[classes.name]
category = "pd:Name"
action = "tokenize"
search = "exact"

[objects.Contact]
pass = ["sector"]
fields = { last_name = "name" }
types = { sector = "id" }

[site]
pass = { csrf = "token" }

[forms.contact]
fields = { last_name = "last_name", sector = "sector" }

[[routes]]
name = "contact.edit"
method = ["GET", "POST"]
path = "/contact/edit/{id}"
object = "Contact"
record = "id"
body = "form"
form = "contact"
answer = "html"

[[routes]]
name = "contact.list"
path = "/contacts"
query = { search = { q = "Contact.last_name" } }
answer = "html"

[[static]]
paths = ["/static/**"]
"#;

fn compiled(text: &str) -> Result<Plan, Report> {
    let source = Source {
        name: "small.toml".to_owned(),
        text: text.to_owned(),
    };
    compile(
        &source,
        &FieldTable::salesforce().expect("the built-in table"),
    )
}

fn plan(text: &str) -> Plan {
    compiled(text).unwrap_or_else(|report| panic!("{report}"))
}

#[test]
fn a_crm_that_is_described_needs_no_table_of_ours() {
    let plan = plan(BASE);
    assert!(plan.warnings().is_empty(), "{}", plan.warnings());
    let site = plan.site().expect("a site");
    assert_eq!(site.routes.len(), 3);
    let text = explain_route(&plan, "contact.edit").expect("a route");
    assert!(
        text.contains("last_name: the field Contact.last_name"),
        "{text}"
    );
    assert!(explain_route(&plan, "contact.delete").is_none());
}

/// What to put in the place of what, and the code that it then has.
pub(super) const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "crm = \"small\"",
        "crm = \"salesforce\"\napi = { oldest = 50, newest = 60 }",
        "policy-stray-key",
    ),
    (
        "crm = \"small\"",
        "crm = \"small\"\napi = { oldest = 50, newest = 60 }",
        "policy-api",
    ),
    (
        "path = \"/contacts\"",
        "path = \"contacts\"",
        "policy-route-path",
    ),
    (
        "path = \"/contacts\"",
        "path = \"/contacts/**\"",
        "policy-route-path",
    ),
    (
        "path = \"/contacts\"",
        "path = \"/.sluis/x\"",
        "policy-route-path",
    ),
    (
        "path = \"/contacts\"",
        "path = \"/contact/edit/{other}\"",
        "policy-route-ambiguous",
    ),
    (
        "name = \"contact.list\"",
        "name = \"contact.edit\"",
        "policy-twice",
    ),
    (
        "name = \"contact.list\"",
        "name = \"Contact list\"",
        "policy-route-name",
    ),
    (
        "name = \"contact.list\"",
        "name = \"contact.list\"\nscan = [\"special\"]",
        "policy-scan-misfit",
    ),
    (
        "name = \"contact.edit\"",
        "name = \"contact.edit\"\nscan = []",
        "policy-scan-misfit",
    ),
    (
        "[site]",
        "[scan]\nrecords = [\"special\"]\n\n[site]",
        "policy-stray-key",
    ),
    (
        "action = \"tokenize\"\nsearch = \"exact\"",
        "action = \"pass\"\nreason = \"a test\"\n\n[[routes]]\nname = \"new\"\npath = \"/new\"\nmethod = \"POST\"\nobject = \"Contact\"\ncreates = { json = \"id\" }\nbody = \"json\"\nform = \"contact\"\nanswer = \"json\"\nscan = [\"identifiers\"]",
        "policy-scan-identifier",
    ),
    ("record = \"id\"", "record = \"key\"", "policy-route-record"),
    ("record = \"id\"", "creates = { }", "policy-route-record"),
    ("record = \"id\"\n", "", "policy-route-record"),
    ("object = \"Contact\"\n", "", "policy-route-object"),
    (
        "object = \"Contact\"",
        "object = \"Contcat\"",
        "policy-unknown-object",
    ),
    (
        "form = \"contact\"",
        "form = \"contcat\"",
        "policy-unknown-form",
    ),
    ("body = \"form\"\n", "", "policy-route-body"),
    ("body = \"form\"", "body = \"xml\"", "policy-unknown-value"),
    (
        "method = [\"GET\", \"POST\"]",
        "method = \"GET\"",
        "policy-route-body",
    ),
    (
        "answer = \"html\"\n\n[[static]]",
        "\n[[static]]",
        "policy-route-answer",
    ),
    (
        "{ search = { q = \"Contact.last_name\" } }",
        "\"contact\"",
        "policy-route-object",
    ),
    (
        "q = \"Contact.last_name\"",
        "q = \"Contact.sector\"",
        "policy-unknown-field",
    ),
    (
        "search = \"exact\"",
        "search = \"none\"",
        "policy-route-search",
    ),
    (
        "csrf = \"token\"",
        "csrf = \"secret\"",
        "policy-route-secret",
    ),
    (
        "path = \"/contacts\"",
        "path = \"/contacts\"\nwebsocket = \"opaque\"\nreason = \"Numbers only.\"",
        "policy-route-websocket",
    ),
    (
        "path = \"/contacts\"",
        "path = \"/contacts\"\nreason = \"Numbers only.\"",
        "policy-route-websocket",
    ),
    (
        "path = \"/contacts\"",
        "path = \"/contacts\"\nhost = \"https://files.example.com\"",
        "policy-route-path",
    ),
    (
        "csrf = \"token\"",
        "csrf = \"anything\"",
        "policy-unknown-value",
    ),
    ("[site]", "[site]\nids = \"any\"", "policy-unknown-value"),
    (
        "[site]",
        "[site]\ncookies = { __Host-sluis = \"token\" }",
        "policy-cookie",
    ),
    (
        "[site]",
        "[site]\ncookies = { \"sid.bound\" = \"token\" }",
        "policy-cookie",
    ),
    (
        "[site]",
        "[site]\ncookies = { \"s id\" = \"token\" }",
        "policy-cookie",
    ),
    (
        "[site]",
        "[site]\ncookies = { sid = { form = \"token\", scripts = true } }",
        "policy-cookie",
    ),
    (
        "[site]",
        "[site]\ncookies = { sid = { form = \"secret\" } }",
        "policy-route-secret",
    ),
    (
        "[site]",
        "[site]\ncookies = { sid = \"seald\" }",
        "policy-unknown-value",
    ),
    (
        "version = 1",
        "version = 1\nstep_up_minutes = 0",
        "policy-step-up",
    ),
    (
        "version = 1",
        "version = 1\nstep_up_minutes = 61",
        "policy-step-up",
    ),
    (
        "action = \"tokenize\"\nsearch = \"exact\"",
        "action = \"pass\"\nreason = \"x\"\nstep_up = true",
        "policy-step-up",
    ),
    (
        "[site]",
        "[site]\ncsp = { img-src = [\"*\"] }",
        "policy-csp",
    ),
    (
        "[site]",
        "[site]\ncsp = { script = [\"data:\"] }",
        "policy-csp",
    ),
    (
        "last_name = \"last_name\"",
        "last_name = \"lastname\"",
        "policy-unknown-field",
    ),
    (
        "sector = \"id\"",
        "sector = \"number\"",
        "policy-unknown-value",
    ),
    ("sector = \"id\"", "sektor = \"id\"", "policy-unknown-field"),
    (
        "action = \"tokenize\"",
        "action = \"hold\"",
        "policy-hold-misfit",
    ),
    ("types = { sector = \"id\" }", "", "policy-text-in-clear"),
    (
        "answer = \"html\"\n\n[[static]]",
        "answer = \"html\"\nplain_files = \"pass\"\n\n[[static]]",
        "policy-route-file",
    ),
    (
        "answer = \"html\"\n\n[[static]]",
        "answer = \"file\"\nplain_files = \"maybe\"\n\n[[static]]",
        "policy-unknown-value",
    ),
    (
        "[forms.contact]",
        "[forms.contact]\nfiles = { scan = { action = \"encrypt\", field = \"sector\" } }",
        "policy-route-file",
    ),
    (
        "[forms.contact]",
        "[forms.contact]\nfiles = { scan = { action = \"encrypt\", field = \"last_name\" } }",
        "policy-route-body",
    ),
    (
        "[forms.contact]",
        "[forms.contact]\nfiles = { scan = \"encrypt\" }",
        "policy-unknown-field",
    ),
    (
        "[forms.contact]",
        "[forms.contact]\nfiles = { scan = \"keep\" }",
        "policy-unknown-value",
    ),
    (
        "[forms.contact]",
        "[forms.contact]\nfiles = { scan = { action = \"encrypt\", field = \"last_name\", extensions = [\".pdf\"] } }",
        "policy-unknown-value",
    ),
    (
        "[forms.contact]",
        "[forms.contact]\nfiles = { last_name = \"block\" }",
        "policy-twice",
    ),
    (
        "paths = [\"/static/**\"]",
        "paths = [\"/static/**\"]\nquery = { fields = { a = \"b\" } }",
        "policy-route-object",
    ),
    (
        "[[static]]",
        "[[routes]]\nname = \"more\"\npath = \"/more\"\nquery = \"contact\"\nanswer = \"html\"\n\n[[static]]",
        "policy-route-query",
    ),
];

#[test]
fn each_mistake_has_its_code_and_its_place() {
    for (what, with, code) in MISTAKES {
        assert!(BASE.contains(*what), "{what}");
        let text = BASE.replacen(what, with, 1);
        let report = match compiled(&text) {
            Ok(plan) => plan.warnings().clone(),
            Err(report) => report,
        };
        let found = report
            .findings()
            .iter()
            .find(|finding| finding.code == *code);
        let found = found.unwrap_or_else(|| panic!("{with}: no {code} in {report}"));
        assert!(found.line > 1 && !found.help.is_empty(), "{with}");
    }
}

#[test]
fn files_are_blocked_by_a_list_and_sealed_by_a_table() {
    let form = "[forms.contact]";
    let listed = BASE.replacen(form, "[forms.contact]\nfiles = [\"scan\"]", 1);
    let word = "[forms.contact]\nfiles = { scan = { action = \"encrypt\", field = \"last_name\", max_file = 7 } }";
    let sealed = BASE.replacen(form, word, 1);
    let sealed = sealed.replacen("body = \"form\"", "body = \"multipart\"", 1);
    let (listed, sealed) = (plan(&listed), plan(&sealed));
    let text = |plan: &Plan| explain_route(plan, "contact.edit").expect("a route");
    let blocked = text(&listed);
    assert!(
        blocked.contains("scan: a file, which is refused"),
        "{blocked}"
    );
    let said = text(&sealed);
    let expected = "scan: a file of at most 7 bytes, which leaves sealed; its name is the field Contact.last_name";
    assert!(said.contains(expected), "{said}");
    let changes = compare(&listed, &sealed);
    assert!(
        changes
            .iter()
            .any(|change| change.weaker && change.text.contains("`scan`")),
        "{changes:?}"
    );
}

#[test]
fn a_route_that_scans_says_so_and_to_take_it_away_is_weaker() {
    let text = BASE.replacen(
        "name = \"contact.edit\"",
        "name = \"contact.edit\"\nscan = [\"special\"]",
        1,
    );
    let with = plan(&text);
    let said = explain_route(&with, "contact.edit").expect("a route");
    assert!(said.contains("looked for     special categories"), "{said}");
    let said = explain(&with, "Contact", Some("last_name"), None);
    assert!(
        said.contains("special categories also, in what comes by contact.edit"),
        "{said}"
    );
    let field = |plan: &Plan| {
        let door = plan.door("contact.edit")?;
        door.object("Contact")?.field("last_name")?.scan.clone()
    };
    assert!(field(&with).is_some_and(|scan| scan.special.is_some() && !scan.identifiers));
    assert!(with.door("contact.list").is_none());
    let own = with
        .object("Contact")
        .and_then(|object| object.field("last_name"));
    assert!(own.is_some_and(|field| field.scan.is_none()));
    for (old, new, weaker) in [(&text[..], BASE, true), (BASE, &text, false)] {
        let changes = compare(&plan(old), &plan(new));
        assert!(
            changes
                .iter()
                .any(|change| change.weaker == weaker && change.text.contains("contact.edit")),
            "{changes:?}"
        );
    }
}

#[test]
fn what_opens_is_weaker_and_what_closes_is_not() {
    let more =
        format!("{BASE}\n[[routes]]\nname = \"more\"\npath = \"/more\"\nanswer = \"file\"\n");
    let opens = compare(&plan(BASE), &plan(&more));
    assert!(
        opens
            .iter()
            .any(|change| change.weaker && change.text.contains("/more")),
        "{opens:?}"
    );
    let elsewhere = more.replacen("\"/more\"", "\"/more\"\nhost = \"files.example.com\"", 1);
    let moves = compare(&plan(&more), &plan(&elsewhere));
    assert!(
        moves
            .iter()
            .any(|change| change.weaker && change.text.contains("files.example.com/more")),
        "{moves:?}"
    );
    let closes = compare(&plan(&more), &plan(BASE));
    assert!(
        closes
            .iter()
            .any(|change| !change.weaker && change.text.contains("/more")),
        "{closes:?}"
    );
    let passes = BASE.replacen(
        "{ search = { q = \"Contact.last_name\" } }",
        "{ pass = { q = \"word\" } }",
        1,
    );
    let passes = compare(&plan(BASE), &plan(&passes));
    assert!(
        passes
            .iter()
            .any(|change| change.weaker && change.text.contains("`q`")),
        "{passes:?}"
    );
}
