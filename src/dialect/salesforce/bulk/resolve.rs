//! From a method and a target to the door.

use super::{Door, Kind, Route, Rows, unknown};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::dialect::salesforce::version;
use crate::model::{Code, Refusal};

/// Whether a target may be of this interface, at the cost of a look.
#[must_use]
pub fn may_be(target: &str) -> bool {
    target.starts_with("/services/async") || target.contains("/jobs")
}

/// Finds the door; none where the target is of another part of the interface.
///
/// # Errors
/// As `salesforce::door::resolve`.
pub fn resolve(method: &str, target: &Target) -> Option<Result<Route, Refusal>> {
    let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
    let (version, found) = match segments.as_slice() {
        ["services", "data", version, "jobs", rest @ ..] => {
            (version.strip_prefix('v'), two(method, rest, target))
        }
        ["services", "async", version, rest @ ..] => (Some(*version), one(method, rest)),
        ["services", "async"] => (None, Err(unknown())),
        _ => return None,
    };
    let route = || {
        let version = read_version(version.unwrap_or_default())?;
        let door = found?;
        let allowed: &[&str] = match &door {
            Door::Results { .. } => &["maxRecords", "locator"],
            _ => &[],
        };
        let parameters = target.parameters.iter();
        match parameters
            .map(|(name, _)| name.as_str())
            .all(|name| allowed.contains(&name))
        {
            true => Ok(Route { version, door }),
            false => Err(parameter()),
        }
    };
    Some(route())
}

fn two(method: &str, rest: &[&str], target: &Target) -> Result<Door, Refusal> {
    let (kind, rest) = match rest {
        ["ingest", rest @ ..] => (Kind::Ingest, rest),
        ["query", rest @ ..] => (Kind::Query, rest),
        _ => return Err(unknown()),
    };
    let (job, rest) = match rest {
        [] => {
            return match method {
                "GET" => Ok(Door::List(kind)),
                "POST" => Ok(Door::Create(kind)),
                _ => Err(wrong_method()),
            };
        }
        [job, rest @ ..] => (id(job)?, rest),
    };
    match (kind, rest) {
        (_, []) => match method {
            "GET" => Ok(Door::Info(kind, job)),
            "PATCH" => Ok(Door::State(kind, job)),
            "DELETE" => Ok(Door::Delete(kind, job)),
            _ => Err(wrong_method()),
        },
        (Kind::Ingest, ["batches"]) => only(method, "PUT", Door::Upload(kind, job)),
        (Kind::Ingest, [rows]) => {
            let all = [Rows::Successful, Rows::Failed, Rows::Unprocessed];
            let mut all = all.into_iter();
            let rows = all.find(|known| known.name().eq_ignore_ascii_case(rows));
            only(method, "GET", Door::Rows(job, rows.ok_or_else(unknown)?))
        }
        (Kind::Query, ["results"]) => {
            let most = target.parameter("maxRecords");
            let most = most
                .map(|text| text.parse().map_err(|_| parameter()))
                .transpose()?;
            let locator = target.parameter("locator");
            let locator = locator.map(self::locator).transpose()?;
            only(method, "GET", Door::Results { job, most, locator })
        }
        _ => Err(unknown()),
    }
}

fn one(method: &str, rest: &[&str]) -> Result<Door, Refusal> {
    let ["job", rest @ ..] = rest else {
        return Err(unknown());
    };
    match *rest {
        [] => only(method, "POST", Door::Create(Kind::Async)),
        [job] => match method {
            "GET" => Ok(Door::Info(Kind::Async, id(job)?)),
            "POST" => Ok(Door::State(Kind::Async, id(job)?)),
            _ => Err(wrong_method()),
        },
        [job, "batch"] => match method {
            "GET" => Ok(Door::Batches(id(job)?)),
            "POST" => Ok(Door::Upload(Kind::Async, id(job)?)),
            _ => Err(wrong_method()),
        },
        [job, "batch", batch] => only(method, "GET", Door::Batch(id(job)?, id(batch)?)),
        [job, "batch", batch, "result"] => {
            only(method, "GET", Door::BatchResults(id(job)?, id(batch)?))
        }
        [job, "batch", batch, "result", result] => {
            let door = Door::BatchResult(id(job)?, id(batch)?, id(result)?);
            only(method, "GET", door)
        }
        _ => Err(unknown()),
    }
}

