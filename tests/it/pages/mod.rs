//! A generic CRM behind the border, described by a policy file alone.

mod acts;
mod attacks;
mod crm;
mod house;
mod special;
