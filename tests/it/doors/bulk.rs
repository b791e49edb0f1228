//! The Bulk API, 2.0 and 1.0.

use std::collections::BTreeSet;
use std::fs;

use super::{Door, Proof, Section};
use crate::support::suite::root;

pub const SECTION: Section = Section {
    heading: "Bulk API 2.0 and 1.0",
    text: "`D` is `/services/data/vNN.0`, `A` is `/services/async/NN.0`. Tables are CSV in UTF-8, as \
           they are or in gzip or deflate, and in 1.0 JSON and XML; tables are read, protected and sent on in portions, in little memory. \
           In a table, a record whose value a rule refuses fails by itself; any other fault refuses the \
           upload, by the record's number and its column.",
    doors: DOORS,
};

const fn python(client: &'static str, test: &'static str) -> Proof {
    let suite = "tests/clients/python/test_bulk.py";
    Proof {
        client,
        suite,
        test,
    }
}

const fn jsforce(test: &'static str) -> Proof {
    Proof {
        client: "jsforce",
        suite: "tests/clients/node/bulk.js",
        test,
    }
}

const RECORDS: Proof = python(
    "simple-salesforce, salesforce-bulk",
    "test_records_come_back_as_they_were_written",
);
const PAGES: Proof = python("simple-salesforce", "test_a_query_comes_in_pages");
const UPSERT: Proof = python(
    "simple-salesforce",
    "test_an_upsert_finds_what_it_wrote_and_a_relation_what_it_names",
);
const FORMS: Proof = python("simple-salesforce", "test_every_delimiter_and_line_ending");
const REFUSED: Proof = python(
    "simple-salesforce",
    "test_what_the_crm_refuses_comes_back_with_its_values",
);
const TWO: Proof = jsforce("bulk 2: records come back as they were written");
const ONE: Proof = jsforce("bulk 1: records come back as they were written");
const XML: Proof = python("salesforce-bulk", "test_batches_in_xml");
const FORMATS: Proof = python(
    "salesforce-bulk",
    "test_formats_that_the_border_does_not_read_are_refused_by_name",
);

const DOORS: &[Door] = &[
    Door {
        method: "POST",
        path: "D/jobs/ingest, D/jobs/query, A/job",
        operation: "bulk-create",
        protected: "names of object and external id by policy; a query as everywhere",
        refused: "objects without rules, Avro, Parquet, archives, hard deletes, \
                  functions and queries within queries",
        proofs: &[RECORDS, TWO, ONE, FORMATS],
    },
    Door {
        method: "GET",
        path: "D/jobs/ingest, D/jobs/query",
        operation: "bulk-list",
        protected: "what jobs are, no records",
        refused: "parameters",
        proofs: &[],
    },
    Door {
        method: "GET",
        path: "D/jobs/{ingest,query}/ID, A/job/ID",
        operation: "bulk-info",
        protected: "what jobs are, no records",
        refused: "jobs that were not made here",
        proofs: &[RECORDS, TWO, ONE],
    },
    Door {
        method: "PATCH, in 1.0 POST",
        path: "D/jobs/{ingest,query}/ID, A/job/ID",
        operation: "bulk-state",
        protected: "a state and nothing else",
        refused: "jobs that were not made here; anything but a state",
        proofs: &[RECORDS, TWO, ONE],
    },
    Door {
        method: "DELETE",
        path: "D/jobs/{ingest,query}/ID",
        operation: "bulk-delete",
        protected: "nothing personal",
        refused: "jobs that were not made here",
        proofs: &[],
    },
    Door {
        method: "PUT, in 1.0 POST",
        path: "D/jobs/ingest/ID/batches, A/job/ID/batch",
        operation: "bulk-upload",
        protected: "every cell by its column's rule; relations by external id; a query of 1.0 as \
                    everywhere",
        refused: "columns and fields without a rule, tables with two readings, attributes in XML",
        proofs: &[RECORDS, FORMS, XML, UPSERT, TWO, ONE],
    },
    Door {
        method: "GET",
        path: "D/jobs/ingest/ID/{successfulResults,failedResults,unprocessedrecords}, \
               D/jobs/query/ID/results",
        operation: "bulk-results",
        protected: "each cell is revealed by its class, record by record",
        refused: "jobs that were not made here; tables that are none",
        proofs: &[RECORDS, PAGES, REFUSED, TWO],
    },
    Door {
        method: "GET",
        path: "A/job/ID/batch, A/job/ID/batch/ID",
        operation: "bulk-batch",
        protected: "what batches are, no records",
        refused: "jobs that were not made here",
        proofs: &[ONE],
    },
    Door {
        method: "GET",
        path: "A/job/ID/batch/ID/result, A/job/ID/batch/ID/result/ID",
        operation: "bulk-batch-results",
        protected: "each cell is revealed by its class, record by record",
        refused: "batches that were not made here; archives",
        proofs: &[RECORDS, XML, ONE],
    },
];

#[test]
fn every_name_of_a_door_has_a_row() {
    let path = root().join("src/dialect/salesforce/bulk/mod.rs");
    let code = fs::read_to_string(path).expect("the doors' code");
    let (_, body) = code.split_once("fn name(&self)").expect("names");
    let (body, _) = body.split_once("\n    }\n").expect("an end");
    let found: BTreeSet<&str> = body.split('"').skip(1).step_by(2).collect();
    let rows: BTreeSet<&str> = DOORS.iter().map(|door| door.operation).collect();
    assert_eq!(found, rows);
}
