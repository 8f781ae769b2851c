-- Claims a piece of work that was not done before.
-- KEYS: the record. ARGV: now (empty: the store's own time), the request's digest, the owner, the lease; times in
-- microseconds. Returns 0 claimed, 1 another is at it, 2 done with this answer, 3 used for another request.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local held = redis.call('HMGET', KEYS[1], 'until', 'request', 'answer')
if held[1] and tonumber(held[1]) > now then
  if held[2] ~= ARGV[2] then
    return { 3, false }
  end
  if held[3] then
    return { 2, held[3] }
  end
  return { 1, false }
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[4]), 'request', ARGV[2], 'owner', ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[4] / 1000))
return { 0, false }
