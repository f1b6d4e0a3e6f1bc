//! The same events for TypeScript: `typescript/index.d.ts` is written from the Rust types, and this test tells when it no
//! longer says the same.

use std::fmt::Write as _;
use std::path::Path;

use ts_rs::{Config, TS};

use super::names::{from_client, to_client};
use super::*;

const REGENERATE: &str = "REGENERATE_TYPESCRIPT=1 cargo test -p shared-protocol typescript";

/// Writes declarations in the order in which they are asked for.
struct Declarations {
    config: Config,
    text: String,
}

impl Declarations {
    fn new() -> Self {
        let text = format!("// Written from the Rust types; do not edit. After a change there: {REGENERATE}\n\n");
        Self {
            // No number here comes near 2^53.
            config: Config::new().with_large_int("number"),
            text,
        }
    }

    fn declare<T: TS>(&mut self) -> &mut Self {
        if let Some(docs) = T::docs() {
            self.text.push_str(&docs);
        }
        let _ = writeln!(self.text, "export {}\n", T::decl(&self.config));
        self
    }

    /// The interface of one direction, in the form that `Socket<…, …>` of socket.io-client takes.
    fn events(&mut self, name: &str, events: &[String]) -> &mut Self {
        let _ = writeln!(self.text, "export interface {name} {{\n{}\n}}\n", events.join("\n"));
        self
    }

    /// An event that a client sends and that is answered.
    fn asked<Request: TS, Answer: TS>(&self, name: &str) -> String {
        let (request, answer) = (Request::name(&self.config), Answer::name(&self.config));
        format!("  \"{name}\": (payload: {request}, reply: (reply: Reply<{answer}>) => void) => void;")
    }

    /// An event that may as well go without an ack.
    fn said<Request: TS, Answer: TS>(&self, name: &str) -> String {
        self.asked::<Request, Answer>(name).replace("reply: (", "reply?: (")
    }

    fn told<Payload: TS>(&self, name: &str) -> String {
        format!("  \"{name}\": (payload: {}) => void;", Payload::name(&self.config))
    }
}

fn shapes(declarations: &mut Declarations) {
    declarations
        .declare::<Timestamp>()
        .declare::<UserId>()
        .declare::<TenantId>()
        .declare::<ConversationId>()
        .declare::<ClientMessageId>()
        .declare::<Kind>()
        .declare::<Portal>()
        .declare::<ErrorCode>()
        .declare::<AckError>()
        .declare::<Reply<ts_rs::Dummy>>()
        .declare::<Nothing>()
        .declare::<User>()
        .declare::<OnlineUser>()
        .declare::<OfflineUser>()
        .declare::<Message>()
        .declare::<Conversation>()
        .declare::<ReadMarks>()
        .declare::<TenantOnline>();
}

fn payloads(declarations: &mut Declarations) {
    declarations
        .declare::<SendRequest<'static>>()
        .declare::<HistoryRequest>()
        .declare::<HistoryPage>()
        .declare::<MarkRequest>()
        .declare::<ReadAnswer>()
        .declare::<DeliveredAnswer>()
        .declare::<ConversationListRequest>()
        .declare::<ConversationListPage>()
        .declare::<SyncOthers>()
        .declare::<SyncRequest>()
        .declare::<SyncPage>()
        .declare::<TypingRequest>()
        .declare::<PresenceListRequest>()
        .declare::<PresenceListPage>()
        .declare::<PresenceTenantsRequest>()
        .declare::<PresenceTenantsPage>()
        .declare::<PresenceWatchRequest>()
        .declare::<PresenceWatched>()
        .declare::<UserSearchRequest>()
        .declare::<UsersFound>()
        .declare::<PresenceModeKind>()
        .declare::<PresenceMode>()
        .declare::<LimitsInfo>()
        .declare::<SessionReady>()
        .declare::<SessionEndReason>()
        .declare::<SessionExpired>()
        .declare::<PresenceSnapshot>()
        .declare::<PresenceDiff>()
        .declare::<PresenceCount>()
        .declare::<MarkMoved>()
        .declare::<TypingNotice>()
        .declare::<ServerDraining>();
}

