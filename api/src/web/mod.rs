//! The pages. A handler parses, runs an action of the domain, presents; what surrounds a page is made in `shell`, how it is
//! answered in `respond`, who is looking in `visitor`. Every page works without script: links and GET forms read, POST forms
//! change and lead on with 303.

mod account;
mod act;
mod crud;
mod delegations;
mod dev_mail;
mod export_schedules;
mod exports;
mod flash;
mod form;
mod groups;
mod happenings;
mod home;
mod hours;
mod invitations;
mod invite;
mod jobs;
mod listed;
mod login;
mod mail;
mod messages;
mod notifications;
mod options;
mod pages;
mod paging;
mod password;
mod people;
mod platform;
mod platform_mail;
mod preferences;
mod profile;
pub(crate) mod reader;
mod reminders;
pub(crate) mod respond;
mod roles;
mod settings;
mod shell;
mod signup;
mod stream;
mod trouble;
mod unsubscribe;
pub(crate) mod visitor;
mod work;

use poem::{Endpoint, EndpointExt};

use crate::http::edge::Edge;
pub use pages::Pages;
use trouble::ErrorPages;

/// Every page, by method and path.
pub fn pages(edge: &Edge) -> Pages {
    let areas = [
        login::pages,
        password::pages,
        signup::pages,
        invite::pages,
        act::pages,
        unsubscribe::pages,
        account::pages,
        profile::pages,
        platform::pages,
        jobs::pages,
        platform_mail::pages,
        people::pages,
        invitations::pages,
        roles::pages,
        settings::pages,
        mail::pages,
        groups::pages,
        notifications::pages,
        stream::pages,
        preferences::pages,
        messages::pages,
        reminders::pages,
        exports::pages,
        export_schedules::pages,
        home::pages,
        hours::pages,
        delegations::pages,
        work::pages,
        crud::pages,
        options::pages,
    ];
    let pages = areas.into_iter().fold(Pages::default(), |pages, add| add(pages));
    if edge.dev_mail.is_some() { dev_mail::pages(pages) } else { pages }
}

/// The pages behind what protects them, to be mounted at `/`.
pub fn routes(edge: &Edge) -> impl Endpoint + use<> {
    pages(edge).into_route().with(ErrorPages)
}
