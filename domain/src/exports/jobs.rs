//! The work behind an export.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::jobs::{Job, Lane};

/// Makes the file of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunExport {
    /// The export.
    pub export: Uuid,
}

impl Job for RunExport {
    const KIND: &'static str = "export.run";
    const QUEUE: Lane = Lane::Bulk;
    const MAX_ATTEMPTS: u16 = 4;

    fn unique_key(&self) -> Option<String> {
        Some(self.export.to_string())
    }
}

/// Removes the file of an export that has had its time. `app.tend_exports` queues it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExpireExport {
    /// The export.
    pub export: Uuid,
}

impl Job for ExpireExport {
    const KIND: &'static str = "export.expire";
    const QUEUE: Lane = Lane::Bulk;
    const MAX_ATTEMPTS: u16 = 20;

    fn unique_key(&self) -> Option<String> {
        Some(self.export.to_string())
    }
}

/// Removes a file nothing refers to any more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemoveFile {
    /// Its key in the company's store.
    pub file: Uuid,
}

impl Job for RemoveFile {
    const KIND: &'static str = "file.remove";
    const QUEUE: Lane = Lane::Bulk;
    const MAX_ATTEMPTS: u16 = 20;

    fn unique_key(&self) -> Option<String> {
        Some(self.file.to_string())
    }
}
