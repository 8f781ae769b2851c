-- Keeps a value.
-- KEYS: the value. ARGV: what is kept, for how many milliseconds, and XX where only another one is replaced. Returns
-- whether it is kept.
if ARGV[3] == 'XX' then
  return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'XX') and 1 or 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
