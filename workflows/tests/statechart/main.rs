//! What every statechart engine is asked: which transition is selected, what stays and what ends, what is sent later; and what conditions mean.
//!
//! The charts are the files in `charts`; each carries its own tests. What a file cannot say about itself is asked here.

mod cel;
mod charts;
mod support;
