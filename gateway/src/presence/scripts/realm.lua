-- Head of every script of a realm. A script sees and changes one realm only, by Redis' own clock, and tells what it changed in the
-- same atomic step: whoever notices a change first, it happens and is announced exactly once, in one order for everybody.
--
-- KEYS 1 online     ZSET user → since (ms)
--      2 instances  ZSET instance → lease deadline (ms); whoever stands here holds users, until it is reaped
--      3 grace      ZSET user → deadline (ms): something of the user is gone, but peers are not told yet
--      4 last       string: version of the last change, max(last + 1, clock in µs), so that it never restarts
--      5 announced  HASH user → {p, n, l}: what peers were told last; l: since when nobody holds the user
--      6 members    HASH user → {p, n, t}: whom the calling instance holds; t: since when (ms) it knows the name
-- ARGV 1 what the members hash of any instance starts with
--      2 channel of changes
--      3 calling instance
--      4 lease (ms)
-- Changes: {f, v, prev, online: [{id, p, n, s}], changed: [the same], offline: [{id, at}], reaped: [instance], due: ms}
--      f: format, v and prev: versions as text, since they outgrow what cjson writes exactly; absent lists are empty. A message
--      without v changes nothing and only tells that a grace ends in `due` ms.

local ONLINE, INSTANCES, GRACE, LAST, ANNOUNCED, MEMBERS = unpack(KEYS)
local PREFIX, CHANNEL, ME = ARGV[1], ARGV[2], ARGV[3]
local LEASE = tonumber(ARGV[4])
local TIME = redis.call('TIME')
local NOW_US = tonumber(TIME[1]) * 1000000 + tonumber(TIME[2])
local NOW = math.floor(NOW_US / 1000)

local online, changed, offline, reaped, due = {}, {}, {}, {}, nil

-- Lua's own formatting would round what has more than 14 digits.
local function integer(number)
  return string.format('%.0f', number)
end

-- Nothing of a realm outlives its last heartbeat by more than this. Longer than the lease and the time that a reap may be held
-- back after a restart, so that whoever reaps still finds whom the dead instance held.
local KEEP = integer(4 * LEASE)

-- A fact of the server, as text; nil: unknown, as to a caller without the right to ask.
local function server_fact(name)
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and info:match(name .. ':(%w+)') or nil
end

local living_cache = nil
-- Instances that hold users here, sorted, so that a tie between them is decided the same way every time.
local function living()
  if not living_cache then
    living_cache = redis.call('ZRANGE', INSTANCES, 0, -1)
    table.sort(living_cache)
  end
  return living_cache
end

