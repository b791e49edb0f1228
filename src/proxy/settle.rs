//! After the answer: which of the written records the CRM accepted.

use http::StatusCode;

use super::Shared;
use super::rows::{Written, number, record};
use crate::dialect::salesforce::call::{Request, our_name};
use crate::dialect::salesforce::door::{Door, Key, Route};
use crate::dialect::salesforce::id::Id;
use crate::model::RecordId;
use crate::protect::inward::{Reading, Saved};
use crate::vault::{self, Bound, Said};

/// What the answer says of one written record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Accepted(RecordId),
    Refused,
    /// Accepted without its id being told, or not known: its tokens stay, since the CRM may hold
    /// them.
    Open,
}

/// What became of the one record that a page's form writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// It leads on as after a write.
    Saved(RecordId),
    /// As after a record was made, this one.
    Made(RecordId),
    Refused,
    /// Nobody can say.
    Open,
}

impl Shared {
    /// As [`Self::settle`] for a request to a CRM that its policy describes.
    pub(super) async fn settle_page(&self, exchange: u128, written: &[Written], outcome: Outcome) {
        let Some(unit) = written.first() else {
            return;
        };
        let bind = |id, said| {
            let bound = Bound {
                unit: 0,
                record: record(&unit.object, id),
                said,
            };
            self.vault.bind(exchange, vec![bound])
        };
        let settled = match outcome {
            Outcome::Saved(id) => bind(id, Said::WentOn).await,
            Outcome::Made(id) => bind(id, Said::WentOnToNew).await,
            Outcome::Refused => self.vault.forget_pending(exchange).await,
            Outcome::Open => Ok(()),
        };
        if let Err(error) = settled {
            tracing::error!("the answer could not be bound to its record: {error}");
        }
    }

    /// Binds what was accepted to its records, and lets go of what was refused.
    ///
    /// The CRM has decided by now, so a failure of ours changes nothing for the client: it is
    /// logged, and the rows stay as they are, with tokens that open.
    pub(super) async fn settle(
        &self,
        exchange: u128,
        request: &Request,
        written: &[Written],
        status: StatusCode,
        reading: Option<&Reading<'_>>,
    ) {
        if let Err(error) = self
            .try_settle(exchange, request, written, status, reading)
            .await
        {
            tracing::error!("the answer could not be bound to its records: {error}");
        }
    }

    async fn try_settle(
        &self,
        exchange: u128,
        request: &Request,
        written: &[Written],
        status: StatusCode,
        reading: Option<&Reading<'_>>,
    ) -> Result<(), vault::Error> {
        if written.is_empty() {
            return Ok(());
        }
        let verdicts: Vec<Verdict> = written
            .iter()
            .map(|unit| verdict(request, unit, status, reading))
            .collect();
        let accepted = written.iter().zip(&verdicts).zip(0..);
        let bound: Vec<Bound> = accepted
            .filter_map(|((unit, verdict), index)| match verdict {
                Verdict::Accepted(id) => Some(Bound {
                    unit: number(index),
                    record: record(&unit.object, *id),
                    said: Said::Done,
                }),
                Verdict::Refused | Verdict::Open => None,
            })
            .collect();
        if !bound.is_empty() {
            self.vault.bind(exchange, bound).await?;
        }
        if verdicts.contains(&Verdict::Refused) && !verdicts.contains(&Verdict::Open) {
            self.vault.forget_pending(exchange).await?;
        }
        Ok(())
    }
}

