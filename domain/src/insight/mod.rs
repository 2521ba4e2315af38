//! Figures and timelines read from what the other areas write.

mod dashboard;
mod timeline;

pub use dashboard::{Dashboard, Figures, Week};
pub use timeline::{Happening, Life, Recent, Timeline};
