-- Writes one batch of messages, of any senders and conversations, in one round trip and one commit.
--
-- Right under READ COMMITTED, because each statement of a volatile function takes a snapshot of its own:
--   1. missing conversations are created, sorted, so that two batches cannot wait for each other in a circle;
--   2. all conversations are locked, in id order, for the same reason; from here on nobody else numbers messages in them;
--   3. only then, with a snapshot taken after the locks, duplicates are looked up and the rest gets the next numbers. A snapshot
--      from before the locks would miss what the previous holder committed, and two senders would get one number.
-- One transaction: a crash leaves either all of it or nothing, so no number is lost.
--
-- The caller leaves out duplicates inside one batch, so no quadratic join is needed here. A duplicate that is committed by
-- another conversation's batch meanwhile (same sender, same name, another recipient) ends in a unique violation: the
-- caller repeats the call, and then finds it.
--
-- enable_seqscan: plans are cached per connection; one made while the tables were empty would scan them for ever (17 ms a
-- message, measured). plan_cache_mode: the gateway's connections plan afresh each time, which here would cost 300 µs a call.
create function realtime.append_messages(
    ids uuid[], conversations text[], tenants text[], users_a text[], users_b text[],
    senders text[], recipients text[], bodies text[], client_ids text[], at timestamptz
)
returns table (
    ord bigint, fresh boolean, message_id uuid, message_seq bigint, message_conversation text, message_tenant text,
    message_recipient text, message_body text, message_created_at timestamptz, message_erased_at timestamptz
)
language plpgsql
set enable_seqscan = off
set plan_cache_mode = auto
as $$
begin
    insert into realtime."ChatConversation" (id, "tenantId", "userA", "userB", "lastMessageAt")
    select distinct on (x.c) x.c, x.t, x.a, x.b, at
    from unnest(conversations, tenants, users_a, users_b) as x (c, t, a, b)
    where not exists (select 1 from realtime."ChatConversation" k where k.id = x.c)
    order by x.c
    on conflict do nothing;

    perform 1 from realtime."ChatConversation" k
    where k.id = any (conversations)
    order by k.id
    for no key update;

    return query
    with given as materialized (
        select * from unnest(ids, conversations, tenants, senders, recipients, bodies, client_ids)
            with ordinality as x (id, c, t, s, r, b, m, o)
    ), old as materialized (
        select g.o, q.*
        from given g
        join realtime."ChatMessage" q on q."senderId" = g.s and q."clientMessageId" = g.m
    ), new as materialized (
        select g.*, row_number() over (partition by g.c order by g.o) as n
        from given g
        where g.o not in (select old.o from old)
    ), base as (
        update realtime."ChatConversation" k
        set "lastSeq" = k."lastSeq" + grown.n,
            -- Clocks of two gateways differ a little; the conversation's time never goes back.
            "lastMessageAt" = greatest(k."lastMessageAt", at)
        from (select new.c, count(*) as n from new group by new.c) grown
        where k.id = grown.c
        returning k.id, k."lastSeq" - grown.n as seq
    ), stored as (
        insert into realtime."ChatMessage" (
            id, "conversationId", seq, "tenantId", "senderId", "recipientId", body, "clientMessageId", "createdAt"
        )
        select new.id, new.c, base.seq + new.n, new.t, new.s, new.r, new.b, new.m, at
        from new join base on base.id = new.c
    )
    select new.o, true, new.id, base.seq + new.n, null::text, null::text, null::text, null::text,
           null::timestamptz, null::timestamptz
    from new join base on base.id = new.c
    union all
    select old.o, false, old.id, old.seq, old."conversationId", old."tenantId", old."recipientId", old.body,
           old."createdAt", old."erasedAt"
    from old;
end
$$;

comment on function realtime.append_messages is
    'Stores a batch of messages exactly once each: ord is the place in the arrays; for a message that was there already the stored row comes back.';
