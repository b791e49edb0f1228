//! The composition root: settings in, running system out.
