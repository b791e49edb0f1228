//! The configuration file: raw TOML to checked settings.
