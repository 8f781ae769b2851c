-- What is kept under a key, or nothing.
-- KEYS: the value.
return redis.call('GET', KEYS[1])
