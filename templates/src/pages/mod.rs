//! The context of every page, one file an area.

pub mod account;
pub mod act;
pub mod delegations;
pub mod dev;
pub mod editor;
pub mod export_schedules;
pub mod exports;
pub mod groups;
pub mod home;
pub mod hours;
pub mod jobs;
pub mod mail;
pub mod messages;
pub mod notifications;
pub mod parts;
pub mod people;
pub mod platform;
pub mod public;
pub mod reference;
pub mod reminders;
pub mod resource;
pub mod settings;
pub mod unsubscribe;
pub mod work;

use crate::Binding;

/// Every page, for the tests and the preview.
pub fn bindings() -> impl Iterator<Item = &'static Binding> {
    [
        account::BINDINGS,
        act::BINDINGS,
        delegations::BINDINGS,
        dev::BINDINGS,
        editor::BINDINGS,
        export_schedules::BINDINGS,
        exports::BINDINGS,
        groups::BINDINGS,
        home::BINDINGS,
        hours::BINDINGS,
        jobs::BINDINGS,
        mail::BINDINGS,
        messages::BINDINGS,
        notifications::BINDINGS,
        people::BINDINGS,
        platform::BINDINGS,
        public::BINDINGS,
        reference::BINDINGS,
        reminders::BINDINGS,
        resource::BINDINGS,
        settings::BINDINGS,
        unsubscribe::BINDINGS,
        work::BINDINGS,
    ]
    .into_iter()
    .flatten()
}
