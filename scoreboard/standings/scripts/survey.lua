-- What stands in Redis of a board, whether or not it can be trusted.
-- Returns {'ok', live epoch, building epoch, run id stored, users counted, size of order and
-- suspended, size of
-- users} or {'moved', …}; -1 users counted where the count is missing.
local elsewhere = moved()
if elsewhere then return elsewhere end

local count = tonumber(redis.call('HGET', meta, 'count:' .. live) or '-1')
local suspended = tonumber(redis.call('HGET', meta, 'suspended:' .. live) or '0')
local run_id = redis.call('HGET', meta, 'run_id') or ''
return {'ok', live, building, run_id, count, redis.call('ZCARD', KEYS[2]) + suspended, redis.call('HLEN', KEYS[3])}
