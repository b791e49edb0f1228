//! The REST API with its UI API and GraphQL, and the door of Lightning pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use sluis::dialect::salesforce::door;
use sluis::dialect::salesforce::target::Target;

use super::feeds;
use crate::support::suite::root;

/// One door.
pub struct Door {
    /// What logs and the ledger call it.
    pub name: &'static str,
    pub methods: &'static str,
    pub path: &'static str,
    /// A request by which it is found.
    pub sample: (&'static str, &'static str),
    pub protects: &'static str,
    pub refuses: &'static str,
    /// Which test of which client went through it: a file under `tests/clients` and words of it.
    pub proved: &'static [(&'static str, &'static str)],
}

const PYTHON_RECORDS: &str = "python/test_records.py";
const PYTHON_QUERIES: &str = "python/test_queries.py";
const PYTHON_COMPOSITE: &str = "python/test_composite.py";
const PYTHON_SEARCH: &str = "python/test_search.py";
const PYTHON_UI: &str = "python/test_ui.py";
const NODE_RECORDS: &str = "node/records.js";
const NODE_QUERIES: &str = "node/queries.js";
const NODE_COMPOSITE: &str = "node/composite.js";
const NODE_SEARCH: &str = "node/search.js";
const PYTHON_GRAPHQL: &str = "python/test_graphql.py";
const NODE_GRAPHQL: &str = "node/graphql.js";
const PYTHON_FILES: &str = "python/test_files.py";
const NODE_FILES: &str = "node/files.js";
const PYTHON_EXPORTS: &str = "python/test_exports.py";
const PYTHON_EVENTS: &str = "python/test_events.py";
const NODE_EVENTS: &str = "node/events.js";
const NODE_ANALYTICS: &str = "node/analytics.js";

/// What every body and every list of fields is held to.
const RECORDS: &str = "every field of every record by its rule";
/// Where a file may stand beside its record.
const FILED: &str = "every field of every record by its rule; files leave sealed, from base64 or from a form of two parts";
const UNRULED: &str =
    "objects and fields without a rule, lists and objects as values, fields twice, foreign tokens";

