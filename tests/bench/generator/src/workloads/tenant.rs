//! A tenant whose members are all there and know of each other.

use std::rc::Rc;
use std::time::Duration;

use super::WorkloadError;
use crate::crowd::{Audience, Crowd, Pace};
use crate::target::Target;
use crate::users::User;
use crate::views::Views;

/// Whoever does not know by then will not be told any more.
pub(super) const CONSISTENT_WITHIN: Duration = Duration::from_mins(1);
const AT_THE_DOOR: usize = 32;

pub(super) struct Tenant {
    pub(super) crowd: Crowd,
    pub(super) views: Rc<Views>,
}

impl Tenant {
    /// Lets the members in and waits until each knows of all. Others will come: there are `users` in all.
    pub(super) async fn gather(target: &Target, members: &[User], users: usize) -> Result<Self, WorkloadError> {
        let views = Rc::new(Views::new(members.len(), users));
        let audience: Rc<dyn Audience> = Rc::clone(&views) as _;
        let crowd = Crowd::enter(target, members, Pace::AtTheDoor(AT_THE_DOOR), audience).await?;
        let all = 0..members.len();
        let know = |views: &Views| views.ignorant_of(all.clone()) == 0;
        match views.until(CONSISTENT_WITHIN, know).await {
            Some(_) => Ok(Self { crowd, views }),
            None => Err(WorkloadError::NeverConsistent(views.ignorant_of(all))),
        }
    }
}
