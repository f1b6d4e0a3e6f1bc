-- Who is online, as peers were told, at a version: what a follower starts from.
-- Returns {version; ms to the next grace; ms to the next lease; [user, since (ms), entry {p, n}, …]; run id of
-- Redis, '' when it is not told: the memory of another run may not have what this one has, whatever its version}.

local users = redis.call('ZRANGE', ONLINE, 0, -1, 'WITHSCORES')
local entries = {}
for index = 1, #users, 2 do
  local entry = redis.call('HGET', ANNOUNCED, users[index])
  entries[#entries + 1] = users[index]
  entries[#entries + 1] = users[index + 1]
  entries[#entries + 1] = entry or cjson.encode(merge(users[index]) or {})
end
local grace, lease = deadlines()
return { redis.call('GET', LAST) or '0', grace, lease, entries, server_fact('run_id') or '' }
