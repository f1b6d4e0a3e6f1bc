-- What a serving instance may do: write messages, but change and delete none; keep conversations, and the people it has seen.
-- Run as realtime_owner, after the first migrate:  psql "$OWNER_URL" -v ON_ERROR_STOP=1 -f writer_role.sql
begin;
grant usage on schema realtime to realtime_writer;
revoke all on all tables in schema realtime from realtime_writer;
grant select on all tables in schema realtime to realtime_writer;
grant insert on realtime."ChatMessage" to realtime_writer;
grant insert, update on realtime."ChatConversation" to realtime_writer;
grant insert, update, delete on realtime."ChatUser" to realtime_writer;
-- Tables of later migrations, until a later version of this file says what they need.
alter default privileges in schema realtime grant select, insert, update, delete on tables to realtime_writer;
commit;
