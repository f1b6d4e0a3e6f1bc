-- The calling instance holds these users, with these portals and this name. Says the same as often as one likes.
-- ARGV 5… four a user: id, entry {p, n}, since (ms; 0: not known), wait for what is gone (ms, see settle)
-- Returns {version, message}.

local function came(before, entry)
  local held = {}
  for _, portal in ipairs(before and before.p or {}) do
    held[portal] = true
  end
  for _, portal in ipairs(entry.p) do
    if not held[portal] then
      return true
    end
  end
  return before == nil
end

redis.call('ZADD', INSTANCES, integer(NOW + LEASE), ME)
for index = 5, #ARGV, 4 do
  local user, entry = ARGV[index], cjson.decode(ARGV[index + 1])
  local before = redis.call('HGET', MEMBERS, user)
  before = before and cjson.decode(before) or nil
  -- The newest name wins where instances disagree for a while, so a name keeps the time at which it came.
  entry.t = before and before.n == entry.n and before.t or NOW
  redis.call('HSET', MEMBERS, user, cjson.encode(entry))
  settle(user, merge(user), tonumber(ARGV[index + 3]), tonumber(ARGV[index + 2]), NOW, came(before, entry))
end
local version, message = announce()
keep()
return { version, message }
