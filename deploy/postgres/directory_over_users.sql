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
commit;
