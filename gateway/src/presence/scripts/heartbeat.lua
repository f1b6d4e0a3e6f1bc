-- Renews the calling instance's lease, if it still has one: it may have been reaped (a process that stood still), or Redis may
-- have lost everything. Then nothing is renewed, and the caller tracks its users again.
-- Returns {users held, -1 when there is no lease; version; ms to the next grace; ms to the next lease}.

local held = -1
if redis.call('ZSCORE', INSTANCES, ME) then
  held = redis.call('HLEN', MEMBERS)
  redis.call('ZADD', INSTANCES, integer(NOW + LEASE), ME)
  keep()
end
local grace, lease = deadlines()
return { held, redis.call('GET', LAST) or '0', grace, lease }
