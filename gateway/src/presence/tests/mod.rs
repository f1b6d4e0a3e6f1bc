//! Presence against a real Redis: instances, tabs, and what each of them saw.
//!
//! | rule or race | test |
//! |---|---|
//! | online once, offline once after the grace | `everyday::user_is_online_once…`, `reload_within_the_grace…`; stories `presence-grace` |
//! | the end of a session knows no grace | `everyday::session_over…`, `end_of_one_session…`; stories `session-end`, `logout` |
//! | a change is told once, in one order, whoever notices it | `model`, `everyday::snapshot_and_diffs…` |
//! | cost by realm and instance, not by socket | `tests/storm/idle` |
//! | Redis restarted empty | `failure::nobody_flaps_when_redis_comes_back_empty`, `…another_instance…first`; story `redis-away` |
//! | an instance dies | `absence::users_of_a_dead_instance…`, `realm_without_a_living_follower…`; story `gateway-killed`, `tests/storm/killed` |
//! | CONNECT against the session's end | `auth::live::tests::a_session_that_goes_during_connect…` |
//! | a keyspace event missed | `auth::live::tests::events_that_went_unheard…`; story `session-end` |
//! | own timers for TTL and `cookie.expires` | `auth::live::tests::the_end_of_the_ttl…`, `the_cookies_end…`; story `session-end` |
//! | snapshot against diff | `everyday::snapshot_and_diffs…`, `window::tests::who_joined_in_between…` |
//! | first join and last leave of a realm at once | `everyday::last_one_to_leave_takes_nothing…` |
//! | SIGSTOP longer than the lease | `absence::instance_that_stood_still…`; story `gateway-frozen` |
//! | untrack while Redis is away | `failure::nobody_flaps_when_redis_comes_back_empty` (who left meanwhile) |
//! | the grace's owner dies, or drains | `absence::grace_outlives_its_owner`, `drained_instance…` |
//! | two tabs under the cap at once | `socket::users::tests::cap_holds_however_many_come_at_once` |
//! | a change of many at once | `scopes::burst_is_told…`; `tests/storm/joining` |

mod absence;
mod everyday;
mod failure;
mod feeder;
mod model;
mod registry;
mod scopes;
mod support;
