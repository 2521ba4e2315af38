//! What holds across areas: one company never reaches another, the catalogue keeps its rules, the house its shape.

mod catalogue;
mod house;
mod sites;
mod strangers;
mod tenancy;
