//! Presence against a real Redis: instances, tabs, and what each of them saw.

mod absence;
mod everyday;
mod failure;
mod feeder;
mod model;
mod registry;
mod scopes;
mod support;