const DOORS: &[Door] = &[
    Door {
        name: "versions",
        methods: "GET",
        path: "/services/data",
        sample: ("GET", "/services/data"),
        protects: "nothing personal",
        refuses: "parameters",
        proved: &[],
    },
    Door {
        name: "resources",
        methods: "GET",
        path: "D",
        sample: ("GET", "/services/data/v60.0"),
        protects: "nothing personal",
        refuses: "versions outside of policy's `api`",
        proved: &[(NODE_RECORDS, "what was seen last is listed")],
    },
    Door {
        name: "sobjects",
        methods: "GET",
        path: "D/sobjects",
        sample: ("GET", "/services/data/v60.0/sobjects"),
        protects: "objects without rules are left out",
        refuses: "parameters",
        proved: &[
            (PYTHON_COMPOSITE, "test_objects_are_described"),
            (NODE_QUERIES, "objects are described"),
        ],
    },
    Door {
        name: "sobject",
        methods: "GET",
        path: "D/sobjects/OBJECT",
        sample: ("GET", "/services/data/v60.0/sobjects/Contact"),
        protects: "records in it, as everywhere",
        refuses: "objects without rules",
        proved: &[],
    },
    Door {
        name: "describe",
        methods: "GET",
        path: "D/sobjects/OBJECT/describe",
        sample: ("GET", "/services/data/v60.0/sobjects/Contact/describe"),
        protects: "fields without rules are left out",
        refuses: "objects without rules",
        proved: &[
            (PYTHON_COMPOSITE, "test_objects_are_described"),
            (NODE_QUERIES, "objects are described"),
        ],
    },
    Door {
        name: "create",
        methods: "POST",
        path: "D/sobjects/OBJECT",
        sample: ("POST", "/services/data/v60.0/sobjects/Contact"),
        protects: FILED,
        refuses: UNRULED,
        proved: &[
            (
                PYTHON_RECORDS,
                "test_a_contact_comes_back_as_it_was_written",
            ),
            (
                PYTHON_FILES,
                "test_a_file_in_a_form_of_two_parts_comes_back",
            ),
            (NODE_FILES, "a version that is sent as a form comes back"),
            (NODE_RECORDS, "a contact comes back as it was written"),
        ],
    },
    Door {
        name: "read",
        methods: "GET",
        path: "D/sobjects/OBJECT/ID, D/sobjects/OBJECT/FIELD/VALUE",
        sample: (
            "GET",
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
        ),
        protects: "keys in the URL become stable tokens; tokens are revealed by class",
        refuses: "fields without rules, keys that are not stable",
        proved: &[(PYTHON_RECORDS, "test_a_read_of_some_fields_gives_those")],
    },
    Door {
        name: "update",
        methods: "PATCH",
        path: "D/sobjects/OBJECT/ID, D/sobjects/OBJECT/FIELD/VALUE",
        sample: (
            "PATCH",
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
        ),
        protects: RECORDS,
        refuses: UNRULED,
        proved: &[
            (
                PYTHON_RECORDS,
                "test_an_update_changes_what_it_names_and_nothing_else",
            ),
            (NODE_RECORDS, "an update changes what it names"),
        ],
    },
    Door {
        name: "delete",
        methods: "DELETE",
        path: "D/sobjects/OBJECT/ID, D/sobjects/OBJECT/FIELD/VALUE",
        sample: (
            "DELETE",
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
        ),
        protects: "keys in the URL become stable tokens",
        refuses: "keys that are not stable",
        proved: &[
            (PYTHON_RECORDS, "test_a_deleted_contact_is_gone"),
            (NODE_RECORDS, "deleted records are gone"),
        ],
    },
    Door {
        name: "download",
        methods: "GET",
        path: "D/sobjects/OBJECT/ID/FIELD, /sfc/servlet.shepherd/version/download/ID, /sfc/servlet.shepherd/document/download/ID, /servlet/servlet.FileDownload?file=ID",
        sample: (
            "GET",
            "/services/data/v60.0/sobjects/Attachment/00P000000000001EAA/Body",
        ),
        protects: "opened while it passes, for roles that see the field's class; `Range` and `ETag` do not pass",
        refuses: "several files at once, renditions, files that were changed or belong to another record; files that did not come through the border, unless policy says `plain_files`",
        proved: &[
            (
                PYTHON_FILES,
                "test_a_version_comes_back_by_every_way_that_gives_it",
            ),
            (
                PYTHON_FILES,
                "test_a_document_of_a_folder_comes_back_by_the_page_that_gives_it",
            ),
            (NODE_FILES, "an attachment comes back as it was written"),
        ],
    },
    Door {
        name: "query",
        methods: "GET",
        path: "D/query?q=, D/queryAll?q=",
        sample: ("GET", "/services/data/v60.0/query?q=x"),
        protects: "values that are compared become tokens; aliases become ours",
        refuses: "`LIKE`, ranges, order, groups and extremes over protected fields, by clause and field",
        proved: &[
            (PYTHON_QUERIES, "test_an_address_finds_its_contact"),
            (NODE_QUERIES, "conditions are joined"),
        ],
    },
    Door {
        name: "query-more",
        methods: "GET",
        path: "D/query/LOCATOR",
        sample: ("GET", "/services/data/v60.0/query/01g000000000001AAA-2000"),
        protects: "records in it, as everywhere",
        refuses: "locators of another form",
        proved: &[
            (PYTHON_QUERIES, "test_all_pages_of_a_long_answer_are_read"),
            (NODE_QUERIES, "all pages of a long answer are read"),
        ],
    },
    Door {
        name: "search",
        methods: "GET; parameterizedSearch also POST",
        path: "D/search?q=, D/parameterizedSearch",
        sample: ("GET", "/services/data/v60.0/search?q=x"),
        protects: "words become the tokens of whole values; what is returned is filtered as in a query",
        refuses: "wildcards, excerpts, highlights and other `WITH` clauses over protected fields; suggestions",
        proved: &[
            (
                PYTHON_SEARCH,
                "test_a_search_finds_a_person_by_each_whole_value",
            ),
            (
                PYTHON_SEARCH,
                "test_what_cannot_be_answered_is_refused_by_clause",
            ),
            (NODE_SEARCH, "several objects are searched at once"),
        ],
    },
    Door {
        name: "search-layout",
        methods: "GET",
        path: "D/search/layout?q=, D/search/scopeOrder",
        sample: ("GET", "/services/data/v60.0/search/layout?q=Contact"),
        protects: "nothing personal",
        refuses: "objects without rules",
        proved: &[],
    },
    Door {
        name: "recent",
        methods: "GET",
        path: "D/recent",
        sample: ("GET", "/services/data/v60.0/recent"),
        protects: "records in it, as everywhere",
        refuses: "parameters but `limit`",
        proved: &[(NODE_RECORDS, "what was seen last is listed")],
    },
    Door {
        name: "limits",
        methods: "GET",
        path: "D/limits, D/limits/recordCount?sObjects=",
        sample: ("GET", "/services/data/v60.0/limits"),
        protects: "nothing personal",
        refuses: "objects without rules",
        proved: &[
            (PYTHON_COMPOSITE, "test_limits_are_told"),
            (NODE_QUERIES, "limits are told"),
        ],
    },
    Door {
        name: "composite",
        methods: "POST",
        path: "D/composite",
        sample: ("POST", "/services/data/v60.0/composite"),
        protects: "each sub-request by its own door; reference ids become ours",
        refuses: "the whole request for one refused part; header fields inside; references to anything but ids",
        proved: &[
            (PYTHON_COMPOSITE, "test_requests_refer_to_each_other"),
            (NODE_COMPOSITE, "requests refer to each other"),
        ],
    },
    Door {
        name: "composite-batch",
        methods: "POST",
        path: "D/composite/batch",
        sample: ("POST", "/services/data/v60.0/composite/batch"),
        protects: "each sub-request by its own door",
        refuses: "the whole request for one refused part",
        proved: &[
            (PYTHON_COMPOSITE, "test_a_batch_writes_and_reads"),
            (NODE_COMPOSITE, "a batch reads"),
        ],
    },
    Door {
        name: "composite-graph",
        methods: "POST",
        path: "D/composite/graph",
        sample: ("POST", "/services/data/v60.0/composite/graph"),
        protects: "each sub-request by its own door; graph ids become ours",
        refuses: "the whole request for one refused part",
        proved: &[(PYTHON_COMPOSITE, "test_a_graph_writes")],
    },
    Door {
        name: "composite-tree",
        methods: "POST",
        path: "D/composite/tree/OBJECT",
        sample: ("POST", "/services/data/v60.0/composite/tree/Contact"),
        protects: RECORDS,
        refuses: UNRULED,
        proved: &[
            (PYTHON_COMPOSITE, "test_a_tree_is_planted"),
            (NODE_COMPOSITE, "a tree of records is planted"),
        ],
    },
    Door {
        name: "composite-sobjects",
        methods: "POST, PATCH, DELETE; OBJECT also GET, OBJECT/FIELD PATCH",
        path: "D/composite/sobjects, …/OBJECT, …/OBJECT/FIELD",
        sample: ("POST", "/services/data/v60.0/composite/sobjects"),
        protects: RECORDS,
        refuses: UNRULED,
        proved: &[
            (
                PYTHON_COMPOSITE,
                "test_collections_are_made_changed_read_upserted_and_deleted",
            ),
            (NODE_RECORDS, "many contacts come back as they were written"),
        ],
    },
    Door {
        name: "ui-records",
        methods: "GET",
        path: "D/ui-api/records/ID, records/batch/IDS",
        sample: (
            "GET",
            "/services/data/v60.0/ui-api/records/003000000000001AAA",
        ),
        protects: "value and displayValue are revealed by class; ETags stay",
        refuses: "fields and relations without rules, unknown parameters",
        proved: &[
            (PYTHON_UI, "test_a_record_is_made_read_changed_and_deleted"),
            (NODE_SEARCH, "a record is made, read and changed"),
        ],
    },
    Door {
        name: "ui-create",
        methods: "POST",
        path: "D/ui-api/records",
        sample: ("POST", "/services/data/v60.0/ui-api/records"),
        protects: RECORDS,
        refuses: UNRULED,
        proved: &[
            (PYTHON_UI, "test_a_record_is_made_read_changed_and_deleted"),
            (PYTHON_UI, "test_what_is_refused_stands_at_its_field"),
            (NODE_SEARCH, "what is refused stands at its field"),
        ],
    },
    Door {
        name: "ui-update",
        methods: "PATCH",
        path: "D/ui-api/records/ID",
        sample: (
            "PATCH",
            "/services/data/v60.0/ui-api/records/003000000000001AAA",
        ),
        protects: RECORDS,
        refuses: UNRULED,
        proved: &[
            (PYTHON_UI, "test_a_record_is_made_read_changed_and_deleted"),
            (NODE_SEARCH, "a record is made, read and changed"),
        ],
    },
    Door {
        name: "ui-delete",
        methods: "DELETE",
        path: "D/ui-api/records/ID",
        sample: (
            "DELETE",
            "/services/data/v60.0/ui-api/records/003000000000001AAA",
        ),
        protects: "nothing personal",
        refuses: "ids of objects without rules",
        proved: &[(PYTHON_UI, "test_a_record_is_made_read_changed_and_deleted")],
    },
    Door {
        name: "ui-record-ui",
        methods: "GET",
        path: "D/ui-api/record-ui/IDS",
        sample: (
            "GET",
            "/services/data/v60.0/ui-api/record-ui/003000000000001AAA",
        ),
        protects: "records in it, as above",
        refuses: "as above",
        proved: &[(PYTHON_UI, "test_lists_relations_and_descriptions_are_read")],
    },
    Door {
        name: "ui-defaults",
        methods: "GET",
        path: "D/ui-api/record-defaults/create/OBJECT, record-defaults/clone/ID",
        sample: (
            "GET",
            "/services/data/v60.0/ui-api/record-defaults/create/Contact",
        ),
        protects: "records in it, as above",
        refuses: "as above",
        proved: &[],
    },
    Door {
        name: "ui-object-info",
        methods: "GET",
        path: "D/ui-api/object-info, object-info/OBJECT, object-info/batch/OBJECTS, object-info/OBJECT/picklist-values/RECORDTYPE[/FIELD]",
        sample: ("GET", "/services/data/v60.0/ui-api/object-info/Contact"),
        protects: "fields without rules are left out",
        refuses: "objects without rules",
        proved: &[(PYTHON_UI, "test_lists_relations_and_descriptions_are_read")],
    },
    Door {
        name: "ui-layout",
        methods: "GET",
        path: "D/ui-api/layout/OBJECT",
        sample: ("GET", "/services/data/v60.0/ui-api/layout/Contact"),
        protects: "nothing personal",
        refuses: "objects without rules",
        proved: &[],
    },
    Door {
        name: "ui-list",
        methods: "GET",
        path: "D/ui-api/list-records/…, list-ui/…, list-info/…",
        sample: (
            "GET",
            "/services/data/v60.0/ui-api/list-ui/Contact/__Recent",
        ),
        protects: "records in it, as above",
        refuses: "order by protected fields, `where`, search terms, views of one's own by name",
        proved: &[(PYTHON_UI, "test_lists_relations_and_descriptions_are_read")],
    },
    Door {
        name: "ui-related-list",
        methods: "GET, POST",
        path: "D/ui-api/related-list-records/ID/RELATION",
        sample: (
            "GET",
            "/services/data/v60.0/ui-api/related-list-records/001000000000001AAA/Contacts",
        ),
        protects: "records in it, as above",
        refuses: "order by protected fields, `where`, unknown relations",
        proved: &[(PYTHON_UI, "test_lists_relations_and_descriptions_are_read")],
    },
    Door {
        name: "ui-lookup",
        methods: "GET",
        path: "D/ui-api/lookups/OBJECT/FIELD[/TARGET]?q=",
        sample: (
            "GET",
            "/services/data/v60.0/ui-api/lookups/Case/ContactId/Contact?q=x",
        ),
        protects: "the term becomes the one token of each whole value; links with tokens are masked",
        refuses: "wildcards, `searchType=TypeAhead`, values that several tokens stand for",
        proved: &[(PYTHON_UI, "test_a_look_up_finds_by_the_whole_name")],
    },
    Door {
        name: "graphql",
        methods: "POST",
        path: "D/graphql",
        sample: ("POST", "/services/data/v60.0/graphql"),
        protects: "values that are compared become tokens, records of mutations as above; variables are put in their places; keys of the answer become ours and come back",
        refuses: "`like`, ranges and order over protected fields; aggregates, object infos, introspection; unknown fields, arguments and directives; lists of requests, persisted queries",
        proved: &[
            (
                PYTHON_GRAPHQL,
                "test_literals_and_variables_find_their_people",
            ),
            (PYTHON_GRAPHQL, "test_mutations_write_change_and_delete"),
            (PYTHON_GRAPHQL, "test_what_is_refused_has_its_place"),
            (NODE_GRAPHQL, "a mutation writes several records"),
        ],
    },
    Door {
        name: "aura",
        methods: "POST",
        path: "/aura, /s/sfsites/aura",
        sample: ("POST", "/aura?r=1"),
        protects: "actions of RecordUi, ListUi, RelatedListUi and Lookup as the UI API's own; answers of any other action have their tokens revealed; ids of actions become ours, the page's address is cut to what is known",
        refuses: "each refused action by itself, at its field; of actions that policy does not name whatever is no id, number or word of the CRM's; unknown fields of the form, `aura.context` and `aura.token` in another form",
        proved: &[],
    },
    Door {
        name: "ui-actions",
        methods: "GET",
        path: "D/ui-api/actions/object/OBJECT, actions/record/IDS",
        sample: ("GET", "/services/data/v60.0/ui-api/actions/object/Contact"),
        protects: "nothing personal",
        refuses: "objects without rules",
        proved: &[],
    },
    Door {
        name: "events",
        methods: "POST",
        path: "/cometd/NN.0",
        sample: ("POST", "/cometd/60.0"),
        protects: "fields of payloads are revealed by their object and class, by policy and roles of the moment at which they come; ids of messages become ours",
        refuses: "publishing; channels of objects without rules and names that policy's `streams` has not; other clients' names; versions before 37.0",
        proved: &[
            (PYTHON_EVENTS, "test_changes_are_heard_as_they_were_written"),
            (NODE_EVENTS, "changes are heard as they were written"),
        ],
    },
    Door {
        name: "reports",
        methods: "GET",
        path: "D/analytics/reports",
        sample: ("GET", "/services/data/v60.0/analytics/reports"),
        protects: "names of reports pass as labels do",
        refuses: "making, changing and deleting reports",
        proved: &[(NODE_ANALYTICS, "reports are listed and described")],
    },
    Door {
        name: "report-describe",
        methods: "GET",
        path: "D/analytics/reports/ID/describe",
        sample: (
            "GET",
            "/services/data/v60.0/analytics/reports/00O000000000001EAA/describe",
        ),
        protects: "values of its filters by their columns; its description is masked",
        refuses: "parameters",
        proved: &[(NODE_ANALYTICS, "reports are listed and described")],
    },
    Door {
        name: "report",
        methods: "GET, POST",
        path: "D/analytics/reports/ID",
        sample: (
            "GET",
            "/services/data/v60.0/analytics/reports/00O000000000001EAA?includeDetails=true",
        ),
        protects: "values that filters compare become tokens; cells and groups are revealed by column and class; names and descriptions do not leave",
        refuses: "operators but `equals` and `notEqual`, order, extremes and groups over protected columns; unknown columns; cross filters, buckets, formulas; workbooks",
        proved: &[
            (NODE_ANALYTICS, "a report shows its people"),
            (NODE_ANALYTICS, "a filter finds its person"),
            (
                NODE_ANALYTICS,
                "patterns are refused by column and operator",
            ),
        ],
    },
    Door {
        name: "report-export",
        methods: "GET",
        path: "/00O…?export=1&enc=UTF-8&xf=csv",
        sample: (
            "GET",
            "/00O000000000001EAA?isdtp=p1&export=1&enc=UTF-8&xf=csv",
        ),
        protects: "cells are revealed by class and by the column that the report's description has under their label; a label that it does not have, or has for columns that are not seen alike, shows tokens alone; what stands behind the table is left out line by line",
        refuses: "other formats, encodings and parameters; a session but in one cookie `sid` or in `Authorization`; a report that is not described, or that changes meanwhile; pages in the place of a table",
        proved: &[
            (PYTHON_EXPORTS, "test_an_export_shows_its_people"),
            (PYTHON_EXPORTS, "test_who_may_not_see_a_class_gets_tokens"),
            (
                PYTHON_EXPORTS,
                "test_what_else_the_page_takes_is_refused_by_name",
            ),
        ],
    },
    Door {
        name: "report-query",
        methods: "POST",
        path: "D/analytics/reports/query",
        sample: ("POST", "/services/data/v60.0/analytics/reports/query"),
        protects: "as above",
        refuses: "as above; report types that are not standard ones",
        proved: &[],
    },
    Door {
        name: "report-instances",
        methods: "GET, POST",
        path: "D/analytics/reports/ID/instances, …/instances/ID",
        sample: (
            "GET",
            "/services/data/v60.0/analytics/reports/00O000000000001EAA/instances",
        ),
        protects: "as above",
        refuses: "as above",
        proved: &[(NODE_ANALYTICS, "a report is run and fetched later")],
    },
    Door {
        name: "dashboards",
        methods: "GET",
        path: "D/analytics/dashboards",
        sample: ("GET", "/services/data/v60.0/analytics/dashboards"),
        protects: "names of dashboards pass as labels do",
        refuses: "making, changing and deleting dashboards",
        proved: &[(NODE_ANALYTICS, "a dashboard shows its reports")],
    },
    Door {
        name: "dashboard",
        methods: "GET, POST, PUT",
        path: "D/analytics/dashboards/ID",
        sample: (
            "GET",
            "/services/data/v60.0/analytics/dashboards/01Z000000000001EAA",
        ),
        protects: "each report in it, as above; values of its filters are masked unless they are tokens",
        refuses: "filters but by their ids",
        proved: &[(NODE_ANALYTICS, "a dashboard shows its reports")],
    },
    Door {
        name: "dashboard-describe",
        methods: "GET",
        path: "D/analytics/dashboards/ID/describe, …/status",
        sample: (
            "GET",
            "/services/data/v60.0/analytics/dashboards/01Z000000000001EAA/describe",
        ),
        protects: "values of its filters, as above",
        refuses: "parameters",
        proved: &[(NODE_ANALYTICS, "a dashboard shows its reports")],
    },
];