fn verdict(
    request: &Request,
    unit: &Written,
    status: StatusCode,
    reading: Option<&Reading<'_>>,
) -> Verdict {
    if status.is_client_error() {
        return Verdict::Refused;
    }
    if !status.is_success() {
        return Verdict::Open;
    }
    let Some(call) = request.calls.get(unit.call) else {
        return Verdict::Open;
    };
    let known = || {
        let referred = || {
            reading
                .and_then(|reading| referred(&call.route, reading))
                .map(Into::into)
        };
        unit.record
            .or_else(referred)
            .map_or(Verdict::Open, Verdict::Accepted)
    };
    let Some(reading) = reading else {
        return known(); // 204: accepted, and nothing is told.
    };
    if matches!(call.route.door, Door::GraphQl | Door::Convert(_)) {
        return told_apart(unit, reading);
    }
    if call.action.is_some() {
        return of_action(unit, reading);
    }
    let inner = call.url.is_some();
    let name = call.name.filter(|_| inner).map(our_name);
    let position = unit.call.saturating_sub(1); // The first call is the composite one itself.
    let part = reading.parts.iter().find(|part| match &name {
        Some(name) => part.name.as_ref() == Some(name),
        None => inner && part.position == position,
    });
    if let Some(part) = part
        && !(200..300).contains(&part.status)
    {
        return if (400..500).contains(&part.status) {
            Verdict::Refused
        } else {
            Verdict::Open
        };
    }
    let saved = reading
        .saved
        .iter()
        .find(|saved| match (&unit.name, &name) {
            (Some(own), _) => saved.name.as_ref().is_some_and(|(name, _)| name == own),
            (None, Some(name)) => saved
                .name
                .as_ref()
                .is_some_and(|(found, depth)| found == name && at(saved, *depth) == unit.position),
            (None, None) if inner => {
                saved.trail.first() == Some(&position) && at(saved, 1) == unit.position
            }
            (None, None) => at(saved, 0) == unit.position,
        });
    match saved {
        Some(saved) => Verdict::Accepted(saved.id.into()),
        // In a list each accepted record is told; elsewhere silence is an update by id.
        None if lists(&call.route) => Verdict::Refused,
        None => known(),
    }
}

/// What an answer says that tells of each record by itself whether it was refused: of GraphQL, which
/// has status 200 whatever became of a mutation, and of conversions.
fn told_apart(unit: &Written, reading: &Reading<'_>) -> Verdict {
    let mut saved = reading.saved.iter();
    if let Some(saved) = saved.find(|saved| at(saved, 0) == unit.position) {
        return Verdict::Accepted(saved.id.into());
    }
    let mut parts = reading.parts.iter();
    match parts.any(|part| part.position == unit.position) {
        true => Verdict::Refused,
        // Not every mutation is asked for the record that it wrote, and a conversion may be told as
        // another lead's.
        false => Verdict::Open,
    }
}

/// What an answer of Aura says of an action, whatever its own status is.
fn of_action(unit: &Written, reading: &Reading<'_>) -> Verdict {
    let mut parts = reading.parts.iter();
    let part = parts.find(|part| part.position == unit.call);
    let mut saved = reading.saved.iter();
    let saved = saved.find(|saved| saved.trail == [unit.call]);
    match part.map(|part| part.status) {
        Some(200) => {
            let told = saved.map(|saved| saved.id.into());
            told.or(unit.record)
                .map_or(Verdict::Open, Verdict::Accepted)
        }
        Some(400) => Verdict::Refused,
        _ => Verdict::Open,
    }
}

/// The record that a route names by the sub-request that made it.
fn referred(route: &Route, reading: &Reading<'_>) -> Option<Id> {
    let Door::Record {
        key: Key::Reference { name, path },
        ..
    } = &route.door
    else {
        return None;
    };
    let mut named = reading.saved.iter().filter(|saved| {
        path.eq_ignore_ascii_case("id")
            && saved.name.as_ref().is_some_and(|(found, _)| found == name)
    });
    // Of several records nobody can say which one is meant.
    let first = named.next()?;
    named.next().is_none().then_some(first.id)
}

/// The position below `depth` arrays; 0 where there is no array.
fn at(saved: &Saved, depth: usize) -> usize {
    saved.trail.get(depth).copied().unwrap_or(0)
}

