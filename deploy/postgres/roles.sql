-- The roles of the schema `realtime`. Run once, before the first migrate, by somebody who may create roles:
--   psql "$ADMIN_URL" -v ON_ERROR_STOP=1 -f roles.sql
-- realtime_owner owns the tables: `realtime-gateway migrate`, `erase-user` and `prune` log in as it.  \password realtime_owner
-- realtime_writer is what serving instances may do, see writer_role.sql. Each login of theirs is a member, so that a password is
-- changed without a gap:  create role gateway login password '…' in role realtime_writer
-- realtime_reader may nothing until read_only_role.sql says so.
do $$
begin
    if not exists (select 1 from pg_catalog.pg_roles where rolname = 'realtime_owner') then
        create role realtime_owner login;
    end if;
    if not exists (select 1 from pg_catalog.pg_roles where rolname = 'realtime_writer') then
        create role realtime_writer nologin;
    end if;
    if not exists (select 1 from pg_catalog.pg_roles where rolname = 'realtime_reader') then
        create role realtime_reader nologin;
    end if;
    -- The first migration says `create schema if not exists`, which asks for this right even where the schema is there.
    execute format('grant connect, create on database %I to realtime_owner', current_database());
end
$$;

create schema if not exists realtime authorization realtime_owner;
