//! From a method and the rest of a path to the resource.

use super::{Analytics, What};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};

/// The key prefixes of reports, of their instances and of dashboards.
pub const REPORT: &str = "00O";
const INSTANCE: &str = "0LG";
const DASHBOARD: &str = "01Z";
/// That of a choice among those of a dashboard's filter.
const CHOICE: &str = "0IB";

/// A dashboard has three filters of its own at most, and later ones five.
const FILTERS: &[&str] = &["filter1", "filter2", "filter3", "filter4", "filter5"];

/// Finds the resource behind `analytics/`, with its parameters.
pub(in crate::dialect::salesforce) fn resolve(
    method: &str,
    rest: &[&str],
    target: &Target,
) -> Result<Analytics, Refusal> {
    let what = what(method, rest)?;
    let mut found = Analytics {
        what,
        details: None,
        choices: vec![],
    };
    for (name, value) in &target.parameters {
        found.parameter(name, value).ok_or_else(wrong_parameter)?;
    }
    Ok(found)
}

impl Analytics {
    fn parameter(&mut self, name: &str, value: &str) -> Option<()> {
        let (reports, dashboards) = match self.what {
            What::Run { .. } | What::Query | What::Start(_) => (true, false),
            What::Dashboard { .. } | What::Refresh(_) | What::DashboardStatus(_) => (false, true),
            _ => (false, false),
        };
        if name == "includeDetails" && reports {
            self.details = Some(match value {
                "true" => true,
                "false" => false,
                _ => return None,
            });
            return Some(());
        }
        let name = FILTERS.iter().find(|known| dashboards && **known == name)?;
        let choice = Id::parse(value).filter(|_| value.starts_with(CHOICE))?;
        self.choices.push((name, choice));
        Some(())
    }
}

fn what(method: &str, rest: &[&str]) -> Result<What, Refusal> {
    let get = |what| match method {
        "GET" => Ok(what),
        _ => Err(wrong_method()),
    };
    match *rest {
        ["reports"] => get(What::Reports),
        ["reports", "query"] => match method {
            "POST" => Ok(What::Query),
            _ => Err(wrong_method()),
        },
        ["reports", report] => {
            let report = id(report, REPORT)?;
            match method {
                "GET" | "POST" => Ok(What::Run {
                    report,
                    in_body: method == "POST",
                }),
                _ => Err(wrong_method()),
            }
        }
        ["reports", report, "describe"] => get(What::Describe(id(report, REPORT)?)),
        ["reports", report, "instances"] => {
            let report = id(report, REPORT)?;
            match method {
                "GET" => Ok(What::Instances(report)),
                "POST" => Ok(What::Start(report)),
                _ => Err(wrong_method()),
            }
        }
        ["reports", report, "instances", instance] => get(What::Instance {
            report: id(report, REPORT)?,
            instance: id(instance, INSTANCE)?,
        }),
        ["dashboards"] => get(What::Dashboards),
        ["dashboards", dashboard] => {
            let dashboard = id(dashboard, DASHBOARD)?;
            match method {
                "GET" | "POST" => Ok(What::Dashboard {
                    dashboard,
                    in_body: method == "POST",
                }),
                "PUT" => Ok(What::Refresh(dashboard)),
                _ => Err(wrong_method()),
            }
        }
        ["dashboards", dashboard, "describe"] => {
            get(What::DashboardDescribe(id(dashboard, DASHBOARD)?))
        }
        ["dashboards", dashboard, "status"] => {
            get(What::DashboardStatus(id(dashboard, DASHBOARD)?))
        }
        _ => Err(unknown()),
    }
}

fn id(text: &str, prefix: &str) -> Result<Id, Refusal> {
    let id = Id::parse(text).filter(|_| text.starts_with(prefix));
    id.ok_or_else(unknown)
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "this resource of reports and dashboards is not among those that the border knows",
    )
}

fn wrong_method() -> Refusal {
    Refusal::new(
        Code::MethodUnknown,
        "reports and dashboards are read and run here, and this resource does not take that method",
    )
}

fn wrong_parameter() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a URL parameter is unknown or malformed for this resource",
    )
}
