-- Gives a claim up, so that the next attempt does the work. KEYS: the record. ARGV: the owner.
local held = redis.call('HMGET', KEYS[1], 'owner', 'answer')
if held[1] == ARGV[1] and not held[2] then
  return redis.call('DEL', KEYS[1])
end
return 0
