-- A platform that has been in use for some months: 100,000 users, 50,000 conversations, 1,000,000 messages.
--   * two tenants of 10,000 users, acme and globex, that gave out the same ids; 80 others of 1,000;
--   * u25000 has 5,000 conversations in each of the two, and so has s-mo of the staff, over both;
--   * four conversations hold 50,016 messages, the others 16;
--   * u22500 has left: a conversation is there, and no row of the directory.
-- What is in one conversation lies scattered over the table, as it does when everybody writes at once.

insert into realtime."ChatUser" (id, "tenantId", name, kind, "lastSeenAt")
select case when i < 30000 then 'u' else 'x' end || lpad(i::text, 5, '0'), t,
       (array['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay', 'Gus', 'Hal', 'Ida', 'Jon'])[1 + i % 10] || ' ' || md5(t || i),
       'tenant', timestamptz '2026-10-01Z' + i * interval '1 second'
from (
    select i, t from unnest(array['acme', 'globex']) t, generate_series(20000, 29999) i where i <> 22500
    union all
    select i, t from unnest(array['acme', 'globex']) t, generate_series(0, 9) i
    union all
    select i, 'tenant-' || i % 80 from generate_series(30000, 109979) i
) users;

insert into realtime."ChatUser" values ('s-mo', '', 'Mo of the staff', 'manage', '2026-10-01Z');

insert into realtime."ChatConversation" (
    id, "tenantId", "userA", "userB", "lastSeq", "lastMessageAt", "readSeqA", "readSeqB", "deliveredSeqA", "deliveredSeqB"
)
select t || ':' || a || ':' || b, t, a, b, size,
       timestamptz '2026-10-01Z' + (hashtext(a || b || t) & 65535) * interval '1 minute',
       -- A tenth was never looked at; of the others three messages wait.
       case when hashtext(a || b) % 10 = 0 and size = 16 then 0 else size - 3 end, size - 3, size, size
from (
    select t, a, b,
           case when t || a || b in ('acmeu25000u25001', 'globexu25000u25001', 'acmes-mou00000', 'acmeu00000u20000')
                then 50016 else 16 end as size
    from unnest(array['acme', 'globex']) t,
         lateral (
             select 'u25000' as x, 'u' || lpad(i::text, 5, '0') as y from generate_series(22500, 27500) i where i <> 25000
             union all
             select 's-mo', 'u' || lpad(i::text, 5, '0') from generate_series(0, 2499) i
             union all
             select 'u' || lpad(i::text, 5, '0'), 'u' || lpad((i + 20000)::text, 5, '0') from generate_series(0, 17499) i
         ) pair,
         lateral (select least(x, y) as a, greatest(x, y) as b) ordered
) pairs;

insert into realtime."ChatMessage" (
    id, "conversationId", seq, "tenantId", "senderId", "recipientId", body, "clientMessageId", "createdAt"
)
select gen_random_uuid(), k.id, n, k."tenantId",
       case n % 2 when 0 then k."userA" else k."userB" end, case n % 2 when 0 then k."userB" else k."userA" end,
       repeat('word ', (5 + n % 20)::int), k.id || ':' || n,
       k."lastMessageAt" - (k."lastSeq" - n) * (interval '200 days' / k."lastSeq")
from realtime."ChatConversation" k, generate_series(1, k."lastSeq") n
order by n::float / k."lastSeq", k.id;
