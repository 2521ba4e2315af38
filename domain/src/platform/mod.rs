//! What operators do beside looking after companies: they watch the queue, find out why work failed, and have it done again or not.
//! They see how much there is and why it failed, but nothing a company wrote: see [`veil`].

pub mod board;
pub mod jobs;
#[cfg(test)]
mod tests;
pub mod veil;
