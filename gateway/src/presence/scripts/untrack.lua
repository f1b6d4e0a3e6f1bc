-- The calling instance holds these users no longer. An instance that holds nobody leaves the realm of itself: released, not reaped.
-- ARGV 5… two a user: id, wait until peers are told (ms, see settle)
-- Returns {version, message}.

for index = 5, #ARGV, 2 do
  redis.call('HDEL', MEMBERS, ARGV[index])
  settle(ARGV[index], merge(ARGV[index]), tonumber(ARGV[index + 1]), 0, NOW)
end
if redis.call('HLEN', MEMBERS) == 0 then
  redis.call('ZREM', INSTANCES, ME)
end
local version, message = announce()
keep()
return { version, message }
