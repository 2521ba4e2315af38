//! The pages over a real database, as a browser without script uses them; one file per family of addresses.

mod access;
mod account;
mod act;
mod browser;
mod dev_mail;
mod errors;
mod exports;
mod groups;
mod home;
mod hours;
mod html;
mod jobs;
mod lists;
mod login;
mod mail;
mod messages;
mod notifications;
mod people;
mod platform;
mod records;
mod signup;
mod stream;
mod unsubscribe;
mod walls;
mod work_orders;
mod workflows;
