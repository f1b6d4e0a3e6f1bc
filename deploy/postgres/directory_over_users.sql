-- Example: the directory over the API's own users, so that colleagues who never opened the chat can be written to.
-- Adapt table, columns and roles. The gateway reads exactly these five columns, by id; "id" must be indexed as written here (for a
-- numeric key: `u.id::text`, with an index on that expression). `migrate` never touches a view that is here.
begin;
drop view realtime."ChatDirectory";
create view realtime."ChatDirectory" as
select u.id::text                                             as id,
       case when u.role = 'manage' then null else u."tenantId"::text end as "tenantId",
       u.name::text                                           as name,
       case when u.role = 'manage' then 'manage' else 'tenant' end       as kind,
       seen."lastSeenAt"                                      as "lastSeenAt"
from public."User" u
left join realtime."ChatUser" seen
       on seen.id = u.id::text
      and seen."tenantId" = case when u.role = 'manage' then '' else u."tenantId"::text end;
-- A new view has no grants; those who read the one before it read this one. It asks "User" with its owner's rights, so they need none there.
do $$
declare reader text;
begin
    foreach reader in array array['realtime_writer', 'realtime_reader'] loop
        if to_regrole(reader) is not null then
            execute format('grant select on realtime."ChatDirectory" to %I', reader);
        end if;
    end loop;
end
$$;
commit;
