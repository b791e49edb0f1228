//! Clients that people use work unchanged but for host and credential, and what they write stays
//! on this side: after each suite everything that the CRM and the product keep is looked through.

use anyhow::Result;

use crate::canary;
use crate::support::demo::Demo;
use crate::support::suite::{self, Suite};

#[tokio::test]
async fn simple_salesforce_works_and_leaves_no_value_behind() -> Result<()> {
    works_and_leaves_no_value_behind(Suite::SimpleSalesforce).await
}

#[tokio::test]
async fn jsforce_works_and_leaves_no_value_behind() -> Result<()> {
    works_and_leaves_no_value_behind(Suite::Jsforce).await
}

async fn works_and_leaves_no_value_behind(suite: Suite) -> Result<()> {
    let demo = Demo::start()?;
    suite::run(suite, &demo)?;
    canary::nothing_is_left(demo).await
}
