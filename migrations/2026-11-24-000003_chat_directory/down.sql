-- Only the default goes: a view that an operator put here does not read "ChatUser", and is none of ours.
do $$
begin
    if exists (
        select 1 from pg_catalog.pg_depend d
        join pg_catalog.pg_rewrite r on r.oid = d.objid
        where d.classid = 'pg_catalog.pg_rewrite'::regclass
          and d.refobjid = 'realtime."ChatUser"'::regclass
          and r.ev_class = to_regclass('realtime."ChatDirectory"')
    ) then
        drop view realtime."ChatDirectory";
    end if;
end
$$;
