//! What a company owns and where it stands: assets, their types and categories, and locations, a tree whose roots are sites.

mod asset;
mod asset_type;
mod category;
mod location;
#[cfg(test)]
mod tests;

pub use asset::{Asset, AssetInput, place};
pub use asset_type::{AssetType, AssetTypeInput};
pub use category::{Category, CategoryInput};
pub use location::{Location, LocationInput};
