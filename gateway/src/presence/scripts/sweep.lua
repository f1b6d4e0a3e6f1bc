-- Tells what waited long enough, and reaps instances whose lease ran out. Any instance may call it at any time: what was swept
-- once is not there for the next one, so nothing is told twice.
-- ARGV 5  '1': reap; '0': only graces
-- Returns {version; message; 1 when work is left; ms to the next grace; ms to the next lease}.

-- Bounds the time for which Redis serves nobody else.
local budget = 1000

local function restarted_lately()
  -- Whoever lives needs a moment to find a restarted Redis and to renew the lease that it read back from disk.
  local uptime = server_fact('uptime_in_seconds')
  return uptime and tonumber(uptime) * 1000 < LEASE
end

-- Takes a dead instance's users from it; true when none is left. Who came back elsewhere, or waits in a grace, is not told.
local function empty(instance, left)
  local key = PREFIX .. instance
  local users = redis.call('HKEYS', key)
  if #users == 0 then
    -- Its hash is gone already, so nobody knows whom it held: everybody is looked at.
    users = redis.call('ZRANGE', ONLINE, 0, -1)
    redis.call('ZREM', INSTANCES, instance)
    living_cache = nil
    budget = math.max(budget, #users)
  end
  for _, user in ipairs(users) do
    if budget == 0 then
      return false
    end
    budget = budget - 1
    redis.call('HDEL', key, user)
    settle(user, merge(user), -1, 0, left)
  end
  return true
end

local dead = {}
if ARGV[5] == '1' then
  dead = redis.call('ZRANGEBYSCORE', INSTANCES, '-inf', integer(NOW), 'WITHSCORES')
  if #dead > 0 and restarted_lately() then
    dead = {}
  end
end
for index = 1, #dead, 2 do
  local instance, deadline = dead[index], tonumber(dead[index + 1])
  -- The entry goes last: should this script be the last thing that its caller does, the next one goes on where it ended.
  if instance ~= ME and empty(instance, deadline - LEASE) then
    redis.call('ZREM', INSTANCES, instance)
    redis.call('DEL', PREFIX .. instance)
    living_cache = nil
    reaped[#reaped + 1] = instance
  end
end

for _, user in ipairs(redis.call('ZRANGEBYSCORE', GRACE, '-inf', integer(NOW), 'LIMIT', 0, budget)) do
  budget = budget - 1
  redis.call('ZREM', GRACE, user)
  settle(user, merge(user), 0, 0, NOW)
end
local version, message = announce()
if message ~= '' then
  keep()
end
local grace, lease = deadlines()
return { version, message, budget == 0 and 1 or 0, grace, lease }
