-- Realms in which the calling instance holds somebody. They leave the list by expiry only, so that the last one to leave a realm
-- cannot take it from somebody who joins at that moment.
-- KEYS 1 tenants  ZSET encoded realm → deadline (ms)
-- ARGV 1  how long a realm stays without being named (ms)
--      2… encoded realms

local TIME = redis.call('TIME')
local NOW = tonumber(TIME[1]) * 1000 + math.floor(tonumber(TIME[2]) / 1000)
local STAYS = tonumber(ARGV[1])
for index = 2, #ARGV do
  redis.call('ZADD', KEYS[1], string.format('%.0f', NOW + STAYS), ARGV[index])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', NOW))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
