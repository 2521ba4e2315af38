//! Who may come in, and as what. An account is a person on the platform; a member is that person in one company, with a role,
//! sites and a language; one account may be a member of several companies (10). Secrets leave this module once, by mail or on
//! the screen, and only their digests are stored. Everything here that has no company yet is a
//! [`PlatformAction`](crate::kernel::platform::PlatformAction).

mod common_passwords;
pub mod company;
pub mod defaults;
pub mod entrance;
pub mod invitation;
pub mod jobs;
mod lifetime;
pub mod login;
pub mod member;
pub mod password;
pub mod profile;
mod provision;
pub mod reset;
pub mod role;
pub mod session;
pub mod signup;
pub mod signup_key;
mod sites;
mod slug;
#[cfg(test)]
mod tests;
mod throttle;
pub mod token;

/// A company.
#[derive(Debug)]
pub enum Tenant {}

/// A person's account on the platform.
#[derive(Debug)]
pub enum Account {}

pub use invitation::Invitation;
pub use member::Member;
pub use role::Role;
