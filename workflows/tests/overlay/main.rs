//! Patches of shipped files: applied, merged into new versions, found again; versions compared.

mod comparing;
mod found;
mod merging;
mod patching;
mod properties;
mod support;
