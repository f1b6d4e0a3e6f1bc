//! The tables of `migrations/`, as diesel sees them. Always named with their schema: there is no search path to rely on.

diesel::table! {
    #[sql_name = "ChatMessage"]
    /// One row a message.
    realtime.chat_message (id) {
        /// UUID version 7.
        id -> Uuid,
        /// `<tenantId>:<min>:<max>`.
        #[sql_name = "conversationId"]
        conversation_id -> Text,
        /// Place in the conversation, from 1.
        seq -> BigInt,
        /// Null between two manage users.
        #[sql_name = "tenantId"]
        tenant_id -> Nullable<Text>,
        /// Who wrote it.
        #[sql_name = "senderId"]
        sender_id -> Text,
        /// To whom.
        #[sql_name = "recipientId"]
        recipient_id -> Text,
        /// Empty once erased.
        body -> Text,
        /// The sender's own name for it.
        #[sql_name = "clientMessageId"]
        client_message_id -> Text,
        /// UTC, milliseconds.
        #[sql_name = "createdAt"]
        created_at -> Timestamptz,
        /// When its text was erased.
        #[sql_name = "erasedAt"]
        erased_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    #[sql_name = "ChatConversation"]
    /// One row a pair of users and tenant.
    realtime.chat_conversation (id) {
        /// `<tenantId>:<userA>:<userB>`.
        id -> Text,
        /// Null between two manage users.
        #[sql_name = "tenantId"]
        tenant_id -> Nullable<Text>,
        /// The smaller id by byte order.
        #[sql_name = "userA"]
        user_a -> Text,
        /// The greater one.
        #[sql_name = "userB"]
        user_b -> Text,
        /// Number of the last message.
        #[sql_name = "lastSeq"]
        last_seq -> BigInt,
        /// When it was stored.
        #[sql_name = "lastMessageAt"]
        last_message_at -> Timestamptz,
    }
}
