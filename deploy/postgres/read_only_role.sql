-- A role for those who read the chat tables without Prisma (reports, support tools, the API itself).
-- Run as the tables' owner (realtime_owner, where roles.sql made realtime_reader) or as a superuser, after `realtime-gateway migrate`:
--   psql "$OWNER_URL" -v ON_ERROR_STOP=1 -f read_only_role.sql
-- Then:  grant realtime_reader to <login role>;
do $$
begin
    if not exists (select 1 from pg_catalog.pg_roles where rolname = 'realtime_reader') then
        create role realtime_reader nologin;
    end if;
end
$$;

grant usage on schema realtime to realtime_reader;
do $$
declare
    relation regclass;
    owner text;
begin
    -- Not `all tables`: a directory over the API's own users is another's, who has granted it (directory_over_users.sql).
    for relation in
        select oid from pg_catalog.pg_class
        where relnamespace = 'realtime'::regnamespace and relkind in ('r', 'p', 'v', 'm') and pg_has_role(relowner, 'usage')
    loop
        execute format('grant select on %s to realtime_reader', relation);
    end loop;
    -- Tables of later migrations too. Default privileges count for what one role creates: that has to be the owner, whoever runs this file.
    select pg_get_userbyid(nspowner) into strict owner from pg_catalog.pg_namespace where nspname = 'realtime';
    execute format('alter default privileges for role %I in schema realtime grant select on tables to realtime_reader', owner);
end
$$;