fn lists(route: &Route) -> bool {
    matches!(
        route.door,
        Door::Collection { .. } | Door::CollectionUpsert { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::soap::Api;
    use crate::protect::inward::{Answer, Shape, Viewer, read, read_soap};
    use crate::protect::trial::soap::partner;
    use crate::protect::trial::{CONTACT, OTHER, Trial, Unit};

    /// What becomes of each written record: its id, `refused` or `open`.
    fn settled(method: &str, target: &str, body: &str, status: u16, answer: &str) -> Vec<String> {
        let mut trial = Trial::start();
        let target = format!("/services/data/v60.0{target}");
        let sent = trial.send(method, &target, body).unwrap();
        let reading = (!answer.is_empty()).then(|| {
            read(&Answer {
                text: answer,
                shape: match target.ends_with("/graphql") {
                    true => Shape::Graph,
                    false => Shape::Data,
                },
                viewer: Viewer::new(trial.plan, &[], false),
                request: &sent.request,
                aliases: &sent.aliases,
                found: &[],
            })
            .unwrap()
        });
        let status = StatusCode::from_u16(status).unwrap();
        verdicts(&sent.request, &sent.units, status, reading.as_ref())
    }

    fn verdicts(
        request: &Request,
        units: &[Unit],
        status: StatusCode,
        reading: Option<&Reading<'_>>,
    ) -> Vec<String> {
        let units = units.iter();
        units
            .map(|unit| Written {
                object: unit.0.clone(),
                record: unit.1,
                call: unit.2,
                position: unit.3,
                name: unit.4.clone(),
            })
            .map(|unit| match verdict(request, &unit, status, reading) {
                Verdict::Accepted(id) => id.to_string(),
                Verdict::Refused => "refused".to_owned(),
                Verdict::Open => "open".to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_conversion_is_settled_by_the_result_of_its_own_lead() {
        let asked = "<convertLead><leadConverts><doNotCreateOpportunity>true</doNotCreateOpportunity>\
            <leadId>00Q000000000001</leadId></leadConverts></convertLead>";
        let mut trial = Trial::start();
        let sent = trial.speak(Api::Partner, &partner(asked)).unwrap();
        let settled = |result: &str| {
            let text = partner(&format!(
                "<convertLeadResponse>{result}</convertLeadResponse>"
            ));
            let answer = Answer {
                text: &text,
                shape: Shape::Data,
                viewer: Viewer::new(trial.plan, &[], false),
                request: &sent.request,
                aliases: &sent.aliases,
                found: &[],
            };
            let (reading, _) = read_soap(&answer).unwrap();
            verdicts(&sent.request, &sent.units, StatusCode::OK, Some(&reading))
        };
        let result = |lead: &str, success: &str| {
            let made = format!(
                "<accountId>001000000000001AAA</accountId><contactId>{CONTACT}</contactId>"
            );
            settled(&format!(
                "<result>{made}<leadId>{lead}</leadId><success>{success}</success></result>"
            ))
        };
        let (lead, account) = ("00Q000000000001EAA", "001000000000001AAA");
        assert_eq!(result(lead, "true"), [lead, CONTACT, account]);
        assert_eq!(result(lead, "false"), ["refused"; 3]);
        // Of another lead, and of none that says what became of it: the CRM may hold the tokens.
        assert_eq!(result("00Q000000000002EAA", "true"), ["open"; 3]);
        assert_eq!(result("", "true"), ["open"; 3]);
        assert_eq!(settled(""), ["open"; 3]);
    }

    const RECORD: &str = "{\"LastName\":\"Jansen\"}";
    const UPSERT: &str = "/sobjects/Contact/Ext_Id__c/K1";

    #[test]
    fn a_mutation_is_bound_to_the_record_that_is_told_under_its_key() {
        let written = |record: &str| {
            let query = format!(
                "mutation {{ uiapi {{ a: ContactCreate(input: {{Contact: {RECORD_OF_GRAPHQL}}}) {record} \
                 d: ContactDelete(input: {{Id: \"{CONTACT}\"}}) {{ Id }} \
                 b: ContactUpdate(input: {{Id: \"{CONTACT}\", Contact: {RECORD_OF_GRAPHQL}}}) {record} }} }}"
            );
            serde_json::json!({ "query": query }).to_string()
        };
        let told = |id: &str| format!("{{\"Record\":{{\"Id\":\"{id}\"}}}}");
        let both = format!(
            "{{\"alias0\":{},\"alias1\":{{\"Id\":\"{CONTACT}\"}},\"alias2\":{}}}",
            told(OTHER),
            told(CONTACT)
        );
        let one = format!(
            "{{\"alias0\":null,\"alias1\":null,\"alias2\":{}}}",
            told(CONTACT)
        );
        let silent = "{\"alias0\":{\"__typename\":\"x\"},\"alias2\":{\"Record\":null}}";
        for (data, expected) in [
            (format!("{{\"uiapi\":{both}}}"), [OTHER, CONTACT]),
            (format!("{{\"uiapi\":{one}}}"), ["refused", CONTACT]),
            (format!("{{\"uiapi\":{silent}}}"), ["open", "open"]),
            // Nobody can say which of them stands.
            ("null".to_owned(), ["open", "open"]),
        ] {
            let answer = format!("{{\"data\":{data},\"errors\":[]}}");
            let body = written("{ Record { Id } }");
            assert_eq!(
                settled("POST", "/graphql", &body, 200, &answer),
                expected,
                "{answer}"
            );
        }
        let alone = format!(
            "mutation {{ uiapi {{ ContactCreate(input: {{Contact: {RECORD_OF_GRAPHQL}}}) {{ Record {{ Id }} }} }} }}"
        );
        let alone = serde_json::json!({ "query": alone }).to_string();
        for answer in [
            "{\"data\":null,\"errors\":[]}",
            "{\"data\":{\"uiapi\":null}}",
        ] {
            assert_eq!(
                settled("POST", "/graphql", &alone, 200, answer),
                ["refused"],
                "{answer}"
            );
        }
    }

    const RECORD_OF_GRAPHQL: &str = "{LastName: \"Jansen\"}";

    #[test]
    fn one_record_is_bound_to_the_id_that_is_told_or_known() {
        let own = format!("/sobjects/Contact/{CONTACT}");
        let told = format!("{{\"id\":\"{OTHER}\",\"success\":true,\"errors\":[]}}");
        let error = "[{\"message\":\"no\",\"errorCode\":\"X\"}]";
        for (method, target, status, answer, expected) in [
            ("POST", "/sobjects/Contact", 201, told.as_str(), OTHER),
            ("POST", "/sobjects/Contact", 400, error, "refused"),
            ("POST", "/sobjects/Contact", 503, error, "open"),
            ("PATCH", &own, 204, "", CONTACT),
            ("PATCH", &own, 404, error, "refused"),
            ("PATCH", UPSERT, 201, &told, OTHER),
            ("PATCH", UPSERT, 200, &told, OTHER),
            ("PATCH", UPSERT, 204, "", "open"),
            ("PATCH", UPSERT, 300, "[\"/x\",\"/y\"]", "open"),
        ] {
            assert_eq!(
                settled(method, target, RECORD, status, answer),
                [expected],
                "{target} {status}"
            );
        }
    }

    #[test]
    fn records_of_a_collection_are_told_apart_by_their_place() {
        let record = "{\"attributes\":{\"type\":\"Contact\"},\"LastName\":\"Jansen\"}";
        let body = format!("{{\"records\":[{record},{record},{record}]}}");
        let answer = format!(
            "[{{\"id\":\"{CONTACT}\",\"success\":true,\"errors\":[]}},\
             {{\"success\":false,\"errors\":[{{\"statusCode\":\"X\",\"message\":\"no\",\"fields\":[]}}]}},\
             {{\"id\":\"{OTHER}\",\"success\":true,\"errors\":[]}}]"
        );
        let found = settled("POST", "/composite/sobjects", &body, 200, &answer);
        assert_eq!(found, [CONTACT, "refused", OTHER]);
        // An update that failed may tell the id too.
        let update = |id: &str| {
            format!(
                "{{\"attributes\":{{\"type\":\"Contact\"}},\"id\":\"{id}\",\"LastName\":\"x\"}}"
            )
        };
        let body = format!("{{\"records\":[{},{}]}}", update(CONTACT), update(OTHER));
        let answer = format!(
            "[{{\"id\":\"{CONTACT}\",\"success\":false,\"errors\":[]}},{{\"id\":\"{OTHER}\",\"success\":true,\"errors\":[]}}]"
        );
        let found = settled("PATCH", "/composite/sobjects", &body, 200, &answer);
        assert_eq!(found, ["refused", OTHER]);
    }

    #[test]
    fn records_of_a_tree_are_told_apart_by_their_names() {
        let body = "{\"records\":[{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"a\"},\"Name\":\"x\",\
            \"Contacts\":{\"records\":[{\"attributes\":{\"type\":\"Contact\",\"referenceId\":\"b\"},\"LastName\":\"y\"}]}}]}";
        let answer = format!(
            "{{\"hasErrors\":false,\"results\":[{{\"referenceId\":\"name1\",\"id\":\"{CONTACT}\"}},\
             {{\"referenceId\":\"name0\",\"id\":\"001000000000001AAA\"}}]}}"
        );
        let found = settled("POST", "/composite/tree/Account", body, 201, &answer);
        assert_eq!(found, ["001000000000001AAA", CONTACT]);
        let failed = "{\"hasErrors\":true,\"results\":[{\"referenceId\":\"name0\",\"errors\":[]}]}";
        let found = settled("POST", "/composite/tree/Account", body, 400, failed);
        assert_eq!(found, ["refused", "refused"]);
    }

    /// A composite of a creation, an update by id and a collection, with these answers.
    fn composite(parts: [&str; 3]) -> Vec<String> {
        let part = |method: &str, url: &str, name: &str, body: &str| {
            format!(
                "{{\"method\":\"{method}\",\"url\":\"/services/data/v60.0{url}\",\"referenceId\":\"{name}\",\"body\":{body}}}"
            )
        };
        let list = "{\"records\":[{\"attributes\":{\"type\":\"Contact\"},\"LastName\":\"x\"},\
                    {\"attributes\":{\"type\":\"Contact\"},\"LastName\":\"y\"}]}";
        let body = format!(
            "{{\"compositeRequest\":[{},{},{}]}}",
            part("POST", "/sobjects/Contact", "a", RECORD),
            part(
                "PATCH",
                &format!("/sobjects/Contact/{CONTACT}"),
                "b",
                RECORD
            ),
            part("POST", "/composite/sobjects", "c", list),
        );
        let answer = format!("{{\"compositeResponse\":[{}]}}", parts.join(","));
        settled("POST", "/composite", &body, 200, &answer)
    }

    fn part(name: &str, status: u16, body: &str) -> String {
        format!(
            "{{\"body\":{body},\"httpHeaders\":{{}},\"httpStatusCode\":{status},\"referenceId\":\"{name}\"}}"
        )
    }

    #[test]
    fn parts_of_a_composite_are_told_apart_by_their_names() {
        let made = part(
            "name0",
            201,
            &format!("{{\"id\":\"{OTHER}\",\"success\":true,\"errors\":[]}}"),
        );
        let updated = part("name1", 204, "null");
        let list = part(
            "name2",
            200,
            "[{\"success\":false,\"errors\":[]},{\"id\":\"003000000000003AAA\",\"success\":true,\"errors\":[]}]",
        );
        assert_eq!(
            composite([&made, &updated, &list]),
            [OTHER, CONTACT, "refused", "003000000000003AAA"]
        );
    }

    #[test]
    fn a_composite_that_was_rolled_back_binds_nothing() {
        let halted = |name: &str| {
            part(
                name,
                400,
                "[{\"errorCode\":\"PROCESSING_HALTED\",\"message\":\"no\"}]",
            )
        };
        let [a, b, c] = ["name0", "name1", "name2"].map(halted);
        assert_eq!(composite([&a, &b, &c]), ["refused"; 4]);
        let broken = part("name1", 500, "null");
        assert_eq!(
            composite([&a, &broken, &c]),
            ["refused", "open", "refused", "refused"]
        );
    }

    #[test]
    fn an_update_by_reference_is_bound_to_the_record_that_was_made() {
        let part = |method: &str, url: &str, name: &str| {
            format!(
                "{{\"method\":\"{method}\",\"url\":\"/services/data/v60.0/sobjects/Contact{url}\",\
                 \"referenceId\":\"{name}\",\"body\":{RECORD}}}"
            )
        };
        let body = format!(
            "{{\"compositeRequest\":[{},{},{}]}}",
            part("POST", "", "a"),
            part("PATCH", "/@{a.id}", "b"),
            part("PATCH", "/@{q.records[0].Id}", "q"),
        );
        let made = self::part(
            "name0",
            201,
            &format!("{{\"id\":\"{OTHER}\",\"success\":true,\"errors\":[]}}"),
        );
        let [updated, found] = ["name1", "name2"].map(|name| self::part(name, 204, "null"));
        let answer = format!("{{\"compositeResponse\":[{made},{updated},{found}]}}");
        let settled = settled("POST", "/composite", &body, 200, &answer);
        assert_eq!(settled, [OTHER, OTHER, "open"]);
    }

    #[test]
    fn parts_of_a_batch_are_told_apart_by_their_place() {
        let part = |method: &str, url: &str| {
            format!("{{\"method\":\"{method}\",\"url\":\"v60.0{url}\",\"richInput\":{RECORD}}}")
        };
        let body = format!(
            "{{\"batchRequests\":[{{\"method\":\"GET\",\"url\":\"v60.0/query?q=SELECT+Id+FROM+Contact\"}},{},{},{}]}}",
            part("POST", "/sobjects/Contact"),
            part("PATCH", &format!("/sobjects/Contact/{CONTACT}")),
            part("POST", "/sobjects/Contact"),
        );
        let answer = format!(
            "{{\"hasErrors\":true,\"results\":[{{\"statusCode\":200,\"result\":{{\"totalSize\":0,\"done\":true,\"records\":[]}}}},\
             {{\"statusCode\":201,\"result\":{{\"id\":\"{OTHER}\",\"success\":true,\"errors\":[]}}}},\
             {{\"statusCode\":204,\"result\":null}},\
             {{\"statusCode\":400,\"result\":[{{\"errorCode\":\"X\",\"message\":\"no\"}}]}}]}}"
        );
        let found = settled("POST", "/composite/batch", &body, 200, &answer);
        assert_eq!(found, [OTHER, CONTACT, "refused"]);
    }
}