/// `60.0` as 60.
fn read_version(text: &str) -> Result<u16, Refusal> {
    version::number(text)
        .ok_or_else(|| Refusal::new(Code::VersionOutside, "the API version must read NN.0"))
}

fn id(text: &str) -> Result<Id, Refusal> {
    Id::parse(text).ok_or_else(unknown)
}

/// What the CRM gave to go on with. Whether it did, whoever keeps the job knows.
fn locator(text: &str) -> Result<String, Refusal> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
    match (1..=128).contains(&text.len()) && text.bytes().all(fits) {
        true => Ok(text.to_owned()),
        false => Err(parameter()),
    }
}

fn only(method: &str, expected: &str, door: Door) -> Result<Door, Refusal> {
    match method == expected {
        true => Ok(door),
        false => Err(wrong_method()),
    }
}

fn wrong_method() -> Refusal {
    Refusal::new(
        Code::MethodUnknown,
        "this resource does not take that method",
    )
}

fn parameter() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a URL parameter is missing, unknown or malformed for this resource",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, target: &str) -> Option<Result<Route, Code>> {
        let found = resolve(method, &Target::parse(target).unwrap())?;
        Some(found.map_err(|refusal| refusal.code))
    }

    #[test]
    fn a_known_door_is_written_again_as_it_was_asked() {
        let (job, batch) = ("750000000000001AAA", "751000000000001AAA");
        let jobs = "/services/data/v60.0/jobs";
        let old = "/services/async/60.0/job";
        for (method, target) in [
            ("POST", format!("{jobs}/ingest")),
            ("GET", format!("{jobs}/query")),
            ("PUT", format!("{jobs}/ingest/{job}/batches")),
            ("PATCH", format!("{jobs}/ingest/{job}")),
            ("DELETE", format!("{jobs}/query/{job}")),
            ("GET", format!("{jobs}/ingest/{job}/successfulResults")),
            ("GET", format!("{jobs}/ingest/{job}/unprocessedrecords")),
            (
                "GET",
                format!("{jobs}/query/{job}/results?maxRecords=50000&locator=MTAw"),
            ),
            ("POST", old.to_owned()),
            ("POST", format!("{old}/{job}")),
            ("POST", format!("{old}/{job}/batch")),
            (
                "GET",
                format!("{old}/{job}/batch/{batch}/result/752000000000001AAA"),
            ),
        ] {
            let found = route(method, &target).unwrap().unwrap();
            assert_eq!((found.method(), found.target()), (method, target));
        }
        let spelled = route("GET", &format!("{jobs}/ingest/{job}/unprocessedRecords/"));
        assert!(
            spelled
                .unwrap()
                .unwrap()
                .target()
                .ends_with("unprocessedrecords")
        );
    }

    #[test]
    fn what_is_no_door_is_refused_and_other_doors_are_not_ours() {
        assert_eq!(route("GET", "/services/data/v60.0/query?q=a"), None);
        let job = "750000000000001AAA";
        for (method, target, code) in [
            (
                "POST",
                "/services/async/60.0/job/x".to_owned(),
                Code::EndpointUnknown,
            ),
            (
                "GET",
                format!("/services/async/60.0/job/{job}/spec"),
                Code::EndpointUnknown,
            ),
            (
                "GET",
                format!("/services/async/60.0/job/{job}/batch/{job}/request"),
                Code::EndpointUnknown,
            ),
            (
                "GET",
                format!("/services/async/v60.0/job/{job}"),
                Code::VersionOutside,
            ),
            (
                "GET",
                format!("/services/data/60.0/jobs/query/{job}"),
                Code::VersionOutside,
            ),
            (
                "PUT",
                "/services/data/v60.0/jobs/ingest".to_owned(),
                Code::MethodUnknown,
            ),
            (
                "GET",
                format!("/services/data/v60.0/jobs/query/{job}/results?locator=Jan+Jansen"),
                Code::ParameterUnknown,
            ),
            (
                "GET",
                format!("/services/data/v60.0/jobs/ingest/{job}?x=1"),
                Code::ParameterUnknown,
            ),
            (
                "GET",
                format!("/services/data/v60.0/jobs/query/{job}/resultPages"),
                Code::EndpointUnknown,
            ),
        ] {
            assert_eq!(route(method, &target), Some(Err(code)), "{method} {target}");
        }
    }
}
