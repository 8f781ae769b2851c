-- Forgets what is kept.
-- KEYS: the value.
redis.call('DEL', KEYS[1])
