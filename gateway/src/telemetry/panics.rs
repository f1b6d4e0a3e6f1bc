//! What is told of a panic: where it was, and its message if that is a literal of ours. A formatted message may hold whatever a client
//! sent, so it stays untold.

use std::cell::RefCell;
use std::panic::PanicHookInfo;

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Sends panics to the log, in place of standard error.
pub(super) fn install() {
    std::panic::set_hook(Box::new(tell));
}

/// Where this thread's last panic was, for whoever has caught it and knows whom it concerns.
pub fn panic_location() -> String {
    let location = LAST.with_borrow_mut(Option::take);
    location.unwrap_or_else(|| "unknown".to_owned())
}

fn tell(info: &PanicHookInfo<'_>) {
    let location = info
        .location()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let message = info.payload().downcast_ref::<&'static str>().copied();
    tracing::error!(
        panic.location = location,
        panic.message = message.unwrap_or("(formatted, untold)"),
        thread.name = std::thread::current().name(),
        "panic"
    );
    LAST.set(Some(location));
}
