//! The one action behind every button.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use workflows::Input;

use super::step::{Press, press};
use super::subject::Routed;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;

/// Moves a record by a transition its definition names.
pub struct Fire<S> {
    /// The record.
    pub id: Id<S>,
    /// The transition.
    pub transition: String,
    /// What was typed.
    pub input: Input,
    /// The version the caller read; without it the newest is moved.
    pub version: Option<i32>,
}

impl<S> Clone for Fire<S> {
    fn clone(&self) -> Self {
        Self { id: self.id, transition: self.transition.clone(), input: self.input.clone(), version: self.version }
    }
}

/// What a press did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Fired {
    /// The record's state now.
    pub state: String,
    /// Its version now.
    pub version: i32,
    /// For a vote that was not the last one needed: votes so far.
    pub votes: Option<u32>,
    /// And votes needed.
    pub votes_needed: Option<u32>,
}

impl<S: Routed> Action for Fire<S> {
    const NEEDS: Permission = S::READ;
    type Out = Fired;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fired> {
        let Self { id, transition, input, version } = self;
        press(cx, Press { id, transition: &transition, input: &input, version, depth: 0 }).await
    }
}