fn events(declarations: &mut Declarations) {
    let d = &*declarations;
    let from_client = [
        d.asked::<SendRequest<'static>, Message>(from_client::MESSAGE_SEND),
        d.asked::<HistoryRequest, HistoryPage>(from_client::MESSAGE_HISTORY),
        d.asked::<MarkRequest, ReadAnswer>(from_client::MESSAGE_READ),
        d.said::<MarkRequest, DeliveredAnswer>(from_client::MESSAGE_DELIVERED),
        d.asked::<ConversationListRequest, ConversationListPage>(from_client::CONVERSATION_LIST),
        d.asked::<SyncRequest, SyncPage>(from_client::SYNC),
        d.said::<TypingRequest, Nothing>(from_client::TYPING),
        d.asked::<PresenceListRequest, PresenceListPage>(from_client::PRESENCE_LIST),
        d.asked::<PresenceTenantsRequest, PresenceTenantsPage>(from_client::PRESENCE_TENANTS),
        d.asked::<PresenceWatchRequest, PresenceWatched>(from_client::PRESENCE_WATCH),
        d.asked::<UserSearchRequest, UsersFound>(from_client::USER_SEARCH),
    ];
    let to_client = [
        d.told::<SessionReady>(to_client::SESSION_READY),
        d.told::<SessionExpired>(to_client::SESSION_EXPIRED),
        d.told::<PresenceSnapshot>(to_client::PRESENCE_SNAPSHOT),
        d.told::<PresenceDiff>(to_client::PRESENCE_DIFF),
        d.told::<PresenceCount>(to_client::PRESENCE_COUNT),
        d.told::<PresenceMode>(to_client::PRESENCE_MODE),
        d.told::<Message>(to_client::MESSAGE_NEW),
        d.told::<MarkMoved>(to_client::MESSAGE_DELIVERED),
        d.told::<MarkMoved>(to_client::MESSAGE_READ),
        d.told::<TypingNotice>(to_client::TYPING),
        d.told::<Nothing>(to_client::SYNC_REQUIRED),
        d.told::<ServerDraining>(to_client::SERVER_DRAINING),
    ];
    declarations
        .events("ClientToServerEvents", &from_client)
        .events("ServerToClientEvents", &to_client);
}

fn limits(declarations: &mut Declarations) {
    let limits = [
        ("replyBytesMax", limits::REPLY_BYTES_MAX),
        ("historyMax", limits::HISTORY_MAX as usize),
        ("historyDefault", limits::HISTORY_DEFAULT as usize),
        ("conversationsMax", limits::CONVERSATIONS_MAX as usize),
        ("conversationsDefault", limits::CONVERSATIONS_DEFAULT as usize),
        ("syncMax", limits::SYNC_MAX as usize),
        ("syncDefault", limits::SYNC_DEFAULT as usize),
        ("syncSinceMax", limits::SYNC_SINCE_MAX),
        ("presenceListMax", limits::PRESENCE_LIST_MAX as usize),
        ("presenceListDefault", limits::PRESENCE_LIST_DEFAULT as usize),
        ("searchMax", limits::SEARCH_MAX as usize),
        ("searchDefault", limits::SEARCH_DEFAULT as usize),
        ("watchMax", limits::WATCH_MAX),
        ("nameCharsMax", limits::NAME_CHARS_MAX),
    ];
    declarations
        .text
        .push_str("/** Bounds of the contract, as literal types: `const limit: Limits[\"historyMax\"] = 200`. */\n");
    let fields = limits.map(|(name, value)| format!("  readonly {name}: {value};"));
    declarations.events("Limits", &fields);
}

#[test]
fn the_typescript_package_says_what_the_rust_types_say() {
    let mut declarations = Declarations::new();
    shapes(&mut declarations);
    payloads(&mut declarations);
    events(&mut declarations);
    limits(&mut declarations);
    let written = declarations.text.trim_end().to_owned() + "\n";

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("typescript/index.d.ts");
    if std::env::var_os("REGENERATE_TYPESCRIPT").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let line = written
        .lines()
        .zip(committed.lines().chain(std::iter::repeat("")))
        .position(|(written, committed)| written != committed);
    assert!(
        written == committed,
        "typescript/index.d.ts differs from the Rust types, first in line {:?}. Write it anew with: {REGENERATE}",
        line.map(|line| line + 1)
    );
}
