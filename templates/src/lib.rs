//! Words and pages: everything a person reads is written here, in Kazakh, Russian, English and Turkish.
//!
//! The crate knows no domain type and no HTTP. A page is a plain struct bound to a file ([`Page`]); [`Engine`] renders it inside a
//! [`Shell`] (who is looking, in which language, theme and time zone). [`i18n`] holds the words, [`mod@format`] the numbers, money and
//! dates, [`typed`] the way back, [`assets`] the built front end, [`mail`], [`telegram`] and [`notice`] the messages that leave the application.

pub mod assets;
mod drawing;
mod embedded;
mod engine;
pub mod exports;
mod filters;
pub mod format;
mod functions;
pub mod i18n;
pub mod mail;
pub mod message;
pub mod notice;
mod page;
pub mod pages;
mod shell;
pub mod telegram;
#[cfg(test)]
mod tests;
pub mod typed;

pub use engine::{Engine, Error, Source};
pub use i18n::Locale;
pub use message::{Kind, Own, Params};
pub use page::{Binding, Page};
pub use shell::{Company, Flash, NavGroup, NavItem, Shell, Theme, User};
