-- Keeps the answer to a claim, also where the claim was forgotten meanwhile; nothing where another owner has it.
-- KEYS: the record. ARGV: now (empty: the store's own time), the request's digest, the owner, the window, the answer;
-- times in microseconds.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local held = redis.call('HMGET', KEYS[1], 'until', 'owner')
if held[1] and tonumber(held[1]) > now and held[2] ~= ARGV[3] then
  return 0
end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[4]), 'request', ARGV[2], 'owner', ARGV[3], 'answer', ARGV[5])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[4] / 1000))
return 1
