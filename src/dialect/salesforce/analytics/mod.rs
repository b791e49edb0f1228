//! Reports and dashboards (`D/analytics/…`): which resource is asked, and the words that its bodies
//! may have.
//!
//! Source: Salesforce Reports and Dashboards REST API Developer Guide; requests of jsforce. A report
//! is run and never written: making, changing and deleting reports and dashboards has no door, since
//! their names and descriptions are free text of whoever asks.
//!
//! Read first: [`Analytics`], [`What`], [`column`]; `export` for reports as tables.

pub mod column;
mod export;
mod resolve;
pub mod word;

use std::fmt::Write as _;

use super::id::Id;

pub use export::is_export;
pub(super) use export::{export, target as export_target};
pub use resolve::REPORT;
pub(super) use resolve::resolve;

/// One resource with its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Analytics {
    pub what: What,
    /// Whether rows are asked for beside the sums.
    pub details: Option<bool>,
    /// Which of a dashboard's own filters are chosen, by the ids of their choices.
    pub choices: Vec<(&'static str, Id)>,
}

/// What is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// `GET reports`
    Reports,
    /// `GET reports/ID/describe`
    Describe(Id),
    /// `GET reports/ID`, or `POST` with another filter in the body
    Run { report: Id, in_body: bool },
    /// `POST reports/query`: a report that is nowhere kept
    Query,
    /// `GET reports/ID/instances`
    Instances(Id),
    /// `POST reports/ID/instances`
    Start(Id),
    /// `GET reports/ID/instances/ID`
    Instance { report: Id, instance: Id },
    /// `GET dashboards`
    Dashboards,
    /// `GET dashboards/ID`, or `POST` with the components that are wanted
    Dashboard { dashboard: Id, in_body: bool },
    /// `GET dashboards/ID/describe`
    DashboardDescribe(Id),
    /// `GET dashboards/ID/status`
    DashboardStatus(Id),
    /// `PUT dashboards/ID`: compute it anew
    Refresh(Id),
}

impl Analytics {
    #[must_use]
    pub fn method(&self) -> &'static str {
        match &self.what {
            What::Run { in_body: true, .. }
            | What::Query
            | What::Start(_)
            | What::Dashboard { in_body: true, .. } => "POST",
            What::Refresh(_) => "PUT",
            _ => "GET",
        }
    }

    /// Whether its body may be left out.
    #[must_use]
    pub fn may_lack_body(&self) -> bool {
        matches!(self.what, What::Start(_) | What::Run { in_body: true, .. })
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.what {
            What::Reports => "reports",
            What::Describe(_) => "report-describe",
            What::Run { .. } => "report",
            What::Query => "report-query",
            What::Instances(_) | What::Start(_) | What::Instance { .. } => "report-instances",
            What::Dashboards => "dashboards",
            What::Dashboard { .. } | What::Refresh(_) => "dashboard",
            What::DashboardDescribe(_) | What::DashboardStatus(_) => "dashboard-describe",
        }
    }

    /// What stands behind `/analytics`.
    pub(super) fn target(&self) -> String {
        let mut out = match &self.what {
            What::Reports => "/reports".to_owned(),
            What::Describe(id) => format!("/reports/{id}/describe"),
            What::Run { report, .. } => format!("/reports/{report}"),
            What::Query => "/reports/query".to_owned(),
            What::Instances(id) | What::Start(id) => format!("/reports/{id}/instances"),
            What::Instance { report, instance } => {
                format!("/reports/{report}/instances/{instance}")
            }
            What::Dashboards => "/dashboards".to_owned(),
            What::Dashboard { dashboard: id, .. } | What::Refresh(id) => {
                format!("/dashboards/{id}")
            }
            What::DashboardDescribe(id) => format!("/dashboards/{id}/describe"),
            What::DashboardStatus(id) => format!("/dashboards/{id}/status"),
        };
        let mut before = '?';
        // Writing to a `String` cannot fail.
        if let Some(details) = self.details {
            let _ = write!(out, "?includeDetails={details}");
            before = '&';
        }
        for (name, id) in &self.choices {
            let _ = write!(out, "{before}{name}={id}");
            before = '&';
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::door;
    use super::super::target::Target;
    use crate::model::{Code, Refusal};

    fn again(method: &str, rest: &str) -> Result<String, Refusal> {
        let target = format!("/services/data/v60.0/analytics/{rest}");
        let route = door::resolve(method, &Target::parse(&target)?)?;
        assert_eq!(route.method(), method);
        let written = route.target();
        let rest = written.strip_prefix("/services/data/v60.0/analytics/");
        Ok(rest.unwrap().to_owned())
    }

    #[test]
    fn a_known_resource_is_written_again_as_it_was_asked() {
        for (method, rest) in [
            ("GET", "reports"),
            ("GET", "reports/00O000000000001EAA/describe"),
            ("GET", "reports/00O000000000001EAA?includeDetails=true"),
            ("POST", "reports/00O000000000001EAA?includeDetails=false"),
            ("POST", "reports/query"),
            ("GET", "reports/00O000000000001EAA/instances"),
            ("POST", "reports/00O000000000001EAA/instances"),
            (
                "GET",
                "reports/00O000000000001EAA/instances/0LG000000000001GAA",
            ),
            ("GET", "dashboards"),
            (
                "GET",
                "dashboards/01Z000000000001EAA?filter1=0IB000000000001GAA",
            ),
            ("POST", "dashboards/01Z000000000001EAA"),
            ("PUT", "dashboards/01Z000000000001EAA"),
            ("GET", "dashboards/01Z000000000001EAA/describe"),
            ("GET", "dashboards/01Z000000000001EAA/status"),
        ] {
            assert_eq!(again(method, rest).unwrap(), rest, "{method}");
        }
    }

    #[test]
    fn reports_are_run_and_never_written() {
        for (method, rest, code) in [
            ("POST", "reports", Code::MethodUnknown),
            ("PATCH", "reports/00O000000000001EAA", Code::MethodUnknown),
            ("DELETE", "reports/00O000000000001EAA", Code::MethodUnknown),
            (
                "DELETE",
                "reports/00O000000000001EAA/instances/0LG000000000001GAA",
                Code::MethodUnknown,
            ),
            ("POST", "dashboards", Code::MethodUnknown),
            ("GET", "reports/Jansen", Code::EndpointUnknown),
            ("GET", "reports/003000000000001AAA", Code::EndpointUnknown),
            ("GET", "reportTypes", Code::EndpointUnknown),
            ("GET", "notifications", Code::EndpointUnknown),
            (
                "GET",
                "reports/00O000000000001EAA?export=1",
                Code::ParameterUnknown,
            ),
            ("GET", "reports?q=Jansen", Code::ParameterUnknown),
            (
                "GET",
                "dashboards/01Z000000000001EAA?filter1=Jansen",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "dashboards/01Z000000000001EAA?filter1=0JanJansenBreda",
                Code::ParameterUnknown,
            ),
        ] {
            let refused = again(method, rest).map_err(|refusal| refusal.code);
            assert_eq!(refused, Err(code), "{method} {rest}");
        }
    }
}
