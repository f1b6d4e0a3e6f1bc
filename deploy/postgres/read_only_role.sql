-- A role for those who read the chat tables without Prisma (reports, support tools, the API itself).
-- Run by an owner of the schema, after `realtime-gateway migrate`:  psql "$DATABASE_URL" -f read_only_role.sql
-- Then:  grant realtime_reader to <login role>;
do $$
begin
    if not exists (select 1 from pg_catalog.pg_roles where rolname = 'realtime_reader') then
        create role realtime_reader nologin;
    end if;
end
$$;

grant usage on schema realtime to realtime_reader;
grant select on all tables in schema realtime to realtime_reader;
-- Tables of later migrations too (those created by the role that runs this file).
alter default privileges in schema realtime grant select on tables to realtime_reader;
