//! SQLite: connections, migrations, group commit.
