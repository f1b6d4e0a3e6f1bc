-- `user:search` looks through names, and a part of a name has no place in an index. So it reads the users of the caller's tenant,
-- by name until the page is full, and not those of the whole platform: 100,000 users in 82 tenants, 10,000 of them in the caller's,
-- cost 1,684 blocks and 100,000 rows a search without it. As the default "ChatDirectory" spells the tenant, or it would not be used.
--
-- The table is written when somebody new is seen, or their name changes; "lastSeenAt" stays out, so that updates stay HOT.
create index "ChatUser_tenantId_name_id_idx" on realtime."ChatUser" (nullif("tenantId", ''), name, id);