local function sorted(set)
  local list = {}
  for item in pairs(set) do
    list[#list + 1] = item
  end
  table.sort(list)
  return list
end

-- What all instances hold of a user, as one entry; nil: nobody holds them. Derived anew each time: no counter that could drift.
local function merge(user)
  local portals, name, stamp = {}, nil, nil
  for _, instance in ipairs(living()) do
    local text = redis.call('HGET', PREFIX .. instance, user)
    if text then
      local entry = cjson.decode(text)
      for _, portal in ipairs(entry.p) do
        portals[portal] = true
      end
      if not stamp or entry.t > stamp then
        name, stamp = entry.n, entry.t
      end
    end
  end
  return stamp and { p = sorted(portals), n = name } or nil
end

local function wait_for(user, wait)
  -- GT: a longer grace, such as that of a drain, is not shortened by a later one.
  redis.call('ZADD', GRACE, 'GT', integer(NOW + wait), user)
  due = math.min(due or wait, wait)
end

local function nobody_holds(user, since, told, wait, left)
  if not since then
    redis.call('ZREM', GRACE, user)
    redis.call('HDEL', ANNOUNCED, user)
    return
  end
  if wait > 0 then
    wait_for(user, wait)
  elseif not redis.call('ZSCORE', GRACE, user) then
    redis.call('ZREM', ONLINE, user)
    redis.call('HDEL', ANNOUNCED, user)
    offline[#offline + 1] = { id = user, at = told and told.l or left }
    return
  end
  if told and not told.l then
    told.l = left
    redis.call('HSET', ANNOUNCED, user, cjson.encode(told))
  end
end

-- Brings what peers were told about a user in line with `state`, what the instances hold of them (see merge).
-- wait: how long peers are not told what is gone (ms); 0 or less: told at once, unless a grace of the user goes on: somebody else's
-- end, such as that of another session, does not take from it. A sweep ends a grace before it settles.
-- since: when they came, if the caller knows it (ms), else 0. left: when they were last there (ms).
-- came: the caller holds something of the user that it did not hold before.
local function settle(user, state, wait, since, left, came)
  local known = redis.call('ZSCORE', ONLINE, user)
  local text = redis.call('HGET', ANNOUNCED, user)
  local told = text and cjson.decode(text) or nil
  if not state then
    return nobody_holds(user, known, told, wait, left)
  end
  if not known then
    known = integer(since > 0 and since or NOW)
    redis.call('ZADD', ONLINE, known, user)
    redis.call('ZREM', GRACE, user)
    redis.call('HSET', ANNOUNCED, user, cjson.encode(state))
    online[#online + 1] = { id = user, p = state.p, n = state.n, s = tonumber(known) }
    return
  end
  -- A portal that is gone may be a page that reloads: it is told when the grace is over, as a user who is gone altogether.
  local held, all = {}, {}
  for _, portal in ipairs(state.p) do
    held[portal], all[portal] = true, true
  end
  local missing = false
  for _, portal in ipairs(told and told.p or {}) do
    all[portal] = true
    missing = missing or not held[portal]
  end
  if wait > 0 then
    -- Also when nothing is missing: should whoever holds the rest leave next, who went now has their grace all the same.
    wait_for(user, wait)
  elseif came and not missing then
    redis.call('ZREM', GRACE, user)
  elseif not redis.call('ZSCORE', GRACE, user) then
    all = held
  end
  local now = { p = sorted(all), n = state.n }
  local differs = not told or told.n ~= now.n or table.concat(told.p, ',') ~= table.concat(now.p, ',')
  if differs or told.l then
    redis.call('HSET', ANNOUNCED, user, cjson.encode(now))
  end
  if differs then
    changed[#changed + 1] = { id = user, p = now.p, n = now.n, s = tonumber(known) }
  end
end

-- Tells what settle and the script gathered. Returns the version and the message, '' when there was nothing to tell.
local function announce()
  local before = redis.call('GET', LAST) or '0'
  local message, news = { f = 1, due = due }, false
  for field, list in pairs({ online = online, changed = changed, offline = offline, reaped = reaped }) do
    if #list > 0 then
      message[field], news = list, true
    end
  end
  local version = before
  if news then
    version = integer(math.max(tonumber(before) + 1, NOW_US))
    message.v, message.prev = version, before
    -- SET takes a key's expiry away.
    redis.call('SET', LAST, version, 'PX', KEEP)
  end
  if not news and not due then
    return version, ''
  end
  local text = cjson.encode(message)
  redis.call('PUBLISH', CHANNEL, text)
  return version, text
end

local function keep()
  for _, key in ipairs(KEYS) do
    redis.call('PEXPIRE', key, KEEP)
  end
end

-- Milliseconds until the next grace, and until the nearest lease of another instance, is over; -1: there is none.
local function deadlines()
  local grace = redis.call('ZRANGE', GRACE, 0, 0, 'WITHSCORES')[2]
  local lease = nil
  local nearest = redis.call('ZRANGE', INSTANCES, 0, 1, 'WITHSCORES')
  for index = 1, #nearest, 2 do
    if nearest[index] ~= ME and not lease then
      lease = nearest[index + 1]
    end
  end
  local function left(deadline)
    return deadline and math.max(tonumber(deadline) - NOW, 0) or -1
  end
  return left(grace), left(lease)
end
