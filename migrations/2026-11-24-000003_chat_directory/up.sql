-- Whom one may write to. An operator replaces this view by one over the API's own users (deploy/postgres/directory_over_users.sql),
-- so that colleagues who never opened the chat can be found: it is created only where there is none, and no migration may ever
-- replace it.
do $$
begin
    if to_regclass('realtime."ChatDirectory"') is null then
        create view realtime."ChatDirectory" as
        select id, nullif("tenantId", '') as "tenantId", name, kind, "lastSeenAt"
        from realtime."ChatUser";

        comment on view realtime."ChatDirectory" is
            'Whom one may write to; may be replaced by an operator. Columns: id text, "tenantId" text (null for manage), name text, kind text (tenant or manage), "lastSeenAt" timestamptz.';
    end if;
end
$$;
