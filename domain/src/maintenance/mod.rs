//! Keeping things running. Work orders are the exemplar of an aggregate whose life a workflow file routes.

pub mod work_order;