/// What stands before the table.
pub const TEXT: &str = "`D` is `/services/data/vNN.0`. Where no client is named, none of those asks for it: the attacker's side and unit tests do.";

fn doors() -> impl Iterator<Item = &'static Door> {
    DOORS.iter().chain(feeds::DOORS)
}

#[test]
fn every_door_is_found_by_its_sample() {
    for door in doors() {
        let (method, target) = door.sample;
        let route = Target::parse(target)
            .and_then(|target| door::resolve(method, &target))
            .unwrap_or_else(|refusal| panic!("{target}: {refusal}"));
        assert_eq!(route.name(), door.name, "{method} {target}");
    }
}

#[test]
fn every_name_of_a_door_has_a_row() {
    let names: BTreeSet<&str> = doors().map(|door| door.name).collect();
    for file in [
        "door/mod.rs",
        "ui/mod.rs",
        "analytics/mod.rs",
        "chatter/mod.rs",
    ] {
        let path = root().join("src/dialect/salesforce").join(file);
        let code = fs::read_to_string(path).expect("the door's code");
        let (_, body) = code.split_once("fn name(&self)").expect("names");
        let (body, _) = body.split_once("\n    }\n").expect("an end");
        let found = body.split('"').skip(1).step_by(2);
        let found: Vec<&str> = found.collect();
        assert!(found.len() > 5, "{file}");
        for name in found {
            assert!(names.contains(name), "{name} has no row");
        }
    }
}

#[test]
fn every_proof_is_a_test_of_its_suite() {
    for door in doors() {
        for (file, test) in door.proved {
            let path = root().join("tests/clients").join(file);
            let text = fs::read_to_string(path).expect("the suite");
            assert!(text.contains(test), "{}: {file}: {test}", door.name);
        }
    }
}

/// The table of the doors.
pub fn table() -> String {
    let mut text = String::new();
    text.push_str("| Door | Method | Path | Protected | Refused | Proved by |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for door in doors() {
        let clients: BTreeSet<&str> = door
            .proved
            .iter()
            .map(|(file, _)| match file.starts_with("python") {
                true if *file == PYTHON_EVENTS => "aiosfstream",
                true => "simple-salesforce",
                false => "jsforce",
            })
            .collect();
        let clients: Vec<&str> = clients.into_iter().collect();
        let proved = match clients.as_slice() {
            [] => String::new(),
            clients => clients.join(", "),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | `{}` | {} | {} | {proved} |",
            door.name,
            door.methods,
            door.path.replace(", ", "`, `"),
            door.protects,
            door.refuses
        );
    }
    text
}
