-- Takes one permit of a bucket, by the generic cell rate algorithm: one moment is all that is stored.
-- KEYS: the bucket. ARGV: now (empty: the store's own time), the time in which one permit comes back, and how far
-- ahead of now may be spent; all in microseconds. Returns 0, or how long until there is a permit.
local now = tonumber(ARGV[1])
-- By another clock than the store's, what is spent may last longer than it seems here.
local margin = 3600000
if not now then
  margin = 0
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local spent = math.max((tonumber(redis.call('GET', KEYS[1])) or now) - now, 0)
local after = spent + tonumber(ARGV[2])
local ahead = tonumber(ARGV[3])
if after > ahead then
  return after - ahead
end
redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000) + margin)
return 0
