-- One socket of a user less; 1 when it was the last one. In one step, or a user who returns meanwhile would be lost.
-- KEYS: sockets of each user, users online. ARGV: the user.
if redis.call("HINCRBY", KEYS[1], ARGV[1], -1) > 0 then
  return 0
end
redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("HDEL", KEYS[2], ARGV[1])
return 1
