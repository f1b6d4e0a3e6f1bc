-- What an operator may do: the gateway's directory over the API's own users, so that colleagues who have never opened the
-- chat can be found and written to.
CREATE OR REPLACE VIEW realtime."ChatDirectory" AS
SELECT
  u.id COLLATE "C" AS "id",
  CASE WHEN u.role = 'manage' THEN NULL ELSE u."tenantId" END COLLATE "C" AS "tenantId",
  u.name AS "name",
  CASE WHEN u.role = 'manage' THEN 'manage' ELSE 'tenant' END AS "kind",
  seen."lastSeenAt" AS "lastSeenAt"
FROM public."User" u
LEFT JOIN realtime."ChatUser" seen
  ON seen.id = u.id AND seen."tenantId" = CASE WHEN u.role = 'manage' THEN '' ELSE u."tenantId" END
WHERE u.role = 'manage' OR u."tenantId" IS NOT NULL;
