//! What is bought, and from whom. Vendors are the exemplar of a catalogue table: one declaration, four checked statements.

#[cfg(test)]
mod tests;
mod vendor;

pub use vendor::{Vendor, VendorInput};
