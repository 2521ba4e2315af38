//! What holds for every page, every word and every message.

mod formats;
mod html;
mod lint;
mod messages;
mod pages;
mod scan;
mod words;
