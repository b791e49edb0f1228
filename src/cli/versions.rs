//! `sluis policy plan`, `versions` and `show`: what a change would do, and what was in force.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use super::{ConfigFile, Ended, complain, say};
use crate::app::{self, World};
use crate::config::{self, PolicySource, Settings};
use crate::review::{Bench, Head, Review, Text, Trial, Version};

#[derive(Args, Debug)]
pub(super) struct Plan {
    /// The policy that is to come into force; the one that the configuration names, unless said.
    #[arg(value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A file to compare with, instead of what is in force: with Git, `git show HEAD:FILE > OLD`.
    #[arg(long, value_name = "OLD")]
    against: Option<PathBuf>,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Args, Debug)]
pub(super) struct Versions {
    /// Walk over all versions: nothing cut, changed or reordered, and no approver their own author.
    #[arg(long)]
    verify: bool,
    /// `NUMBER:HASH`, as `--verify` said it before: also that the store was not put back since.
    #[arg(long, value_name = "HEAD", requires = "verify")]
    kept: Option<String>,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    number: u64,
    /// Its cases instead of the policy.
    #[arg(long)]
    cases: bool,
    #[command(flatten)]
    file: ConfigFile,
}

/// Lint, cases and changes in words.
pub(super) fn plan(options: &Plan, fields: Option<&Path>) -> anyhow::Result<Ended> {
    let before = before(options)?;
    let settings = match (&options.policy, &options.against) {
        (Some(_), Some(_)) => None, // Then no configuration is needed.
        _ => Some(config::load(&options.file.config)?),
    };
    let policy = match (&options.policy, &settings) {
        (Some(policy), _) => policy.clone(),
        (None, Some(settings)) => settings.policy.clone(),
        (None, None) => bail!("name a policy"),
    };
    let own = settings
        .as_ref()
        .and_then(|settings| settings.fields.as_deref());
    let bench = match &settings {
        Some(settings) => {
            let accepted = app::accepted_now(settings, &World::default())?;
            Bench {
                fields: app::table(fields.or(own), accepted.as_ref())?,
                name: policy.display().to_string(),
                ..app::bench(settings, None)?
            }
        }
        None => Bench {
            fields: app::table(fields, None)?,
            hosts: Vec::new(),
            name: policy.display().to_string(),
        },
    };
    let mut trial = bench.try_out(Some(&before), &app::read_text(&policy)?);
    if settings.is_none() {
        trial.unknown_host = None; // Which hosts there are, the configuration says.
    }
    tell(&trial)
}

/// What the change is compared with.
fn before(options: &Plan) -> anyhow::Result<Text> {
    if let Some(old) = &options.against {
        return app::read_text(old);
    }
    let settings = config::load(&options.file.config)?;
    if settings.policy_source == PolicySource::Console {
        let live = open(&settings)?.live()?;
        let live = live.context("the store of policies has no version yet")?;
        return Ok(live.text);
    }
    let same =
        |policy: &PathBuf| fs::canonicalize(policy).ok() == fs::canonicalize(&settings.policy).ok();
    if options.policy.as_ref().is_none_or(same) {
        bail!(
            "with `policy_source = \"files\"` the file is what comes into force: name a new one, or \
             the old one with `--against`"
        );
    }
    app::read_text(&settings.policy)
}

fn tell(trial: &Trial) -> anyhow::Result<Ended> {
    if !trial.lint.is_empty() {
        complain(&trial.lint.to_string());
    }
    if let Some(cases) = &trial.cases {
        say(&cases.to_string())?;
    }
    if let Some(host) = &trial.unknown_host {
        complain(&format!(
            "the policy has routes at {host}, which `[crm.hosts]` does not name"
        ));
    }
    if trial.blind {
        complain("the policy in force has errors by now: nobody can say what changes");
    }
    if trial.plan.is_some() && trial.changes.is_empty() && !trial.blind {
        say("Nothing changes.")?;
    }
    for change in &trial.changes {
        let word = if change.weaker { "weaker:" } else { "       " };
        say(&format!("{word} {}", change.text))?;
    }
    Ok(match (trial.fits(), trial.weaker()) {
        (false, _) => Ended::Findings,
        (true, 0) => Ended::Well,
        (true, _) => Ended::Weaker,
    })
}

pub(super) fn versions(options: &Versions) -> anyhow::Result<Ended> {
    let review = open(&config::load(&options.file.config)?)?;
    if options.verify {
        return verify(&review, options.kept.as_deref());
    }
    for version in review.versions(None, usize::MAX)? {
        say(&line(&version))?;
    }
    Ok(Ended::Well)
}

fn verify(review: &Review, kept: Option<&str>) -> anyhow::Result<Ended> {
    let kept = kept
        .map(|kept| head(kept).context("write it as `NUMBER:HASH`"))
        .transpose()?;
    let checked = review.verify(kept)?;
    let head = data_encoding::HEXLOWER.encode(&checked.head.hash);
    say(&format!(
        "{} versions are in order. Head {}:{head}",
        checked.versions, checked.head.seq
    ))?;
    match checked.first_broken {
        None => Ok(Ended::Well),
        Some(number) => {
            complain(&format!(
                "version {number} is missing, changed, or one too many"
            ));
            Ok(Ended::Findings)
        }
    }
}

fn head(text: &str) -> Option<Head> {
    let (number, hash) = text.split_once(':')?;
    let hash = data_encoding::HEXLOWER.decode(hash.as_bytes()).ok()?;
    Some(Head {
        seq: number.parse().ok()?,
        hash: hash.try_into().ok()?,
    })
}

pub(super) fn show(options: &Show) -> anyhow::Result<Ended> {
    let review = open(&config::load(&options.file.config)?)?;
    let version = review.version(options.number)?;
    let text = match options.cases {
        true => &version.text.cases,
        false => &version.text.policy,
    };
    say(text.trim_end())?;
    Ok(Ended::Well)
}

/// Number, hash, when, by whom, and what for.
fn line(version: &Version) -> String {
    let hash = data_encoding::HEXLOWER.encode(&version.text.hash());
    let time = jiff::Timestamp::from_millisecond(version.time.0);
    let time = time.map_or_else(|_| version.time.0.to_string(), |time| time.to_string());
    let by = match (version.approver.as_str(), version.emergency) {
        ("", _) => "the first start".to_owned(),
        (approver, true) => format!("EMERGENCY by {approver}"),
        (approver, false) => format!("{}, approved by {approver}", version.authors.join(", ")),
    };
    let looked = match &version.reviewed {
        Some(signed) => format!(", looked at by {}", signed.by),
        None if version.emergency => ", NOT LOOKED AT by another".to_owned(),
        None => String::new(),
    };
    let weaker = match version.weaker {
        0 => String::new(),
        count => format!(", {count} weaker"),
    };
    format!(
        "{:>5}  {}  {time}  {by}{looked}{weaker}: {}",
        version.number,
        hash.get(..12).unwrap_or_default(),
        version.title
    )
}

fn open(settings: &Settings) -> anyhow::Result<Review> {
    if !settings.policy_store.exists() {
        bail!(
            "there is no store of policies at {}: `policy_source = \"console\"` makes one at the \
             next start",
            settings.policy_store.display()
        );
    }
    let world = World::default();
    let ring = app::open_ring(settings, &world)?;
    app::open_review(settings, &ring, &world)
}
