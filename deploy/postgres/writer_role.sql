-- What a serving instance may do: write messages, but change and delete none; keep conversations, and the people it has seen.
-- Run as realtime_owner, after the first migrate:  psql "$OWNER_URL" -v ON_ERROR_STOP=1 -f writer_role.sql
begin;
grant usage on schema realtime to realtime_writer;
-- Not `all tables`: a directory over the API's own users is another's, who has granted it (directory_over_users.sql).
do $$
declare relation regclass;
begin
    for relation in
        select oid from pg_catalog.pg_class
        where relnamespace = 'realtime'::regnamespace and relkind in ('r', 'p', 'v', 'm') and pg_has_role(relowner, 'usage')
    loop
        execute format('revoke all on %s from realtime_writer', relation);
        execute format('grant select on %s to realtime_writer', relation);
    end loop;
end
$$;
grant insert on realtime."ChatMessage" to realtime_writer;
grant insert, update on realtime."ChatConversation" to realtime_writer;
grant insert, update, delete on realtime."ChatUser" to realtime_writer;
-- Tables of later migrations, until a later version of this file says what they need.
alter default privileges in schema realtime grant select, insert, update, delete on tables to realtime_writer;
commit;
