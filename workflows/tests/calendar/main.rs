//! Time: spans, business calendars across every kind of clock change, and the service levels counted on them.

mod arithmetic;
mod hours;
mod properties;
mod runs;
mod spans;
mod support;
mod zones;
